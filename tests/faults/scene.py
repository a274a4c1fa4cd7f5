"""What a fault has to work with: the running house, its proxies, its processes, chance.

A shell over sim/demo_world.py. A fault kind is a class with four methods (`Fault`); which there are
stand in process_faults.py, database_faults.py, traced_faults.py and network_faults.py; when they
strike is block.py.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, LiteralString, Protocol

import trio

from pointsman.sim.demo import ProcessLook
from pointsman.sim.demo_processes import Event
from pointsman.sim.demo_world import World
from pointsman.store.connection import connect
from pointsman.store.server import embedded_url
from pointsman.store.verbs import StoreUnavailableError
from tests.faults.proxy import Proxy

LOOK_S: Final = 0.02
BACK_S: Final = 90.0  # ten times what it takes: the machine may be busy with other things
HOUSE: Final = "house"


class Fault(Protocol):
    """One fault, used once: ``inject`` it, wait until it is ``seen``, ``heal`` it."""

    async def inject(self, scene: "Scene") -> None:
        """Begin."""

    async def seen(self, scene: "Scene") -> None:
        """Return when the effect was seen; the caller's patience is limited."""

    async def heal(self, scene: "Scene") -> None:
        """End it; nothing of it is left."""


class NotNowError(Exception):
    """This fault cannot be injected at this moment: its victim is just not there."""


@dataclass(slots=True)
class Scene:
    """One house with everything around it; ``chance`` is seeded."""

    world: World
    chance: random.Random
    proxies: dict[str, Proxy]
    killed: Counter[str] = field(default_factory=Counter)  # processes that we ended, by name
    approvals: int = 0
    double_owners: int = 0  # workers that served on though another had taken their session
    _approved: trio.Event = field(default_factory=trio.Event)

    def heard(self, event: Event) -> None:
        """Take what a terminal tells."""
        if event.get("event") == "done" and event.get("approved"):
            self.approvals += 1
            self._approved.set()
            self._approved = trio.Event()

    async def approval(self) -> None:
        """Wait for an approval that a terminal is told from now on."""
        await self._approved.wait()

    def process(self, name: str) -> ProcessLook:
        """Return a process of the house that is ready; raises NotNowError."""
        status = self.world.look.status()
        found = status.process(name) if status else None
        if found is None or found.pid is None or found.state != "ready":
            raise NotNowError(name)
        return found

    async def until_ready(self, name: str) -> None:
        """Wait until one process is ready; raises NotNowError where that takes too long."""
        with trio.move_on_after(BACK_S):
            while True:
                with suppress(NotNowError):
                    self.process(name)
                    return
                await trio.sleep(LOOK_S)
        raise NotNowError(name)

    async def until_back(self) -> None:
        """Wait until every process of the house is ready."""
        await until(self._all_ready)

    def _all_ready(self) -> bool:
        status = self.world.look.status()
        if status is None or status.pid != self.world.house.pid:
            return False
        return all(p.state == "ready" for p in status.processes)

    @property
    def postgres_log(self) -> str:
        """What PostgreSQL has logged; nothing of it is a value that a statement carried."""
        files = sorted((self.world.look.directory.postgres / "log").glob("*.log"))
        return "".join(file.read_text(errors="replace") for file in files)

    async def ask(self, query: LiteralString) -> list[tuple[Any, ...]]:  # Any: the query's rows
        """Run one statement on the house's database; raises NotNowError where it is away."""
        try:
            with trio.fail_after(5):
                connection = await connect(embedded_url(self.world.look.directory.postgres))
        except (StoreUnavailableError, trio.TooSlowError):
            raise NotNowError("postgres") from None
        try:
            return await (await connection.execute(query)).fetchall()
        finally:
            connection.end()


async def until(holds: Callable[[], bool]) -> None:
    """Look again and again: what is looked at happens in other processes."""
    while not holds():  # noqa: ASYNC110  (see above)
        await trio.sleep(LOOK_S)


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, reaped or not."""
    return state_of(pid) in {"", "Z", "X"}


def state_of(pid: int) -> str:
    """Return the kernel's letter for what a process does; empty where there is none."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def children_of(pid: int) -> list[int]:
    """Return the processes that ``pid`` started and that live."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == pid:
                    found.append(int(entry.name))
    return found


def descendants_of(pid: int) -> list[int]:
    """Return the processes below ``pid``, parents before their children."""
    children = children_of(pid)
    return [*children, *(below for child in children for below in descendants_of(child))]


def signal_all(pids: list[int], number: int) -> None:
    """Send a signal to each of them that still lives."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
