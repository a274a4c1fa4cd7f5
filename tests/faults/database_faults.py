"""Faults of PostgreSQL: restarts, sessions ended inside a commit, a full disk.

kill -9 and pauses are process_faults.py, failing syncs traced_faults.py.
"""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from tests.faults.process_faults import Kill
from tests.faults.scene import NotNowError, Scene, is_gone, until

FULL_S: Final = 6.0
NO_SPACE: Final = b'"code": "53100"'  # SQLSTATE disk_full, in a worker's own log
LEFT_BYTES: Final = 65_536
_IN_COMMIT: Final = """
select pg_terminate_backend(pid) from pg_stat_activity
where state = 'active' and query like '%journal_round%' and pid <> pg_backend_pid()
"""


@dataclass(slots=True)
class Restart:
    """PostgreSQL is shut down (fast, or immediately as in a crash) and comes back."""

    fast: bool
    _pid: int = 0

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process("postgres").pid or 0
        os.kill(self._pid, signal.SIGINT if self.fast else signal.SIGQUIT)
        scene.killed["postgres"] += 1

    async def seen(self, scene: Scene) -> None:
        await until(lambda: is_gone(self._pid))
        await until(lambda: Kill("postgres", self._pid).is_back(scene))

    async def heal(self, scene: Scene) -> None:
        """Nothing to do: the supervisor starts it again."""


@dataclass(slots=True)
class EndSessions:
    """The sessions of journals are ended while a group commit runs in them."""

    _ended: int = 0

    async def inject(self, scene: Scene) -> None:
        scene.process("postgres")

    async def seen(self, scene: Scene) -> None:
        while True:
            rows = await scene.ask(_IN_COMMIT)
            self._ended = sum(row[0] for row in rows)
            if self._ended:
                return
            await trio.sleep(0.001)

    async def heal(self, scene: Scene) -> None:
        """Nothing to do: the journal dials again."""


@dataclass(slots=True)
class FullDisk:
    """The file system of the cluster is filled to the last page, and freed again.

    PostgreSQL's own log lies there, too, and may have no room to say so: seen is a group commit
    that a worker could not write.
    """

    directory: Path
    _before: int = 0

    async def inject(self, scene: Scene) -> None:
        scene.process("postgres")
        if not self.directory.is_mount():
            raise NotNowError("disk")
        self._before = _refused(scene)
        free = os.statvfs(self.directory)
        size = free.f_bavail * free.f_frsize - LEFT_BYTES
        descriptor = os.open(self._ballast, os.O_CREAT | os.O_WRONLY)
        try:
            os.posix_fallocate(descriptor, 0, max(size, 1))
        finally:
            os.close(descriptor)

    async def seen(self, scene: Scene) -> None:
        await until(lambda: _refused(scene) > self._before)
        await trio.sleep(FULL_S)

    async def heal(self, scene: Scene) -> None:
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.directory / "ballast"


def _refused(scene: Scene) -> int:
    """Count the group commits that workers were refused for want of space."""
    logs = scene.world.look.directory.logs.glob("worker-*.log")
    return sum(file.read_bytes().count(NO_SPACE) for file in logs)
