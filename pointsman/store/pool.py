"""A few connections for rare reads and writes, opened when they are first wanted.

Each call is one statement in its own transaction, so that a call whose answer was lost can be made
again: the verbs behind it are harmless twice. The journal has a connection of its own (journal.py).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg
import trio

from pointsman.store.connection import TrioConnection, UnsafeSettingsError, connect, usable
from pointsman.store.verbs import StoreUnavailableError

CONNECTIONS_MAX = 4
TIMEOUT_S = 2.0
TRIES_MAX = 3
"""Collisions with other sessions, and connections that had died while they were idle."""

_LIMIT = "select set_config('statement_timeout', %s, %s)"

Values = Sequence[object] | Mapping[str, object]


class Pool:
    """Connections to one database; needs no task. Every method raises `StoreUnavailableError`."""

    def __init__(
        self, url: str, *, connections_max: int = CONNECTIONS_MAX, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._idle: list[TrioConnection] = []
        self._places = trio.Semaphore(connections_max)

    async def rows(
        self, query: LiteralString, values: Values = (), *, limit_s: float | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows. Any: rows have the shape of the query.

        With `limit_s` it may take that long instead of the pool's own time.
        """
        for left in reversed(range(TRIES_MAX)):
            try:
                async with self.session(timeout_s=limit_s) as connection:
                    if limit_s is not None:
                        await connection.execute("begin")
                        await connection.execute(_LIMIT, (_given_up(limit_s), True))
                    cursor = await connection.execute(query, values)
                    rows = await cursor.fetchall() if cursor.description else []
                    if limit_s is not None:
                        await connection.execute("commit")
                    return rows
            except psycopg.OperationalError as error:
                # A collision, or a connection that had died while it lay idle: so may the others.
                self.close()
                if not left:
                    raise StoreUnavailableError(f"no result ({error.sqlstate})") from None
            except psycopg.Error as error:
                raise StoreUnavailableError(f"refused by the database ({error.sqlstate})") from None
        raise AssertionError("the last try returns or raises")

    async def value(self, query: LiteralString, values: Values = ()) -> Any:  # noqa: ANN401
        """Run one statement that gives one value; None where it gives no row."""
        rows = await self.rows(query, values)
        return rows[0][0] if rows else None

    @asynccontextmanager
    async def session(self, *, timeout_s: float | None = None) -> AsyncIterator[TrioConnection]:
        """Lend a connection; what is left in a transaction, or was cancelled, is closed.

        psycopg's errors pass; a deadline and a server that is away raise `StoreUnavailableError`.
        """
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            with trio.fail_after(limit_s):
                async with self._places:
                    connection = await self._take()
                    try:
                        yield connection
                    finally:
                        if usable(connection):
                            self._idle.append(connection)
                        else:
                            connection.end()
        except trio.TooSlowError:
            raise StoreUnavailableError("no answer in time") from None

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().end()

    async def _take(self) -> TrioConnection:
        while self._idle:
            connection = self._idle.pop()
            if usable(connection):
                return connection
            connection.end()
        try:
            connection = await connect(self._url)
        except UnsafeSettingsError as error:
            raise StoreUnavailableError(str(error)) from None
        await connection.execute(_LIMIT, (_given_up(self._timeout_s), False))
        return connection


def _given_up(limit_s: float) -> str:
    """Return after how many milliseconds the server ends what was given up here before."""
    return str(int(2000 * limit_s))
