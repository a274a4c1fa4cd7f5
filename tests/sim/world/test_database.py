"""The database of a run: how statements end by the weather, and how one process hears of it."""

from contextlib import suppress
from random import Random

import pytest
import trio
from trio.testing import MockClock

from pointsman.sim.world.chance import Faults
from pointsman.sim.world.database import DatabasePort, SimWeather
from pointsman.sim.world.process import Process, SeamCount, spared
from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_server import Fate, MemoryServer
from pointsman.store.pool import TRIES_MAX
from pointsman.store.verbs import StoreUnavailableError
from tests.sim.world.worlds import faults


def weather(drawn: Faults) -> SimWeather:
    return SimWeather(Random(1), drawn, latency_s=0.001)


class Calls:
    """A process and the verb it calls; `done` counts how often that was carried out."""

    def __init__(self, drawn: Faults, seams: SeamCount | None = None) -> None:
        self.server = MemoryServer(MemoryDatabase(lambda: 0.0), weather(drawn))
        self.process = Process("worker 0", _die, seams or SeamCount(counting=True))
        self.done = 0

    def work(self) -> int:
        self.done += 1
        return self.done

    async def call(self) -> int | None:
        """Call once; None where it was given up."""
        found = None
        async with trio.open_nursery() as nursery:
            await nursery.start(self.server.run)
            port = DatabasePort(self.server, self.process, timeout_s=1.0)
            with suppress(StoreUnavailableError):
                found = await port.call("directory", self.work)
            nursery.cancel_scope.cancel()
        return found


def _die(process: Process, _why: str) -> None:
    process.alive = False


def test_each_kind_of_weather_is_an_end_of_its_own() -> None:
    ends = {
        "commit_lost_undone": (Fate.LOST_BEFORE, ""),
        "commit_lost_done": (Fate.LOST_AFTER, ""),
        "commit_done_late": (Fate.LATE, ""),
        "commit_refused_40001": (Fate.DONE, "40001"),
        "commit_refused_53100": (Fate.DONE, "53100"),
        "commit_refused_25006": (Fate.DONE, "25006"),
    }
    for name, (fate, sqlstate) in ends.items():
        sky = weather(faults(**{name: 1.0}))
        plan = sky.plan("round")
        assert (plan.fate, plan.sqlstate) == (fate, sqlstate)
        assert sky.plan("directory").fate is Fate.DONE, "not a commit"


def test_a_hanging_commit_is_done_first_and_a_slow_one_last() -> None:
    assert weather(faults(commit_hangs_after=1.0)).plan("round").after_s > 0.01
    assert weather(faults(commit_slow=1.0)).plan("round").before_s > 0.01


async def test_a_collision_is_tried_again_and_given_up_at_last(autojump_clock: MockClock) -> None:
    calls = Calls(faults(statement_refused_40001=1.0))
    assert await calls.call() is None
    assert calls.process.seams.passed == ["call directory"] * TRIES_MAX
    assert calls.done == 0


async def test_a_lost_answer_is_asked_for_again_so_verbs_are_done_twice(
    autojump_clock: MockClock,
) -> None:
    calls = Calls(faults(statement_lost_done=1.0))
    assert await calls.call() is None
    assert calls.done == TRIES_MAX


async def test_a_full_disk_is_told_at_once(autojump_clock: MockClock) -> None:
    calls = Calls(faults(statement_refused_53100=1.0))
    assert await calls.call() is None
    assert len(calls.process.seams.passed) == 1, "no second try"


async def test_who_is_cut_off_gives_up_in_time(autojump_clock: MockClock) -> None:
    calls = Calls(faults())
    calls.process.cut_off(60.0)
    assert await calls.call() is None
    assert trio.current_time() == 1.0
    assert calls.done == 0


@pytest.mark.parametrize(("after", "done"), [(False, 0), (True, 1)])
async def test_who_dies_at_a_call_never_hears_of_it(
    autojump_clock: MockClock, after: bool, done: int
) -> None:
    at = frozenset({1})
    seams = SeamCount(frozenset() if after else at, at if after else frozenset(), counting=True)
    calls = Calls(faults(), seams)
    with trio.move_on_after(3600) as waited:
        await calls.call()
    assert waited.cancelled_caught
    assert calls.done == done


async def test_a_session_of_the_journal_is_gone_with_its_process(
    autojump_clock: MockClock,
) -> None:
    calls = Calls(faults())
    calls.process = Process("worker 0", spared, SeamCount(counting=True))
    port = DatabasePort(calls.server, calls.process, timeout_s=1.0)
    async with trio.open_nursery() as nursery:
        await nursery.start(calls.server.run)
        session = await port.connect("")
        assert not session.closed
        calls.process.alive = False
        with trio.move_on_after(60) as waited:
            await session.execute("select journal_round()")
        assert waited.cancelled_caught
        session.end()
        assert session.closed
        nursery.cancel_scope.cancel()
