"""The database's weather, and the way of one process to it.

A shell over store/memory_server.py: which statement is slow, refused, lost before or after it was
done, or done later by a session that nobody waits for any more. A call of a rare verb is made again
as store/pool.py does it; a dead process asks for nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

import trio

from pointsman.sim.world.chance import Faults
from pointsman.sim.world.process import Process
from pointsman.store import memory_session
from pointsman.store.memory import SqlError
from pointsman.store.memory_server import Fate, LostError, MemoryServer, Plan
from pointsman.store.pool import TRIES_MAX
from pointsman.store.verbs import StoreUnavailableError

T = TypeVar("T")
POLLS = frozenset({"due", "overdue", "directory"})  # asked all the time: no time of their own
COLLISION, DISK_FULL, READ_ONLY = "40001", "53100", "25006"


@dataclass(slots=True)
class SimWeather:
    """Draws how each statement goes (store/memory_server.Weather)."""

    draw: Random
    faults: Faults
    latency_s: float = 0.003

    def plan(self, what: str) -> Plan:
        """Return the plan of one statement."""
        latency_s = 0.0 if what in POLLS else self.latency_s
        before = latency_s * self.draw.random()
        after = latency_s * self.draw.random()
        strikes = self.faults.strikes
        kind = "commit" if what == "round" else "statement"
        if strikes(f"{kind} slow"):
            before += self.draw.random() * 4
        if strikes(f"{kind} hangs after"):
            after += self.draw.random() * 12
        if strikes(f"{kind} lost undone"):
            return Plan(before, after, Fate.LOST_BEFORE)
        if strikes(f"{kind} lost done"):
            return Plan(before, after, Fate.LOST_AFTER)
        if strikes(f"{kind} done late"):
            return Plan(before, after, Fate.LATE, late_s=self.draw.random() * 6)
        for state in (COLLISION, DISK_FULL, READ_ONLY):
            if strikes(f"{kind} refused {state}"):
                return Plan(before, after, sqlstate=state)
        return Plan(before, after)


@dataclass(frozen=True, slots=True)
class DatabasePort:
    """The database as one process sees it."""

    server: MemoryServer
    process: Process
    timeout_s: float

    async def call(self, verb: str, work: Callable[[], T], /) -> T:
        """Carry out one rare verb (store/memory_records.Call)."""
        for left in reversed(range(TRIES_MAX)):
            number = self.process.enters(f"call {verb}")
            if not number:
                await self.process.gone()
            try:
                with trio.fail_after(self.timeout_s):
                    await self.process.reaches_database()
                    result = await self.server.statement(None, verb, work)
            except trio.TooSlowError:
                raise StoreUnavailableError("no answer in time") from None
            except SqlError as error:
                if error.sqlstate != COLLISION or not left:
                    raise StoreUnavailableError(f"refused ({error.sqlstate})") from None
                continue
            except LostError:
                if not left:
                    raise StoreUnavailableError("no result") from None
                continue
            self.process.left(number, f"call {verb}")
            if not self.process.alive:
                await self.process.gone()
            return result
        raise AssertionError("the last try returns or raises")

    async def connect(self, _url: str) -> Any:  # noqa: ANN401  # stands for psycopg's connection
        """Open the journal's session."""
        await self.process.reaches_database()
        session = await memory_session.connect(self.server)
        return JournalSession(session, self.process)


class JournalSession:
    """The journal's session, while its process lives."""

    def __init__(self, session: memory_session.MemorySession, process: Process) -> None:
        self._session = session
        self._process = process

    @property
    def closed(self) -> bool:
        """Whether the connection was lost."""
        return self._session.closed

    def end(self) -> None:
        """Close without a word."""
        self._session.end()

    async def execute(self, query: str | bytes, values: Any = ()) -> Any:  # noqa: ANN401  # psycopg's shape
        """Carry out one statement of the journal."""
        return await self._reached("journal", lambda: self._session.execute(query, values))

    async def call(self, statement: bytes, parameters: Sequence[bytes]) -> list[bytes | None]:
        """Carry out one group commit."""
        return await self._reached("commit", lambda: self._session.call(statement, parameters))

    async def _reached(self, seam: str, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the database, and hear of it if the process lives."""
        number = self._process.enters(seam)
        if not number:
            await self._process.gone()
        await self._process.reaches_database()
        found = await ask()
        self._process.left(number, seam)
        if not self._process.alive:
            await self._process.gone()
        return found
