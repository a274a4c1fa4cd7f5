"""Every event of a session is taken in every phase, and what comes back is of the vocabulary."""

from typing import get_args

import pytest

from pointsman.switch.session import Phase, Session
from pointsman.switch.sessionwords import Command, Event, Network, Opened, Probe, SignOff, Tick

TIME7 = "0315021530"
EVENTS: tuple[Event, ...] = (
    Opened(),
    Network("0800", {7: TIME7, 11: "000001", 70: "301"}),
    Network("0800", {}),
    Network("0810", {}),
    Tick(),
    Probe(),
    SignOff(),
)


def test_every_kind_of_event_is_tried_here() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_taken_in_every_phase(phase: Phase, event: Event) -> None:
    session = Session(1, echo_s=60.0, phase=phase)
    for moment in (0.0, 100.0):
        commands = session.handle(event, moment, TIME7)
        assert {type(command) for command in commands} <= set(get_args(Command))
