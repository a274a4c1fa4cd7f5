"""A worker keeps its session by beating; who stands still for too long loses it, by any clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio
from trio.testing import MockClock

from pointsman.store.leases import BEAT_S, HOLD_S, LAPSE_S, QUIET_S, session_name
from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_leases import T
from pointsman.store.memory_records import MemoryRecords
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.sessionlease import SessionLease

START_S = 1_700_000_000.0


@dataclass
class World:
    """One database; `away` takes it away from everybody, `stopped` stops one worker (SIGSTOP)."""

    db: MemoryDatabase = field(
        default_factory=lambda: MemoryDatabase(lambda: START_S + trio.current_time())
    )
    away: bool = False
    stopped: set[str] = field(default_factory=set)

    async def life(self, machine: str, number: int) -> "Life":
        async def call(_verb: str, work: Callable[[], T], /) -> T:
            while machine in self.stopped:  # noqa: ASYNC110  # a stopped process waits for nothing
                await trio.sleep(0.1)
            await trio.lowlevel.checkpoint()
            if self.away:
                raise StoreUnavailableError("away")
            return work()

        records = MemoryRecords(self.db, call)
        incarnation, _ = await records.begin(machine, number)
        kicks: list[float] = []
        lease = SessionLease(
            number, incarnation, records, kick=lambda: kicks.append(trio.current_time())
        )
        return Life(self, lease, incarnation, kicks)

    def held_by(self, session: int) -> int:
        return self.db.leases[session_name(session)].holder


@dataclass
class Life:
    world: World
    lease: SessionLease
    incarnation: int
    kicks: list[float]

    def may_send(self) -> bool:
        return trio.current_time() < self.lease.until


@asynccontextmanager
async def running(*lives: Life) -> AsyncIterator[None]:
    async with trio.open_nursery() as nursery:
        for life in lives:
            nursery.start_soon(life.lease.run)
        await trio.sleep(0.1)
        yield
        nursery.cancel_scope.cancel()


async def test_a_session_is_held_as_long_as_it_is_renewed(autojump_clock: MockClock) -> None:
    world = World()
    life = await world.life("a", 0)
    async with running(life):
        for _ in range(30):
            assert life.may_send()
            await trio.sleep(1)
        assert world.held_by(0) == life.incarnation


async def test_who_cannot_renew_stops_sending_before_another_may_take(
    autojump_clock: MockClock,
) -> None:
    world = World()
    life = await world.life("a", 0)
    async with running(life):
        world.away = True
        await trio.sleep(HOLD_S - BEAT_S - 0.2)
        assert life.may_send()
        await trio.sleep(BEAT_S + 0.2)
        assert not life.may_send()
        world.away = False
        await trio.sleep(BEAT_S)
        assert life.may_send()  # nobody took it: it goes on
        assert not life.lease.lost.is_set()
    assert HOLD_S < LAPSE_S


async def test_a_second_house_waits_until_the_first_stands_still(autojump_clock: MockClock) -> None:
    """Paused past its lease, the first one finds at its next beat that it is another's."""
    world = World()
    first, second = await world.life("a", 0), await world.life("b", 0)
    async with running(first), running(second):
        await trio.sleep(60)
        assert world.held_by(0) == first.incarnation
        assert not second.may_send()
        world.stopped.add("a")
        while world.held_by(0) == first.incarnation:
            assert not second.may_send()
            await trio.sleep(0.1)
        assert not first.may_send()  # there are never two
        assert second.may_send()
        assert second.lease.quiet_until == pytest.approx(trio.current_time() + QUIET_S, abs=1)
        assert world.db.incarnations[first.incarnation].state == "recovered"
        world.stopped.clear()
        await trio.sleep(BEAT_S)
        assert first.lease.lost.is_set()
        assert not first.may_send()


async def test_the_next_life_of_the_same_house_takes_its_session_at_once(
    autojump_clock: MockClock,
) -> None:
    world = World()
    first = await world.life("a", 0)
    async with running(first):
        pass
    second = await world.life("a", 0)
    async with running(second):
        assert second.may_send()
        assert second.lease.quiet_until == 0.0


async def test_what_a_stopped_neighbour_left_is_adopted_and_given_back(
    autojump_clock: MockClock,
) -> None:
    world = World()
    lives = [await world.life("a0", 0), await world.life("a1", 1)]
    async with running(*lives):
        await trio.sleep(5)
        world.stopped.add("a1")
        await trio.sleep(LAPSE_S + 2 * BEAT_S)
        assert world.held_by(1) == 0
        assert lives[0].kicks
        assert lives[0].lease.quiet_until > trio.current_time()
        world.stopped.clear()
        await trio.sleep(BEAT_S)
        assert lives[1].lease.lost.is_set()
        again = await world.life("a1", 1)
        async with running(again):
            assert again.may_send()
            assert world.held_by(1) == again.incarnation
        assert lives[0].may_send()


async def test_a_database_that_was_away_costs_nobody_his_session(
    autojump_clock: MockClock,
) -> None:
    """Nobody could beat: that the leases stood still says nothing."""
    world = World()
    lives = [await world.life("a0", 0), await world.life("a1", 1)]
    async with running(*lives):
        await trio.sleep(5)
        for _ in range(5):
            world.away = True
            await trio.sleep(3 * LAPSE_S)
            world.away = False
            await trio.sleep(3)
        await trio.sleep(LAPSE_S)
        assert [life.lease.lost.is_set() for life in lives] == [False, False]
        assert [life.may_send() for life in lives] == [True, True]


async def test_who_was_stopped_himself_takes_nothing_when_he_wakes(
    autojump_clock: MockClock,
) -> None:
    world = World()
    lives = [await world.life("a0", 0), await world.life("a1", 1)]
    async with running(*lives):
        await trio.sleep(5)
        world.stopped.update({"a0", "a1"})
        await trio.sleep(5 * LAPSE_S)
        world.stopped.clear()
        await trio.sleep(LAPSE_S / 2)
        assert [life.lease.lost.is_set() for life in lives] == [False, False]
