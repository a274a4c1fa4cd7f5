"""A wall clock is believed after it has run beside the monotonic clock for a minute."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.switch.clockwatch import STEADY_S, ClockWatch

YEAR_S = 365 * 86_400.0


def test_a_clock_is_not_believed_before_it_was_watched() -> None:
    watch = ClockWatch()
    assert not watch.is_steady
    watch.look(1000.0, 5.0)
    assert not watch.is_steady
    watch.look(1000.0 + STEADY_S, 5.0 + STEADY_S)
    assert watch.is_steady


def test_a_jump_is_told_once_and_the_minute_begins_anew() -> None:
    watch = ClockWatch()
    watch.look(1000.0, 0.0)
    assert watch.look(1060.0, 60.0) == 0.0
    assert watch.look(1065.0 + YEAR_S, 65.0) == YEAR_S
    assert not watch.is_steady
    assert watch.look(1070.0 + YEAR_S, 70.0) == 0.0
    assert watch.look(1075.0, 75.0) == -YEAR_S
    watch.look(1140.0, 140.0)
    assert watch.is_steady


@given(st.lists(st.floats(-1.0, 1.0), max_size=30))
def test_a_clock_that_is_slewed_stays_steady(drifts: list[float]) -> None:
    watch, wall, now = ClockWatch(), 1e9, 0.0
    watch.look(wall, now)
    for drift in [0.0] * 13 + drifts:
        now, wall = now + 5.0, wall + 5.0 + drift
        assert watch.look(wall, now) == 0.0
    assert watch.is_steady
