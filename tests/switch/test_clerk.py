"""The clerk by the clock: the day closes at the cut-off, what is owed is watched."""

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import trio
from prometheus_client import CollectorRegistry
from trio.testing import MockClock

from pointsman import log
from pointsman.effects import Effects
from pointsman.metrics import ClerkMetrics
from pointsman.store.day import DayState, OwedAge
from pointsman.store.parties import Acquirer, Directory
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.clerk import ANCHOR_S, END_OF_DAY_S, Clerk
from tests.settlement.days import DAY, MemoryDays, Row

BEFORE_CUTOFF = datetime(2026, 11, 22, 14, 58, 30, tzinfo=UTC)  # 22:58:30 in Shanghai
ALPHA = Acquirer("alpha", "1", "f", "f", "h", 1, True, None, None, "x9.19")
SITE = Directory(version=1, acquirers={"alpha": ALPHA}, cutoff=time(23, 0))


@dataclass
class World:
    """A site, a store and a wall clock that runs with Trio's; `away` makes the store fail."""

    days: MemoryDays = field(default_factory=MemoryDays)
    ages: list[OwedAge] = field(default_factory=list)
    away: bool = False
    closed_elsewhere: bool = False
    anchored: int = 0
    unknown: int = 0

    async def directory(self, known_version: int) -> Directory | None:
        return None if known_version == SITE.version else SITE

    async def owed_ages(self) -> Sequence[OwedAge]:
        if self.away:
            raise StoreUnavailableError("away")
        return self.ages

    async def anchor_heads(self) -> int:
        self.anchored += 1
        return 1

    async def unknown_outcomes(self) -> Mapping[str, int]:
        return {"alpha": self.unknown} if self.unknown else {}

    async def batch_states(self) -> Mapping[str, int]:
        return {"open": 6, "closing": 1}

    def now(self) -> datetime:
        return BEFORE_CUTOFF + self.jump + timedelta(seconds=trio.current_time() - self.started)

    def __post_init__(self) -> None:
        self.started = 0.0
        self.jump = timedelta(0)


def make(world: World, files: Path) -> tuple[Clerk, CollectorRegistry]:
    log.setup("clerk")  # so that a field outside the allow-list raises
    registry = CollectorRegistry()
    world.started = trio.current_time()
    clerk = Clerk(
        days=world.days,
        closing=lambda: nullcontext(None if world.closed_elsewhere else world.days),
        watch=world,
        census=world,
        sites=world,
        files=files,
        effects=Effects(now=world.now),
        metrics=ClerkMetrics(registry),
        wait_s=1,
    )
    return clerk, registry


class Signal:
    """Signals as Trio receives them: one, after a time."""

    def __init__(self, after_s: float = math.inf) -> None:
        self._after_s = after_s

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        await trio.sleep(self._after_s)
        return 15


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"pointsman_{name}", labels)


async def test_day_is_closed_at_the_cutoff_and_not_before(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(MemoryDays([Row(1)]))
    clerk, registry = make(world, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(89)
        assert world.days.states == {DAY: DayState.OPEN}
        await trio.sleep(2 * END_OF_DAY_S)
        nursery.cancel_scope.cancel()
    assert world.days.states == {DAY: DayState.CLOSED, DAY + timedelta(days=1): DayState.OPEN}
    assert (tmp_path / "2026-11-22" / "manifest.json").exists()
    settled = value(registry, "settlement_last_success_timestamp_seconds", acquirer="alpha")
    assert settled is not None
    assert settled >= BEFORE_CUTOFF.timestamp() + 90


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=1), timedelta(days=365)])
async def test_a_wall_clock_that_jumps_and_jumps_back_ends_no_day(
    tmp_path: Path, autojump_clock: MockClock, jump: timedelta
) -> None:
    """A year ahead for some seconds closed the day and opened one that could not end (P23)."""
    world = World(MemoryDays([Row(1)]))
    clerk, _ = make(world, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(70)
        world.jump = jump
        await trio.sleep(15)
        world.jump = timedelta(0)
        await trio.sleep(3)
        nursery.cancel_scope.cancel()
    assert world.days.states == {DAY: DayState.OPEN}


@pytest.mark.parametrize("jump_s", [120, 3_600, 86_400, 365 * 86_400, -120, -86_400])
async def test_a_wall_clock_that_jumps_and_stays_ends_the_day_at_its_own_time(
    tmp_path: Path, autojump_clock: MockClock, jump_s: int
) -> None:
    """P23: the day ends as if the clock had not jumped, and the day after it opens."""
    world = World(MemoryDays([Row(1)]))
    clerk, _ = make(world, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(70)
        world.jump = timedelta(seconds=jump_s)
        await trio.sleep(19)
        assert world.days.states == {DAY: DayState.OPEN}
        await trio.sleep(2 * END_OF_DAY_S)
        assert list(world.days.states) == [DAY, DAY + timedelta(days=1)]
        await trio.sleep(7_200)
        nursery.cancel_scope.cancel()
    assert world.days.states == {DAY: DayState.CLOSED, DAY + timedelta(days=1): DayState.OPEN}


async def test_a_clerk_that_began_under_a_wrong_clock_ends_no_day_once_it_is_put_right(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """P23: it had held to the wrong time for good, and closed the day when a minute was over."""
    world = World(MemoryDays([Row(1)]))
    right = timedelta(hours=-1)  # the day ends in an hour
    world.jump = right + timedelta(days=1)
    clerk, registry = make(world, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(8)
        world.jump = right
        await trio.sleep(1_800)
        assert world.days.states == {DAY: DayState.OPEN}
        assert value(registry, "clock_offset_seconds") == 0
        nursery.cancel_scope.cancel()


async def test_a_day_that_ended_long_ago_is_left_to_a_person(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(MemoryDays([Row(1)]))
    clerk, _ = make(world, tmp_path)
    world.jump = timedelta(days=8)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(300)
        nursery.cancel_scope.cancel()
    assert world.days.states == {DAY: DayState.OPEN}


async def test_close_that_was_begun_is_finished_before_its_cutoff(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(MemoryDays([Row(1)]))
    await world.days.begin_day_close(DAY, DAY + timedelta(days=1))
    clerk, _ = make(world, tmp_path)
    await clerk.end_of_day()
    assert await world.days.day_state(DAY) is DayState.CLOSED


async def test_a_day_that_another_house_closes_is_left_to_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(MemoryDays([Row(1)]), closed_elsewhere=True)
    await world.days.begin_day_close(DAY, DAY + timedelta(days=1))
    clerk, _ = make(world, tmp_path)
    await clerk.end_of_day()
    assert await world.days.day_state(DAY) is DayState.CLOSING
    world.closed_elsewhere = False
    await clerk.end_of_day()
    assert await world.days.day_state(DAY) is DayState.CLOSED


async def test_files_are_written_where_a_clerk_died_before_them(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(MemoryDays([Row(1)]))
    clerk, _ = make(world, tmp_path)
    await world.days.begin_day_close(DAY, DAY + timedelta(days=1))
    await world.days.close_day(DAY)
    assert await world.days.unwritten_days() == [DAY]
    await clerk.end_of_day()
    assert (tmp_path / DAY.isoformat() / "manifest.json").exists()
    assert await world.days.unwritten_days() == []
    assert world.days.states[DAY + timedelta(days=1)] is DayState.OPEN


async def test_house_without_a_site_waits(tmp_path: Path, autojump_clock: MockClock) -> None:
    class Empty(MemoryDays):
        async def open_day(self) -> date:
            raise LookupError

    world = World(Empty())
    clerk, _ = make(world, tmp_path)
    await clerk.end_of_day()
    assert world.days.states == {DAY: DayState.OPEN}


async def test_owed_messages_are_shown_and_an_empty_queue_goes_back_to_nought(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(ages=[OwedAge("alpha", "reversal", 4, 1, 700.0)])
    clerk, registry = make(world, tmp_path)
    await clerk.look_at_owed()
    labels = {"acquirer": "alpha", "kind": "reversal"}
    assert value(registry, "saf_depth", **labels) == 4
    assert value(registry, "saf_oldest_age_seconds", **labels) == 700
    assert value(registry, "saf_parked", **labels) == 1
    world.ages = []
    await clerk.look_at_owed()
    assert value(registry, "saf_depth", **labels) == 0
    assert value(registry, "saf_oldest_age_seconds", **labels) == 0
    assert value(registry, "saf_parked", **labels) == 0


async def test_unknown_outcomes_and_batches_are_counted(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(unknown=3)
    clerk, registry = make(world, tmp_path)
    await clerk.count()
    assert value(registry, "unknown_outcome_transactions", acquirer="alpha") == 3
    states = [value(registry, "batches", state=s) for s in ("open", "closing", "closed")]
    assert states == [6, 1, 0]
    world.unknown = 0
    await clerk.end_of_day()
    await clerk.count()
    assert value(registry, "unknown_outcome_transactions", acquirer="alpha") == 0


async def test_store_that_is_away_fails_one_turn_and_no_other_job(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    world = World(away=True)
    clerk, registry = make(world, tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(clerk.run, Signal())
        await trio.sleep(1)
        world.away = False
        await trio.sleep(ANCHOR_S + 1)
        nursery.cancel_scope.cancel()
    assert value(registry, "jobs_total", job="owed", result="failed") == 1
    done = value(registry, "jobs_total", job="owed", result="done")
    assert done is not None
    assert done > 5
    assert world.anchored == 2


async def test_signal_ends_the_clerk(tmp_path: Path, autojump_clock: MockClock) -> None:
    clerk, _ = make(World(), tmp_path)
    began = trio.current_time()
    await clerk.run(Signal(7))
    assert trio.current_time() - began == pytest.approx(7)
