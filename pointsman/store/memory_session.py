"""The journal's connection to the tables in memory: knows its few statements by name.

A shell, and the seam below journal.py: the real writer, its rounds and its settling of doubts run
on it unchanged. What a statement does is memory_round.py, how it ends memory_server.py.
"""

from collections.abc import Callable, Sequence
from datetime import date
from struct import pack, unpack, unpack_from
from typing import Any

import psycopg

from pointsman.store.memory import SqlError
from pointsman.store.memory_round import MemoryRound
from pointsman.store.memory_server import Backend, LostError, MemoryServer
from pointsman.store.migrate import migrations
from pointsman.store.verbs import StoreUnavailableError

_SETTINGS = [
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("server_version_num", "150000"),
]
_FIRST_DAY = date(2000, 1, 1)  # date_send
_ARRAY_HEAD_SIZE = 20
_ARRAY_LENGTH_AT = 12

Rows = list[tuple[Any, ...]]
"""Any: rows have the shape of their query."""


async def connect(server: MemoryServer) -> "MemorySession":
    """Open a session; raises `StoreUnavailableError` where the server is away."""
    try:
        await server.statement(None, "connect", lambda: None)
    except (LostError, SqlError):
        raise StoreUnavailableError("cannot connect") from None
    return MemorySession(server, server.open_session())


class MemorySession:
    """The journal's connection: answers the statements that journal.py makes."""

    def __init__(self, server: MemoryServer, backend: Backend) -> None:
        self.closed = False
        self._server = server
        self._backend = backend

    def end(self) -> None:
        """Close without a word; a statement under way goes on."""
        self.closed = True
        if not self._backend.busy:
            self._server.backends.pop(self._backend.pid, None)

    async def execute(self, query: str | bytes, values: Sequence[Any] = (), **_: bool) -> "_Rows":
        """Carry out one statement of the journal. Any: rows have the shape of the query."""
        text = query.decode() if isinstance(query, bytes) else query
        what, work = self._meaning(text, values)
        if self.closed:
            raise psycopg.OperationalError("the connection is closed")
        try:
            return _Rows(await self._server.statement(self._backend, what, work))
        except LostError:
            self.closed = True
            raise psycopg.OperationalError("the connection is lost") from None
        except SqlError as refusal:
            error = psycopg.DatabaseError("refused")
            error.sqlstate = refusal.sqlstate
            raise error from None

    async def call(self, statement: bytes, parameters: Sequence[bytes]) -> list[bytes | None]:
        """Carry out a group commit; values in PostgreSQL's binary form, both ways."""
        row = await (await self.execute(statement, parameters)).fetchone()
        assert row is not None, "a round gives one row"
        day, sequence, head, others = row
        days = pack("!i", (day - _FIRST_DAY).days)
        return [days, pack("!q", sequence), head, None if others is None else others.encode()]

    def _meaning(self, text: str, values: Sequence[Any]) -> tuple[str, Callable[[], Rows]]:
        """Return a statement's name and what it does."""
        db = self._server.db
        if "journal_round" in text:
            incarnation, sequence, head, _, taken, _, _, kinds, _, bodies, _ = values
            (incarnation,), (sequence,) = unpack("!q", incarnation), unpack("!q", sequence)
            # The documents of events say all that the rows do, and are easier to read.
            events = list(zip(_elements(kinds), _elements(bodies), strict=True))
            outcomes = [body for kind, body in events if kind == b"outcome"]
            intents = [body for kind, body in events if kind == b"intent"]
            lists = (outcomes, _elements(taken), intents)
            return "round", lambda: [MemoryRound(db, incarnation, sequence, head, *lists).commit()]
        if "regtype" in text:
            return "types", lambda: [(0, 0)]
        if "pg_terminate_backend" in text:
            return "end session", lambda: self._terminate(int(values[0]))
        if "pg_backend_pid" in text:
            return "session", lambda: [(self._backend.pid, "started")]
        if "hash is not null" in text:
            chain = db.chains.get(int(values[0]), [])
            return "head", lambda: [(e.sequence, e.head) for e in chain[-1:]]
        if "sequence >" in text:
            after = int(values[1])
            return "found", lambda: [
                (e.kind, e.transaction, e.day)
                for e in db.chains.get(int(values[0]), [])
                if e.sequence > after
            ]
        if text.endswith("from schema_version"):
            numbers = [(number,) for number, _, _ in migrations()]
            return "version", lambda: numbers[-1:] if "max(" in text else numbers
        if "pg_settings" in text:
            return "settings", lambda: list(_SETTINGS)
        return "set", lambda: [("done",)]

    def _terminate(self, pid: int) -> Rows:
        """Tell a session to end; a row says that it was still there."""
        backend = self._server.backends.get(pid)
        if backend is None:
            return []
        backend.ended = True
        if not backend.busy:
            del self._server.backends[pid]
        return [(True,)]


class _Rows:
    """What a statement gave."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        return self._rows[0] if self._rows else None

    async def fetchall(self) -> Rows:
        """Return all rows."""
        return self._rows


def _elements(packed: bytes) -> list[bytes]:
    """Return the elements of a binary array (the reverse of arrays.py)."""
    if len(packed) < _ARRAY_HEAD_SIZE:
        return []
    (count,) = unpack_from("!i", packed, _ARRAY_LENGTH_AT)
    at, found = _ARRAY_HEAD_SIZE, []
    for _ in range(count):
        (size,) = unpack_from("!i", packed, at)
        found.append(bytes(packed[at + 4 : at + 4 + size]))
        at += 4 + size
    return found
