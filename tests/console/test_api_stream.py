"""The stream's route: bounded in time and in number."""

from pointsman.console.api_stream import STREAM_S_MAX
from pointsman.console.frame import STREAM_S_MAX as GIVEN_UP_S


def test_the_stream_ends_itself_before_it_is_given_up() -> None:
    assert STREAM_S_MAX < GIVEN_UP_S
