"""When a worker rests: only while busy, until moments that all its readers share."""

import pytest
import trio
from trio.testing import MockClock

from pointsman.switch.gathering import BUSY_FRAMES, GATHER_S, WINDOW_S, Gathering


async def made_busy(gathering: Gathering) -> None:
    """Count a full window, then one frame that opens the next."""
    gathering.note(BUSY_FRAMES)
    await trio.sleep(WINDOW_S)
    gathering.note(1)


async def rested_s(gathering: Gathering) -> float:
    began = trio.current_time()
    await gathering.rest()
    return trio.current_time() - began


async def test_a_lone_frame_waits_for_nothing(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    for _ in range(100):
        gathering.note(1)
        assert await rested_s(gathering) == 0
        await trio.sleep(1.2 * WINDOW_S / BUSY_FRAMES)


async def test_a_burst_alone_makes_nobody_rest(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    gathering.note(100 * BUSY_FRAMES)
    assert await rested_s(gathering) == 0
    await trio.sleep(2 * WINDOW_S)  # too long ago to tell anything
    gathering.note(1)
    assert await rested_s(gathering) == 0


async def test_a_busy_worker_rests_no_longer_than_one_moment(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    await made_busy(gathering)
    for step in range(40):
        gathering.note(BUSY_FRAMES)
        assert await rested_s(gathering) <= GATHER_S + 1e-9
        past = trio.current_time() % GATHER_S
        assert min(past, GATHER_S - past) < 1e-9
        await trio.sleep(step * GATHER_S / 37)


async def test_all_readers_of_a_worker_go_on_at_once(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    await made_busy(gathering)
    went_on = []

    async def reader(after_s: float) -> None:
        await trio.sleep(after_s)
        await gathering.rest()
        went_on.append(trio.current_time())

    await gathering.rest()
    async with trio.open_nursery() as nursery:
        for part in (0.1, 0.3, 0.5, 0.9):
            nursery.start_soon(reader, part * GATHER_S)
    assert went_on == pytest.approx([went_on[0]] * 4, abs=1e-6)


async def test_workers_with_spread_moments_take_turns(autojump_clock: MockClock) -> None:
    first, second = Gathering(), Gathering(GATHER_S / 2)
    first.note(BUSY_FRAMES)
    second.note(BUSY_FRAMES)
    await trio.sleep(WINDOW_S)
    first.note(1)
    second.note(1)
    now = trio.current_time()
    apart = abs(first.rest_s(now) - second.rest_s(now))
    assert apart == pytest.approx(GATHER_S / 2, abs=1e-6)


async def test_rest_ends_when_terminals_fall_silent(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    await made_busy(gathering)
    assert await rested_s(gathering) > 0
    await trio.sleep(2 * WINDOW_S)  # only answers of acquirers come now
    assert await rested_s(gathering) == 0
