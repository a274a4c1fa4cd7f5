"""What is logged inside a run is kept and searched; the canaries are found in every form."""

import pytest
import structlog

from pointsman.sim.cards import CARDS
from pointsman.sim.terminal_options import TEST_TMK
from pointsman.sim.world.sinks import captured, hits

CARD = CARDS["visa"]


def test_log_lines_are_kept_and_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    with captured() as lines:
        structlog.get_logger().info("said", stan="000001")
    assert lines == ["[('event', 'said'), ('stan', '000001')]"]
    assert capsys.readouterr() == ("", "")
    assert structlog.get_config() == before


@pytest.mark.parametrize(
    "secret",
    [CARD.pan, CARD.track2, CARD.pan.encode().hex(), TEST_TMK.hex(), TEST_TMK.hex().upper()],
    ids=("number", "track", "number in hexadecimal", "key", "key in capitals"),
)
def test_each_text_with_a_canary_in_any_form_is_a_hit(secret: str) -> None:
    assert hits(["clean", f"before {secret} after", CARD.masked]) == 1
