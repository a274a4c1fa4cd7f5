"""A server over the tables in memory: its sessions, restarts, and how each statement ends.

A shell. `Weather` decides how a statement ends: done, refused, answer lost with the work done, not
done, or done later in a session that its client has given up. The tables are memory.py; what the
journal's connection says is memory_session.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeVar

import trio

from pointsman.store.memory import MemoryDatabase, SqlError

T = TypeVar("T")


class Fate(Enum):
    """How one statement ends."""

    DONE = "done"
    LOST_BEFORE = "lost before"  # the connection broke, nothing was done
    LOST_AFTER = "lost after"  # done, and the answer never came
    LATE = "late"  # the connection broke; the server does it afterwards, unless it is ended


@dataclass(frozen=True, slots=True)
class Plan:
    """What awaits one statement; a `sqlstate` refuses it with nothing done. Times in seconds."""

    before_s: float = 0.0
    after_s: float = 0.0
    fate: Fate = Fate.DONE
    sqlstate: str = ""
    late_s: float = 0.0


class Weather(Protocol):
    """Decides how the server's statements go."""

    def plan(self, what: str) -> Plan: ...  # noqa: D102


class Calm:
    """Everything is done at once."""

    def plan(self, _what: str) -> Plan:
        """Return the plan of a statement."""
        return Plan()


class LostError(Exception):
    """The connection broke; whether the statement was done is not known."""


@dataclass(slots=True)
class Backend:
    """The server's side of one session."""

    pid: int
    ended: bool = False
    busy: bool = False


@dataclass(slots=True)
class _Job:
    """One statement on its way; `over` is set once its client may know the end."""

    over: trio.Event = field(default_factory=trio.Event)
    result: object = None
    error: Exception | None = None


@dataclass(slots=True)
class MemoryServer:
    """The server: sessions, restarts, and the tables that survive them."""

    db: MemoryDatabase
    weather: Weather = field(default_factory=Calm)
    up: bool = True
    epoch: int = 0
    backends: dict[int, Backend] = field(default_factory=dict)
    statements: int = 0
    _nursery: trio.Nursery | None = None
    _pids: int = 0

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Carry out statements until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            await trio.sleep_forever()

    def restart(self) -> None:
        """End every session; what was committed stays."""
        self.epoch += 1
        for backend in self.backends.values():
            backend.ended = True
        self.backends.clear()

    def open_session(self) -> Backend:
        """Make the server's side of a new session."""
        self._pids += 1
        backend = self.backends[self._pids] = Backend(self._pids)
        return backend

    async def statement(
        self,
        backend: Backend | None,
        what: str,
        work: Callable[[], T],
        lost: type[Exception] = LostError,
    ) -> T:
        """Carry out one statement; it goes on when its client no longer waits."""
        assert self._nursery is not None, "the server runs first"
        self.statements += 1
        job = _Job()
        plan = self.weather.plan(what)
        if plan == Plan() and self.up and not (backend and backend.ended):
            await trio.lowlevel.checkpoint()
            return work()
        self._nursery.start_soon(self._carry_out, backend or Backend(0), plan, work, job)
        await job.over.wait()
        if job.error is None:
            return job.result  # type: ignore[return-value]  # it is what work gave
        raise lost if isinstance(job.error, LostError) else job.error

    async def _carry_out(
        self, backend: Backend, plan: Plan, work: Callable[[], object], job: _Job
    ) -> None:
        backend.busy = True
        try:
            job.result = await self._end(backend, plan, work, job)
        except (LostError, SqlError) as error:
            job.error = error
        backend.busy = False
        if isinstance(job.error, LostError):
            self.backends.pop(backend.pid, None)
        job.over.set()

    async def _end(
        self, backend: Backend, plan: Plan, work: Callable[[], object], job: _Job
    ) -> object:
        """Do one statement as planned; raises LostError and SqlError."""
        epoch = self.epoch
        await trio.sleep(plan.before_s)
        if plan.fate is Fate.LATE and self.up and epoch == self.epoch:
            job.error = LostError()
            job.over.set()
            await trio.sleep(plan.late_s)
        gone = not self.up or backend.ended or epoch != self.epoch
        if gone or plan.fate is Fate.LOST_BEFORE:
            raise LostError
        if plan.sqlstate:
            raise SqlError(plan.sqlstate)
        result = work()
        if plan.fate is Fate.LOST_AFTER:
            raise LostError
        await trio.sleep(plan.after_s)
        if epoch != self.epoch:
            raise LostError  # done, and its client will never hear of it
        return result
