"""What happens to processes, clocks and days: asked every few seconds of simulated time.

A shell. Workers are killed, the database restarts or is away, acquirers are cut off one way or
both, the wall clock jumps, the clerk closes a day. Which of it, and how often, is the plan's
(plan.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import trio

from pointsman.sim.world.chance import Faults
from pointsman.sim.world.network import Network
from pointsman.sim.world.process import Killer
from pointsman.sim.world.workers import SimWorker
from pointsman.store.memory_server import MemoryServer

WEATHER_S = 5.0
AWAY_S_MAX = 15.0
PARTITION_S_MAX = 60.0
CUT_OFF_S_MAX = 40.0  # of one worker from the database: past its lease, mostly
HOUR_S, DAY_S = 3600.0, 86_400.0
JUMPS = (-DAY_S, -HOUR_S, 60.0, HOUR_S, DAY_S)


@dataclass(slots=True)
class Weather:
    """The weather over one world; `jump` moves its wall clock."""

    faults: Faults
    draw: Random
    server: MemoryServer
    network: Network
    workers: Sequence[SimWorker]
    acquirers: Sequence[str]
    kill: Killer
    jump: Callable[[float], None]
    close_day: Callable[[], None]

    async def run(self) -> None:
        """Ask again and again until cancelled."""
        faults, draw = self.faults, self.draw
        while True:
            await trio.sleep(WEATHER_S)
            for worker in self.workers:
                if worker.process.alive and faults.strikes("worker crash"):
                    self.kill(worker.process, "weather")
                if worker.process.alive and faults.strikes("worker cut off"):
                    worker.process.cut_off(draw.random() * CUT_OFF_S_MAX)
            if faults.strikes("database restart"):
                self.server.restart()
            if faults.strikes("database away"):
                await self._database_away(draw.random() * AWAY_S_MAX)
            if faults.strikes("partition"):
                self._partition(draw.random() * PARTITION_S_MAX)
            if faults.strikes("clock jump"):
                self.jump(draw.choice(JUMPS))
            if faults.strikes("day close"):
                self.close_day()

    async def _database_away(self, seconds: float) -> None:
        self.server.up = False
        self.server.restart()
        await trio.sleep(seconds)
        self.server.up = True

    def _partition(self, seconds: float) -> None:
        acquirer = self.draw.choice(self.acquirers)
        until = trio.current_time() + seconds
        for worker in self.workers:
            way = self.draw.choice(["both", "out", "back"])
            if way != "back":
                self.network.partitioned_until[f"{acquirer}/{worker.number}"] = until
            if way != "out":
                self.network.partitioned_until[f"{acquirer}/{worker.number} back"] = until
