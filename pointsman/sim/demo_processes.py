"""Programs that the demo runs beside the house: started, spoken to by lines, stopped, none left.

A shell. A program obeys lines on its standard input and tells JSON lines on its standard output;
the end of its input stops it, so it goes when we go. Which programs there are is demo_world.py.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import trio

POINTSMAN: Final = (sys.executable, "-m", "pointsman")
LINE_SIZE_MAX: Final = 65_536
STOP_S: Final = 10.0  # after the end of its input; then it is killed

Event = dict[str, object]


class ProgramFailedError(Exception):
    """A program ended with an error or could not be started; the text is fit to be shown."""


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group, however deep nurseries have put it."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


@dataclass(slots=True)
class Program:
    """One running simulator."""

    name: str
    argv: Sequence[str]
    log: Path
    on_event: Callable[[Event], None]
    command: Sequence[str] = POINTSMAN
    process: subprocess.Popen[bytes] = field(init=False)
    last: dict[str, Event] = field(default_factory=dict)
    _news: trio.Event = field(default_factory=trio.Event)
    _ended: bool = False

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Start the program and hand over what it tells, until it ends."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220, S603  (milliseconds; no shell)
                [*self.command, *self.argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours to handle
            )
        task_status.started()
        assert self.process.stdout is not None
        try:
            await self._listen(self.process.stdout.fileno())
        finally:
            self._ended = True
            self._wake()
            self._close()

    def say(self, line: str) -> None:
        """Give it one line; nothing where it is gone."""
        assert self.process.stdin is not None
        if self._ended:
            return
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    async def wait_for(self, event: str) -> Event:
        """Return the next event of this name; raises ProgramFailedError where it ends before."""
        self.last.pop(event, None)
        while event not in self.last:
            if self._ended:
                raise ProgramFailedError(f"{self.name} ended: {last_line(self.log)}")
            await self._news.wait()
        return self.last[event]

    async def ask(self, line: str, event: str) -> Event:
        """Give it a line and return the event that answers it."""
        self.say(line)
        return await self.wait_for(event)

    async def stop(self) -> None:
        """End its input, wait for its end, kill it where it does not come."""
        self.say("stop")
        with trio.move_on_after(STOP_S):
            while not self._ended:
                await self._news.wait()
        if not self._ended:
            self.process.kill()  # its end is then seen by `run`

    async def _listen(self, descriptor: int) -> None:
        rest = b""
        async with trio.lowlevel.FdStream(os.dup(descriptor)) as stream:
            while data := await stream.receive_some(LINE_SIZE_MAX):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = msgspec.json.decode(line, type=dict[str, object])
        except msgspec.MsgspecError:
            return
        self.last[str(event.get("event", ""))] = event
        self.on_event(event)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = trio.Event()

    def _close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if self.process.poll() is None and not self._ended:
            self.process.kill()
        try:
            self.process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


async def command(*argv: str, allowed: Sequence[int] = (0,)) -> Event:
    """Run a `pointsman` command with --json to its end; return what it printed.

    Raises ProgramFailedError with its complaint where the exit code is not in ``allowed``.
    """
    done = await trio.run_process(
        [*POINTSMAN, *argv, "--json"], capture_stdout=True, capture_stderr=True, check=False
    )
    if done.returncode not in allowed:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason told"]
        raise ProgramFailedError(f"pointsman {argv[0]}: {said[-1]}")
    return msgspec.json.decode(done.stdout, type=dict[str, object])


def last_line(log: Path) -> str:
    """Return what a program said last: its complaint where there is one."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    told = [line for line in lines if line.startswith("pointsman:")]
    return (told or lines or [f"it told nothing in {log}"])[-1]


def is_held(lock: Path) -> bool:
    """Say whether a supervisor lives that holds this lock file."""
    if not lock.exists():
        return False
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def processes_with(mark: str) -> list[int]:
    """Return the ids of living processes whose command line holds ``mark``, but our own."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if mark.encode() in words and b" Z " not in (entry / "stat").read_bytes():
                found.append(int(entry.name))
    return found


def kill_now(pid: int) -> None:
    """Do what kill -9 does."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
