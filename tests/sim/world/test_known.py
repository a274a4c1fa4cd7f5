"""How a payment that is not over is named, and that refusals are among the rare events."""

from dataclasses import replace

import pytest

from pointsman.sim.world.campaign import STATES
from pointsman.sim.world.known import RARE, REFUSALS, Known, open_state

SENDING = Known("one", ("m", "t", "b", "s"), "sale", "sending", "none", 1, 0.0)


@pytest.mark.parametrize(
    ("state", "undo", "named"),
    [
        ("sending", "none", "sending"),
        ("sending", "owed", "sending, reversal waits"),
        ("unknown", "owed", "unknown, reversal owed"),
        ("approved", "owed", "approved, reversal owed"),
        ("approved", "parked", "approved, reversal parked"),
        ("unknown", "none", "advice owed"),
        ("approved", "none", "settled"),
        ("unknown", "done", "settled"),
        ("declined", "closed", "settled"),
    ],
)
def test_what_is_still_to_come_has_a_name(state: str, undo: str, named: str) -> None:
    assert open_state(replace(SENDING, state=state, undo=undo)) == named


def test_every_refusal_and_no_event_twice_is_rare() -> None:
    assert set(REFUSALS.values()) <= set(RARE)
    assert len(set(RARE)) == len(RARE)
    assert "settled" not in STATES
