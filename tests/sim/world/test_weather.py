"""What the weather does to processes, database, network, clock and days, once it strikes."""

from random import Random
from types import SimpleNamespace
from typing import Any

import trio
from trio.testing import MockClock

from pointsman.sim.world.chance import Faults, Trace
from pointsman.sim.world.network import Network
from pointsman.sim.world.process import Process
from pointsman.sim.world.weather import JUMPS, WEATHER_S, Weather
from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_server import MemoryServer
from tests.sim.world.worlds import faults


class Under:
    """Two workers, a database and a network under one kind of weather."""

    def __init__(self, drawn: Faults) -> None:
        self.heard: list[object] = []
        self.server = MemoryServer(MemoryDatabase(lambda: 0.0))
        self.network = Network(Random(1), drawn, Trace())
        processes = [Process(f"worker {number}", self._kill) for number in range(2)]
        workers: list[Any] = [  # Any: the two attributes that weather reads of a worker
            SimpleNamespace(process=process, number=number)
            for number, process in enumerate(processes)
        ]
        self.processes = processes
        self.weather = Weather(
            faults=drawn,
            draw=Random(2),
            server=self.server,
            network=self.network,
            workers=workers,
            acquirers=("alpha",),
            kill=self._kill,
            jump=self.heard.append,
            close_day=lambda: self.heard.append("day"),
        )

    def _kill(self, process: Process, _why: str) -> None:
        process.alive = False
        self.heard.append(process.name)

    async def until(self, seconds: float) -> None:
        with trio.move_on_after(seconds):
            await self.weather.run()


async def test_calm_weather_does_nothing(autojump_clock: MockClock) -> None:
    under = Under(faults())
    await under.until(600)
    assert under.heard == []
    assert (under.server.epoch, under.network.partitioned_until) == (0, {})


async def test_each_worker_that_lives_may_be_killed(autojump_clock: MockClock) -> None:
    under = Under(faults(worker_crash=1.0))
    await under.until(3 * WEATHER_S + 1)
    assert under.heard == ["worker 0", "worker 1"], "the dead are not killed again"


async def test_a_worker_that_is_cut_off_loses_the_database_alone(
    autojump_clock: MockClock,
) -> None:
    under = Under(faults(worker_cut_off=1.0))
    await under.until(WEATHER_S + 0.1)
    assert all(one.alive and one.cut_off_until > WEATHER_S for one in under.processes)


async def test_a_restart_ends_sessions_and_an_absence_refuses_for_a_while(
    autojump_clock: MockClock,
) -> None:
    under = Under(faults(database_restart=1.0))
    session = under.server.open_session()
    await under.until(WEATHER_S + 0.1)
    assert session.ended
    assert under.server.up
    under = Under(faults(database_away=1.0))
    seen: list[bool] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(under.until, 120.0)
        for _ in range(110):
            await trio.sleep(1)
            seen.append(under.server.up)
    assert {True, False} == set(seen), "it comes back, and goes again"


async def test_a_partition_is_of_one_acquirer_and_ends(autojump_clock: MockClock) -> None:
    under = Under(faults(partition=1.0))
    await under.until(WEATHER_S + 0.1)
    ways = under.network.partitioned_until
    assert {group.removesuffix(" back") for group in ways} == {"alpha/0", "alpha/1"}
    assert all(until > WEATHER_S for until in ways.values())


async def test_clocks_jump_and_days_close(autojump_clock: MockClock) -> None:
    under = Under(faults(clock_jump=1.0, day_close=1.0))
    await under.until(10 * WEATHER_S + 1)
    assert under.heard[1::2] == ["day"] * 10
    assert set(under.heard[::2]) <= set(JUMPS)
