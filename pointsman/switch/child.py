"""One child process of the supervisor: started, watched, restarted after a pause, stopped.

A shell. Which children there are is said in roster.py; how a process is made that dies with its
parent, in spawn.py; PostgreSQL is watched in database_child.py. A child is started anew only
after its predecessor was reaped, and inherits no more descriptors than `Handover` says.
"""

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import trio

from pointsman import log
from pointsman.switch import spawn
from pointsman.switch.status import ProcessState, ProcessStatus

RESTART_PAUSE_S = 0.2
RESTART_PAUSE_MAX_S = 5.0
STEADY_S = 10.0  # a child that ran this long has earned a quick restart again
READY_POLL_S = 0.02
DATAGRAM_SIZE_MAX = 512


class Handover(Enum):
    """What a child inherits beside standard error; the value is the option that names it."""

    NOTHING = ""
    CONTROL = "--control-fd"  # a SOCK_SEQPACKET socket to the supervisor
    PASSPHRASE = "--passphrase-fd"  # noqa: S105 - a pipe that holds one secret, then ends


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to start a child and how to see that it is ready.

    `ready` is asked until it says yes; a CONTROL child says so itself (b"ready"). `secret` gives
    the bytes of a PASSPHRASE child. `death_signal` is what it gets when the supervisor dies.
    """

    name: str
    argv: tuple[str, ...]
    handover: Handover = Handover.NOTHING
    secret: Callable[[], bytes] | None = None
    ready: Callable[[], bool] | None = None
    death_signal: signal.Signals = signal.SIGTERM
    metrics_port: int = 0


def pause_after(failures: int) -> float:
    """Return the pause before the next start: doubling from 0.2 s to 5 s."""
    doublings = min(max(failures - 1, 0), 10)
    return min(RESTART_PAUSE_S * 2.0**doublings, RESTART_PAUSE_MAX_S)


class Child:
    """One child through all its starts.

    `on_message(data)` gets each datagram of a CONTROL child, `on_change()` every change of state.
    Without `log_file` the child writes to the supervisor's own standard error.
    """

    def __init__(
        self,
        spec: ChildSpec,
        *,
        log_file: Path | None,
        on_message: Callable[[bytes], None] = lambda _: None,
        on_change: Callable[["Child"], None] = lambda _: None,
    ) -> None:
        self.spec = spec
        self.state = ProcessState.STARTING
        self.starts = 0
        self.exit_code: int | None = None
        self.control: socket.socket | None = None
        self._log_file = log_file
        self._on_message = on_message
        self._on_change = on_change
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = trio.Event()
        self._ended = trio.Event()

    @property
    def name(self) -> str:
        """The child's name: ``worker-0``."""
        return self.spec.name

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    def status(self, connections: int = 0) -> ProcessStatus:
        """Return what is told of it in supervisor.json."""
        return ProcessStatus(
            self.name,
            self.state,
            self.pid,
            self.starts,
            self.exit_code,
            connections,
            self.spec.metrics_port,
        )

    async def run(self) -> None:
        """Keep the child running until `stop`; returns when it is reaped for the last time."""
        failures = 0
        try:
            while not self._stopping.is_set():
                started_at = trio.current_time()
                await self._run_once()
                steady = trio.current_time() - started_at >= STEADY_S
                failures = 1 if steady else failures + 1
                if not self._stopping.is_set():
                    self._become(ProcessState.WAITING)
                    with trio.move_on_after(pause_after(failures)):
                        await self._stopping.wait()
        finally:
            self.kill()
            self._become(ProcessState.STOPPED)
            self._ended.set()

    async def stop(self, within_s: float) -> None:
        """Ask the child to end (SIGTERM), end it after `within_s` by SIGKILL; wait until it did."""
        self._stopping.set()
        if self._process:
            self._become(ProcessState.STOPPING)
            self._process.send_signal(signal.SIGTERM)
        with trio.move_on_after(within_s):
            await self._ended.wait()
        if not self._ended.is_set():
            log.get().warning("child_killed", name=self.name, seconds=within_s)
            self.kill()
            await self._ended.wait()

    def kill(self) -> None:
        """End the child at once, if it runs."""
        if self._process:
            self._process.kill()

    async def _run_once(self) -> None:
        """Start the child and wait until it is reaped."""
        self._become(ProcessState.STARTING)
        self.starts += 1
        try:
            self._process = self._start()
        except OSError as error:  # no memory, no descriptors, too many processes: try later
            log.get().error("child_not_started", name=self.name, code=error.errno)
            self._close_control()
            return
        log.get().info("child_started", name=self.name, pid=self._process.pid, count=self.starts)
        try:
            async with trio.open_nursery() as nursery:
                if self.control:
                    nursery.start_soon(self._read_control, self.control)
                else:
                    nursery.start_soon(self._wait_ready)
                await spawn.exited(self._process)
                nursery.cancel_scope.cancel()
        finally:
            self._process.kill()  # only where we are cancelled ourselves: it is gone otherwise
            self.exit_code = self._process.wait()
            self._process = None
            self._close_control()
        log.get().info("child_ended", name=self.name, exit_code=self.exit_code)

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the process from the main thread: its parent-death signal hangs on this thread."""
        with contextlib.ExitStack() as stack:
            argv = list(self.spec.argv)
            descriptors = []
            inherited = self._handed_over(stack)
            if inherited is not None:
                descriptors = [inherited]
                argv += [self.spec.handover.value, str(inherited)]
            output = stack.enter_context(self._log_file.open("ab")) if self._log_file else None
            return spawn.start(argv, descriptors, output, self.spec.death_signal)

    def _handed_over(self, stack: contextlib.ExitStack) -> int | None:
        """Make what the child inherits; our copy of its end is closed when `stack` is."""
        match self.spec.handover:
            case Handover.NOTHING:
                return None
            case Handover.CONTROL:
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                stack.enter_context(theirs)
                ours.setblocking(False)
                self.control = ours
                return theirs.fileno()
            case Handover.PASSPHRASE:
                assert self.spec.secret is not None
                reading, writing = os.pipe()
                stack.callback(os.close, reading)
                with os.fdopen(writing, "wb") as pipe:
                    pipe.write(self.spec.secret())
                return reading

    async def _wait_ready(self) -> None:
        while self.spec.ready and not self.spec.ready():  # noqa: ASYNC110 - another process's event
            await trio.sleep(READY_POLL_S)
        self._become_ready()

    async def _read_control(self, control: socket.socket) -> None:
        while True:
            try:
                data = control.recv(DATAGRAM_SIZE_MAX)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(control)
                continue
            except ConnectionResetError:
                return
            if not data:
                return  # it closed its end: it is about to be reaped
            if data == b"ready":
                self._become_ready()
            else:
                self._on_message(data)

    def _close_control(self) -> None:
        if self.control:
            self.control.close()
            self.control = None

    def _become_ready(self) -> None:
        if self.state is ProcessState.STARTING:
            self._become(ProcessState.READY)

    def _become(self, state: ProcessState) -> None:
        self.state = state
        self._on_change(self)
