"""A wall clock that jumped is not believed, whether it comes back or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.switch.clockwatch import STEADY_S, ClockWatch

HOUR_S, DAY_S, YEAR_S = 3_600.0, 86_400.0, 365 * 86_400.0
WALL = 1_795_000_000.0


def test_a_clock_is_not_believed_before_it_was_watched() -> None:
    watch, steady = ClockWatch(), []
    for passed in (0.0, STEADY_S / 2, STEADY_S):
        steady.append(watch.is_steady)
        watch.look(1000.0 + passed, 5.0 + passed)
    assert [*steady, watch.is_steady] == [False, False, False, True]
    assert watch.believed == 1000.0 + STEADY_S


@pytest.mark.parametrize("jump", [90.0, HOUR_S, DAY_S, YEAR_S, -90.0, -DAY_S])
def test_a_jump_that_stays_moves_nothing(jump: float) -> None:
    watch = ClockWatch()
    watch.look(WALL, 0.0)
    assert watch.look(WALL + 60, 60.0) == 0.0
    assert watch.look(WALL + 65 + jump, 65.0) == jump
    for passed in range(70, 7_200, 5):
        assert watch.look(WALL + passed + jump, float(passed)) == 0.0
        assert (watch.believed, watch.offset_s) == (WALL + passed, jump)


def test_a_jump_is_told_when_it_comes_and_when_it_goes() -> None:
    watch = ClockWatch()
    watch.look(WALL, 0.0)
    watch.look(WALL + 60, 60.0)
    assert watch.look(WALL + 65 + YEAR_S, 65.0) == YEAR_S
    assert watch.look(WALL + 70, 70.0) == -YEAR_S
    assert (watch.offset_s, watch.believed) == (0.0, WALL + 70)


@pytest.mark.parametrize("jump", [HOUR_S, DAY_S, -YEAR_S])
def test_p23_a_clock_that_was_wrong_when_the_watch_began_is_not_believed_once_it_is_put_right(
    jump: float,
) -> None:
    watch = ClockWatch()
    watch.look(WALL + jump, 0.0)
    assert watch.look(WALL + 5, 5.0) == -jump
    assert (watch.believed, watch.offset_s) == (WALL + 5, 0.0)
    watch.look(WALL + 60, 60.0)
    assert not watch.is_steady
    watch.look(WALL + 65, 65.0)
    assert watch.is_steady


@given(st.lists(st.floats(-1.0, 1.0), max_size=30))
def test_a_clock_that_is_slewed_is_followed(drifts: list[float]) -> None:
    watch, wall, now = ClockWatch(), WALL, 0.0
    watch.look(wall, now)
    for drift in [0.0] * 13 + drifts:
        now, wall = now + 5.0, wall + 5.0 + drift
        assert watch.look(wall, now) == 0.0
        assert watch.believed == pytest.approx(wall)
    assert watch.is_steady


@given(
    st.lists(st.floats(-YEAR_S, YEAR_S).filter(lambda jump: abs(jump) > 61.0), max_size=20),
)
def test_no_jumps_hasten_or_delay_what_is_believed(jumps: list[float]) -> None:
    watch, now = ClockWatch(), STEADY_S
    watch.look(WALL, 0.0)
    watch.look(WALL + now, now)
    for jump in jumps:
        now += 5.0
        watch.look(WALL + now + jump, now)
        assert watch.believed == pytest.approx(WALL + now, abs=1e-3)
