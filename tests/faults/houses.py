"""Two whole houses over one database that is neither's: the other stands by, or serves beside.

A shell. Each has its own supervisor, workers, HSM (with the same keys) and clerk. The one that
terminals dial is killed, stopped or paused as a whole; they then dial the other, which must take
over what the first left, and whoever wakes up must find that it has nothing any more.
"""

import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

import trio

from pointsman.sim.demo import Look
from pointsman.sim.demo_processes import POINTSMAN
from pointsman.store.server import EmbeddedPostgres
from tests.faults.process_faults import ENDS_S, LEASE_LOOK_S
from tests.faults.scene import LOOK_S, Scene, descendants_of, is_gone, signal_all, until

STOPS_S: Final = 30.0
DATABASE: Final = "POINTSMAN_DATABASE_URL"
_SESSIONS: Final = "select name, number from lease where name like 'session %' order by name"

Starts = Callable[[Sequence[str], Path], subprocess.Popen[bytes]]


class End(Enum):
    """What becomes of the house that serves."""

    KILLED = "kill -9"
    STOPPED = "stop"
    PAUSED = "pause"


@dataclass(slots=True)
class Standby:
    """The house that terminals do not dial now; all but `starts` changes with every takeover."""

    look: Look
    starts: Starts
    first: int = 0  # number of its first worker's session
    dialled: int = 0  # the same of the house that terminals dial
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it over its own data directory."""
        data = self.look.data
        (data / "run" / "supervisor.json").unlink(missing_ok=True)
        where = ("--data", str(data), "--config", str(data / "settings.toml"))
        self.process = self.starts([*POINTSMAN, "serve", *where], data / "switch.log")

    async def port(self) -> int:
        """Wait until it listens; its workers stand by."""
        while True:
            status = self.look.status()
            if status is not None and status.pid == self.process.pid and status.listeners:
                return status.listeners[0].port
            await trio.sleep(LOOK_S)

    def serves(self) -> bool:
        """Tell whether its workers hold their sessions."""
        status = self.look.status()
        if status is None or status.pid != self.process.pid:
            return False
        return all(process.state == "ready" for process in status.processes)

    async def stop(self) -> None:
        """Stop it in order."""
        self.process.terminate()
        with trio.move_on_after(STOPS_S):
            await until(lambda: self.process.poll() is not None)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@dataclass(slots=True)
class TakeOver:
    """The house that serves ends or stands still, and the other takes over."""

    end: End
    standby: Standby
    _pids: list[int] = field(default_factory=list)
    _before: list[tuple[object, ...]] = field(default_factory=list)

    async def inject(self, scene: Scene) -> None:
        scene.process(f"worker-{self.standby.dialled}")
        self._before = await self._leases(scene)
        port = await self.standby.port()
        house = scene.world.house
        self._pids = [house.pid, *descendants_of(house.pid)]
        match self.end:
            case End.KILLED:
                house.kill()
                house.wait()
            case End.STOPPED:
                await scene.world.stop()
            case End.PAUSED:
                signal_all(self._pids, signal.SIGSTOP)
        scene.proxies["terminals"].target = port
        if self.end is End.PAUSED:
            scene.proxies["terminals"].cut_all()  # a peer that is frozen closes nothing
        for number in range(scene.world.plan.workers):
            scene.killed[f"worker-{self.standby.dialled + number}"] += 1

    async def seen(self, scene: Scene) -> None:
        if self.end is not End.PAUSED:
            await until(lambda: all(is_gone(pid) for pid in self._pids))
        await until(self.standby.serves)
        if self.end is End.PAUSED:  # until another has each of its sessions
            while set(self._before) & set(await self._leases(scene)):  # noqa: ASYNC110  (asked)
                await trio.sleep(LEASE_LOOK_S)

    async def _leases(self, scene: Scene) -> list[tuple[object, ...]]:
        """Return name and number of the lease of each session of the house that is dialled."""
        first = self.standby.dialled
        numbers = range(first, first + scene.world.plan.workers)
        names = {f"session {number}" for number in numbers}
        return [row for row in await scene.ask(_SESSIONS) if row[0] in names]

    async def heal(self, scene: Scene) -> None:
        standby = self.standby
        old, scene.world.house = scene.world.house, standby.process
        looked, scene.world.look = scene.world.look, standby.look
        standby.process, standby.look = old, looked
        standby.first, standby.dialled = standby.dialled, standby.first
        if self.end is not End.PAUSED:
            standby.start()
            return
        workers = [pid for pid in self._pids if b"worker" in _words_of(pid)]
        signal_all(self._pids, signal.SIGCONT)
        with trio.move_on_after(ENDS_S) as patience:
            await until(lambda: all(is_gone(pid) for pid in workers))
        scene.double_owners += patience.cancelled_caught


def _words_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def over(url: str) -> list[str]:
    """Return the words before a command that give it this database."""
    return ["env", f"{DATABASE}={url}"]


@asynccontextmanager
async def database_of_both(cluster: Path, data: Path) -> AsyncIterator[str]:
    """Run a database beside the houses; yields its address. For `data` it is as its own."""
    server = EmbeddedPostgres(cluster)
    server.prepare()
    data.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  (nothing else runs yet)
    (data / "postgres").symlink_to(cluster)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def second(first: Path, data: Path, cluster: Path, starts: Starts, number: int) -> Standby:
    """Make a second house with the settings and the keys of the first, and start it.

    `number` is its first session's: 0, and it stands by; above the first house's, and both serve.
    """
    data.mkdir()
    data.chmod(0o711)
    settings = (first / "settings.toml").read_text()
    numbered = settings.replace("[workers]\n", f"[workers]\nfirst = {number}\n")
    (data / "settings.toml").write_text(numbered)
    shutil.copytree(first / "hsm", data / "hsm")
    (data / "postgres").symlink_to(cluster)
    made = Standby(Look(data), starts, number)
    made.start()
    return made
