"""The stream's route: bounded in time and in number; its page filters by acquirers in reach."""

from pointsman.console.api_stream import STREAM_S_MAX
from pointsman.console.frame import STREAM_S_MAX as GIVEN_UP_S
from pointsman.console.rights import Role
from tests.console.browser import OTHER_MID, furnished, person


def test_the_stream_ends_itself_before_it_is_given_up() -> None:
    assert STREAM_S_MAX < GIVEN_UP_S


async def test_the_page_offers_the_acquirers_in_reach(database: str) -> None:
    office = await furnished(database)
    routed = '<option value="alpha">alpha</option>'
    for role in (Role.OPERATOR, Role.MERCHANT_OWNER):
        assert routed in (await (await person(office, role)).get("/live")).text
    stranger = await person(office, Role.MERCHANT_OWNER, OTHER_MID)
    assert routed not in (await stranger.get("/live")).text
