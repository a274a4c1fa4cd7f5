"""The embedded PostgreSQL as a child of the supervisor: watched, started again, stopped last.

A shell. The server itself, its binaries and its settings are store/server.py; an external server is
not our child at all. While it is away the workers answer 96 and forward nothing (switch-rules 6).
"""

from collections.abc import Callable
from typing import Protocol

import trio

from pointsman import log
from pointsman.switch.child import STEADY_S, pause_after
from pointsman.switch.status import ProcessState, ProcessStatus

LOOK_EVERY_S = 0.1  # whether it lives: one system call
LOOK_STARTING_EVERY_S = 0.02  # whether it has recovered: a file is read


class DatabaseServer(Protocol):
    """What is used of store.server.EmbeddedPostgres; `launch` and `stop` from the main thread."""

    @property
    def pid(self) -> int | None:
        """The process id."""

    def launch(self) -> None:
        """Start the process and return at once."""

    def is_ready(self) -> bool:
        """Say whether it accepts connections."""

    def alive(self) -> bool:
        """Say whether the process exists; it may still be recovering."""

    def stop(self) -> None:
        """Stop it in order and wait for its end."""


class DatabaseChild:
    """Keeps `server`, which is already started, running until `stop`."""

    name = "postgres"

    def __init__(
        self,
        server: DatabaseServer,
        *,
        on_change: Callable[["DatabaseChild"], None] = lambda _: None,
    ) -> None:
        self.on_change = on_change
        self.state = ProcessState.STARTING
        self._server = server
        self._starts = 1
        self._stopping = trio.Event()
        self._ended = trio.Event()

    def status(self, connections: int = 0) -> ProcessStatus:
        """Return what is told of it in supervisor.json."""
        pid = self._server.pid if self._server.alive() else None
        return ProcessStatus(self.name, self.state, pid, self._starts, None, connections)

    async def run(self) -> None:
        """Watch the server until `stop`; it is stopped here in every case."""
        try:
            await self._watch()
        finally:
            self._become(ProcessState.STOPPING)
            self._server.stop()
            self._become(ProcessState.STOPPED)
            self._ended.set()

    async def stop(self, within_s: float) -> None:  # noqa: ARG002 - the server has its own cap
        """End the watch and the server; returns when it is gone."""
        self._stopping.set()
        await self._ended.wait()

    def kill(self) -> None:
        """Do nothing: a hurried end needs no crash recovery, the fast shutdown takes 15 ms."""

    async def _watch(self) -> None:
        failures = 0
        started_at = trio.current_time()
        while not self._stopping.is_set():
            if self._server.alive():
                if self.state is not ProcessState.READY:
                    ready = self._server.is_ready()
                    self._become(ProcessState.READY if ready else ProcessState.STARTING)
                ready = self.state is ProcessState.READY
                await self._wait(LOOK_EVERY_S if ready else LOOK_STARTING_EVERY_S)
                continue
            log.get().warning("database_ended", name=self.name, count=self._starts)
            self._become(ProcessState.WAITING)
            steady = trio.current_time() - started_at >= STEADY_S
            failures = 1 if steady else failures + 1
            await self._wait(pause_after(failures))
            if not self._stopping.is_set():
                self._starts += 1
                started_at = trio.current_time()
                self._launch()

    def _launch(self) -> None:
        try:
            self._server.launch()
        except OSError as error:
            log.get().error("child_not_started", name=self.name, code=error.errno)

    async def _wait(self, seconds: float) -> None:
        with trio.move_on_after(seconds):
            await self._stopping.wait()

    def _become(self, state: ProcessState) -> None:
        if state is not self.state:
            self.state = state
            self.on_change(self)
