"""Faults of whole processes: killed, paused, the house stopped in order and started again.

PostgreSQL's own are database_faults.py, deaths at a chosen system call traced_faults.py.
"""

import os
import signal
from dataclasses import dataclass, field
from typing import Final

import trio

from pointsman.store.leases import HOLD_S
from tests.faults.scene import (
    HOUSE,
    Scene,
    children_of,
    descendants_of,
    is_gone,
    signal_all,
    state_of,
    until,
)

LEASE_LOOK_S: Final = 0.5
ENDS_S: Final = 15.0
SLOW_STOPPED_S: Final = 0.7  # longer than a sale waits for the HSM
SLOW_RUNNING_S: Final = 0.1


@dataclass(slots=True)
class Kill:
    """kill -9 of one process of the house; its supervisor must bring it back."""

    name: str
    _pid: int = 0

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process(self.name).pid or 0
        os.kill(self._pid, signal.SIGKILL)
        scene.killed[self.name] += 1

    async def seen(self, scene: Scene) -> None:
        await until(lambda: is_gone(self._pid))
        await until(lambda: self.is_back(scene))

    async def heal(self, scene: Scene) -> None:
        """Nothing to do: that is the supervisor's duty."""

    def is_back(self, scene: Scene) -> bool:
        """Tell whether another process has taken its place."""
        status = scene.world.look.status()
        found = status.process(self.name) if status else None
        return found is not None and found.pid not in {None, self._pid}


@dataclass(slots=True)
class KillSupervisor:
    """kill -9 of the supervisor: everything below it must die, and a new house recover."""

    _pids: list[int] = field(default_factory=list)

    async def inject(self, scene: Scene) -> None:
        scene.process("worker-0")
        house = scene.world.house
        self._pids = [house.pid, *children_of(house.pid)]
        house.kill()
        house.wait()

    async def seen(self, scene: Scene) -> None:
        await until(lambda: all(is_gone(pid) for pid in self._pids))

    async def heal(self, scene: Scene) -> None:
        count_deaths(scene)
        await start_house(scene)


@dataclass(slots=True)
class StopAndStart:
    """The house is stopped in order under load (SIGTERM) and started again (P24)."""

    _pids: list[int] = field(default_factory=list)

    async def inject(self, scene: Scene) -> None:
        scene.process("worker-0")
        house = scene.world.house
        self._pids = [house.pid, *children_of(house.pid)]
        await scene.world.stop()

    async def seen(self, scene: Scene) -> None:
        await until(lambda: all(is_gone(pid) for pid in self._pids))

    async def heal(self, scene: Scene) -> None:
        count_deaths(scene)
        await start_house(scene)


@dataclass(slots=True)
class StopWorker:
    """A rolling restart: one worker drains and ends (SIGTERM), the others serve."""

    name: str
    _pid: int = 0

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process(self.name).pid or 0
        os.kill(self._pid, signal.SIGTERM)
        scene.killed[self.name] += 1

    async def seen(self, scene: Scene) -> None:
        await until(lambda: is_gone(self._pid))

    async def heal(self, scene: Scene) -> None:
        """Nothing to do: the supervisor starts it again."""


@dataclass(slots=True)
class Pause:
    """SIGSTOP of a process and its children, or of the whole house, for a while, then SIGCONT.

    A worker so paused past its sales' deadlines must send nothing stale when it wakes. The
    supervisor is paused alone.
    """

    name: str
    seconds: float
    _pids: list[int] = field(default_factory=list)

    async def inject(self, scene: Scene) -> None:
        scene.process("worker-0")
        house, acquirer = scene.world.house.pid, scene.world.acquirers.get(self.name)
        if self.name == HOUSE:
            self._pids = [house, *descendants_of(house)]
        elif self.name == "supervisor":
            self._pids = [house]
        else:
            pid = acquirer.process.pid if acquirer else scene.process(self.name).pid or 0
            self._pids = [pid, *children_of(pid)]
        signal_all(self._pids, signal.SIGSTOP)
        if self.seconds > HOLD_S / 2:  # leases may be taken: their holders' lives are over then
            scene.killed[self.name] += 1
            if self.name == HOUSE:
                count_deaths(scene)

    async def seen(self, scene: Scene) -> None:
        await until(lambda: all(state_of(pid) in {"T", "Z", ""} for pid in self._pids))
        await trio.sleep(self.seconds)

    async def heal(self, scene: Scene) -> None:
        signal_all(self._pids, signal.SIGCONT)


@dataclass(slots=True)
class PausePastLease:
    """A worker is stopped until another has its session; once it goes on, it must end itself.

    Seen where the lease's row says that the session is nobody's and its life was recovered.
    """

    name: str
    _pid: int = 0
    _taken: bool = False

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process(self.name).pid or 0
        signal_all([self._pid], signal.SIGSTOP)

    async def seen(self, scene: Scene) -> None:
        await until(lambda: state_of(self._pid) == "T")
        while not self._taken:
            await trio.sleep(LEASE_LOOK_S)
            # Asked for all sessions: a query is a literal.
            rows = await scene.ask("select name from lease where holder = 0")
            self._taken = (self.name.replace("worker-", "session "),) in rows
        scene.killed[self.name] += 1

    async def heal(self, scene: Scene) -> None:
        signal_all([self._pid], signal.SIGCONT)
        if self._taken:
            with trio.move_on_after(ENDS_S) as patience:
                await until(lambda: is_gone(self._pid))
            scene.double_owners += patience.cancelled_caught


@dataclass(slots=True)
class SlowHsm:
    """The HSM runs for a moment and stands still for a longer one, again and again."""

    seconds: float
    _pid: int = 0
    _stops: int = 0

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process("hsm-0").pid or 0

    async def seen(self, scene: Scene) -> None:
        with trio.move_on_after(self.seconds):
            while True:
                signal_all([self._pid], signal.SIGSTOP)
                await trio.sleep(SLOW_STOPPED_S)
                self._stops += state_of(self._pid) == "T"
                signal_all([self._pid], signal.SIGCONT)
                await trio.sleep(SLOW_RUNNING_S)
        await until(lambda: self._stops > 0)

    async def heal(self, scene: Scene) -> None:
        signal_all([self._pid], signal.SIGCONT)


async def start_house(scene: Scene) -> None:
    """Start a house that ended; terminals find it behind the same address."""
    scene.world.start()
    status = await scene.world.until_ready()
    scene.proxies["terminals"].target = status.listeners[0].port


def count_deaths(scene: Scene) -> None:
    """Every worker of a house that ended is gone: the next incarnation takes its rows."""
    for number in range(scene.world.plan.workers):
        scene.killed[f"worker-{number}"] += 1
