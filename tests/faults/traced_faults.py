"""Deaths, errors and delays at a chosen system call, by strace's injection: needs root and strace.

A worker or a database session dies at its n-th send, receive or sync; a sync fails with EIO, after
which PostgreSQL must panic and replay its log rather than try again; or every sync takes long.
"""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from tests.faults.scene import NotNowError, Scene, is_gone, until

STRACE: Final = shutil.which("strace")
PANIC: Final = "PANIC"
CRASHED: Final = "was terminated by signal 9"
DELAYED: Final = b"(DELAYED)"  # strace's own word beside a call that it held up
_SESSIONS: Final = """
select pid from pg_stat_activity where query like '%journal_round%' and pid <> pg_backend_pid()
order by pid
"""


def not_root() -> str:
    """Return why not, where we are not root; else nothing."""
    return "" if os.geteuid() == 0 else "this needs root"


def why_not() -> str:
    """Return why nothing can be traced here; empty where it can."""
    return not_root() or ("" if STRACE else "there is no strace")


@dataclass(slots=True)
class DieAtCall:
    """A worker is killed by the kernel at its n-th send or receive from now on."""

    name: str
    call: str  # sendto, recvfrom
    count: int
    _pid: int = 0
    _strace: "Strace | None" = None

    async def inject(self, scene: Scene) -> None:
        self._pid = scene.process(self.name).pid or 0
        self._strace = Strace([self._pid], self.call, f"signal=SIGKILL:when={self.count}")
        scene.killed[self.name] += 1

    async def seen(self, scene: Scene) -> None:
        await until(lambda: is_gone(self._pid))

    async def heal(self, scene: Scene) -> None:
        if self._strace:
            self._strace.end()
        if not is_gone(self._pid):
            scene.killed[self.name] -= 1


@dataclass(slots=True)
class FailedSync:
    """The n-th sync of the log fails in a journal's session, or its process dies there."""

    dies: bool
    count: int
    _before: int = 0
    _straces: list["Strace"] = field(default_factory=list)

    async def inject(self, scene: Scene) -> None:
        scene.process("postgres")
        pids = [row[0] for row in await scene.ask(_SESSIONS)]
        if not pids:
            raise NotNowError("sessions")
        self._before = scene.postgres_log.count(self._word)
        what = "signal=SIGKILL" if self.dies else "error=EIO"
        self._straces.append(Strace(pids, "fdatasync", f"{what}:when={self.count}"))

    async def seen(self, scene: Scene) -> None:
        await until(lambda: scene.postgres_log.count(self._word) > self._before)

    async def heal(self, scene: Scene) -> None:
        for strace in self._straces:
            strace.end()

    @property
    def _word(self) -> str:
        return CRASHED if self.dies else PANIC


@dataclass(slots=True)
class SlowSync:
    """Every sync of the log by a journal's session takes longer, for a while."""

    delay_s: float
    seconds: float
    _told: Path = field(init=False)
    _strace: "Strace | None" = None

    async def inject(self, scene: Scene) -> None:
        scene.process("postgres")
        pids = [row[0] for row in await scene.ask(_SESSIONS)]
        if not pids:
            raise NotNowError("sessions")
        self._told = scene.world.plan.data / "strace.txt"
        self._told.unlink(missing_ok=True)
        what = f"delay_enter={self.delay_s * 1e6:.0f}"
        self._strace = Strace(pids, "fdatasync", what, self._told)

    async def seen(self, scene: Scene) -> None:
        await trio.sleep(self.seconds)
        await until(lambda: self._told.exists() and DELAYED in self._told.read_bytes())

    async def heal(self, scene: Scene) -> None:
        if self._strace:
            self._strace.end()


class Strace:
    """One strace on running processes; it ends with them or when told."""

    def __init__(
        self, pids: list[int], call: str, what: str, told: Path = Path(os.devnull)
    ) -> None:
        assert STRACE
        targets = [word for pid in pids for word in ("-p", str(pid))]
        inject = f"inject={call}:{what}"
        argv = [STRACE, "-f", "-qq", "-o", str(told), "-e", f"trace={call}", "-e", inject]
        self._process = subprocess.Popen([*argv, *targets], stderr=subprocess.DEVNULL)

    def end(self) -> None:
        """Let go of the processes."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
