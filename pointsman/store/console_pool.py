"""The console's own connections: its database role, its time-outs, and acts with their audit row.

An act is one transaction: what it changes and its row of the audit trail become durable together
or not at all. What is read and written is in the other console_*.py files.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString
from weakref import WeakSet

import msgspec
import psycopg
from psycopg import conninfo

from pointsman.store.connection import TrioConnection
from pointsman.store.pool import Pool, Values
from pointsman.store.verbs import StoreUnavailableError

ROLE = "pointsman_console"
CONNECTIONS_MAX = 6
NICER, NICEST = 10, 19
TIMEOUT_S = 5.0
"""A page that takes longer is given up; the statement ends on the server as well."""


class AlreadyThereError(Exception):
    """A name that must be unique is taken."""


class OutcomeUnknownError(StoreUnavailableError):
    """The connection ended between our commit and its answer: it was done, or it was not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit trail; `before` and `after` are what changed, fit to be shown."""

    actor: str
    act: str
    object_kind: str
    object_id: str
    role: str = ""
    mid: str = ""
    reason: str = ""
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    address: str = ""
    request_id: str = ""
    result: str = "done"  # or refused


class Act:
    """What runs inside one transaction."""

    def __init__(self, connection: TrioConnection) -> None:
        self._connection = connection

    async def rows(self, query: LiteralString, values: Values = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows. Any: rows have the shape of the query."""
        cursor = await self._connection.execute(query, values)
        return await cursor.fetchall() if cursor.description else []

    async def audit(self, entry: Entry) -> None:
        """Add the row; the trail's head is locked from here to the commit, so call it last."""
        row = msgspec.json.encode(entry).decode()
        await self._connection.execute("select audit_append(%s::jsonb)", (row,))


class ConsolePool(Pool):
    """A pool whose sessions act as the console's role."""

    def __init__(self, url: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        given = str(conninfo.conninfo_to_dict(url).get("options") or "")
        options = f"{given} -c role={ROLE} -c application_name=pointsman-console"
        # Filters that are not given leave whole conditions out: no plan fits them all.
        options += " -c plan_cache_mode=force_custom_plan"
        # One core for one reader: what sells runs beside it. Short queries gain nothing by JIT.
        options += " -c max_parallel_workers_per_gather=0 -c jit=off"
        # A long statement that nobody waits for any more is given up within a second.
        options += " -c client_connection_check_interval=1000"
        super().__init__(
            conninfo.make_conninfo(url, options=options.strip()),
            connections_max=connections_max,
            timeout_s=TIMEOUT_S,
        )
        self._seen: WeakSet[TrioConnection] = WeakSet()

    async def _take(self) -> TrioConnection:
        connection = await super()._take()
        if connection not in self._seen:
            self._seen.add(connection)
            _yield_to_others(connection.info.backend_pid)
        return connection

    @asynccontextmanager
    async def act(self, within: Act | None = None) -> AsyncIterator[Act]:
        """Run what follows in one transaction; an exception rolls it back.

        What is `within` an act is part of that one's transaction and ends with it. Raises
        AlreadyThereError, StoreUnavailableError and, of the latter, OutcomeUnknownError.
        """
        if within is not None:
            yield within
            return
        committing = False
        try:
            async with self.session() as connection:
                await connection.execute("begin")
                try:
                    yield Act(connection)
                    committing = True
                    await connection.execute("commit")
                except psycopg.Error:
                    raise
                except Exception:
                    await connection.execute("rollback")
                    raise
        except psycopg.errors.UniqueViolation:
            raise AlreadyThereError from None
        except psycopg.Error as error:
            text = f"no result ({error.sqlstate})"
            if committing and _is_lost(error):
                raise OutcomeUnknownError(text) from None
            raise StoreUnavailableError(text) from None
        except StoreUnavailableError as error:  # its time is over
            if committing:
                raise OutcomeUnknownError(str(error)) from None
            raise


def _is_lost(error: psycopg.Error) -> bool:
    """Say whether the server may have done what it did not answer: no answer, or its own end."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _yield_to_others(backend: int) -> None:
    """Let a back end of this machine's PostgreSQL run behind those that sell, where we may.

    A server elsewhere has no such process here, or another user's: then nothing is changed.
    """
    if _is_postgres(backend):
        with suppress(OSError):
            now = os.getpriority(os.PRIO_PROCESS, backend)
            os.setpriority(os.PRIO_PROCESS, backend, min(NICEST, now + NICER))


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        return False
