"""Leases on PostgreSQL: a worker's session, and the end of the day.

`SessionLeasesSql` is one part of `PostgresRecords` (records_sql.py). `leased` holds a lease by name
while its body runs, for who is no worker. The SQL functions are in schema/0011_leases.sql.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import trio

from pointsman import log
from pointsman.store.leases import (
    BEAT_S,
    Fence,
    LeaseLostError,
    Seen,
    Sightings,
    session_name,
)
from pointsman.store.pool import Pool
from pointsman.store.verbs import StoreUnavailableError

NO_INCARNATION = -1
_BEAT = "update lease set beat = beat + 1 where name = %s and number = %s"
_SEEN = """
select l.name, l.number, l.beat, l.holder,
    not exists (select from incarnations i
        where i.incarnation = l.holder and i.state <> 'alive'),
    l.holder = 0 and exists (select from owed o where l.name = 'session ' || o.session
        and o.state in ('waiting', 'due', 'sent', 'parked'))
from lease l where starts_with(l.name, %s)
"""
_ADOPT = "select adopt_session(%s, %s::integer, %s::bigint, %s::bigint, %s::integer)"


class SessionLeasesSql:
    """`leases.SessionLeases`; the incarnation is known once `begin` was called."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._writer = 0  # of the events; minus the incarnation once there is one
        self._session = -1
        self._fence = Fence("", 0)  # of no lease: refused

    async def beat(self) -> Sequence[Seen]:
        """See leases.SessionLeases."""
        if self._fence.number:
            await self._pool.rows(_BEAT, (self._fence.name, self._fence.number))
        return await seen(self._pool, session_name(0)[:-1])

    async def take_session(self, session: int, number: int, beat: int) -> bool:
        """See leases.SessionLeases."""
        found = await self._pool.value(
            "select take_session(%s, %s::integer, %s::bigint, %s::bigint, %s::bigint)",
            (self._writer, session, number, beat, -self._writer),
        )
        if found is None:
            return False
        self._session, self._fence = session, Fence(session_name(session), int(found))
        return True

    async def adopt_session(self, session: int, number: int, beat: int) -> int | None:
        """See leases.SessionLeases."""
        values = (self._writer, session, number, beat, self._session)
        found: int | None = await self._under_lease(_ADOPT, values)
        return found

    async def _under_lease(self, query: LiteralString, values: Sequence[object]) -> Any:  # noqa: ANN401  # what the query selects
        """Select one value in a transaction that names our lease; raises `LeaseLostError`."""
        rows = await self._pool.rows(
            query + " from fenced(%s, %s)", (*values, self._fence.name, self._fence.number)
        )
        if not rows:
            raise LeaseLostError(self._fence.name)
        return rows[0][0]


async def seen(pool: Pool, prefix: str) -> list[Seen]:
    """Return the leases whose names begin so."""
    return [Seen(*row) for row in await pool.rows(_SEEN, (prefix,))]


@asynccontextmanager
async def leased(pool: Pool, name: str) -> AsyncIterator[Fence | None]:
    """Hold a lease while the body runs; None where another holds it and lives.

    Waits until its beat moves or it has lapsed (leases.LAPSE_S).
    """
    number = await _take(pool, name)
    if number is None:
        yield None
        return
    fence = Fence(name, number)
    failed: Exception | None = None
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_keep, pool, fence)
            try:
                yield fence
            except Exception as error:  # noqa: BLE001  # raised below, not in a group
                failed = error
            nursery.cancel_scope.cancel()
    finally:
        with trio.move_on_after(BEAT_S, shield=True):
            await _release(pool, fence)
    if failed is not None:
        raise failed


async def _take(pool: Pool, name: str) -> int | None:
    sightings = Sightings()
    first: tuple[int, int] | None = None
    while True:
        found = [one for one in await seen(pool, name) if one.name == name]
        lease = found[0] if found else Seen(name, 0, 0, 0, is_living=True)
        now = trio.current_time()
        sightings.look([lease], now)
        if lease.is_free or sightings.has_lapsed(lease, now):
            rows = await pool.rows(
                "select o_number from take_lease(0, %s, %s::bigint, %s::bigint, %s::bigint)",
                (name, lease.number, lease.beat, NO_INCARNATION),
            )
            return None if rows[0][0] is None else int(rows[0][0])
        first = first or (lease.number, lease.beat)
        if first != (lease.number, lease.beat):
            return None  # it lives
        await trio.sleep(BEAT_S)


async def _keep(pool: Pool, fence: Fence) -> None:
    while True:
        await trio.sleep(BEAT_S)
        try:
            await pool.rows(_BEAT, (fence.name, fence.number))
        except StoreUnavailableError:
            log.get().warning("lease_not_renewed", name=fence.name)


async def _release(pool: Pool, fence: Fence) -> None:
    try:
        await pool.rows(
            "update lease set holder = 0 where name = %s and number = %s",
            (fence.name, fence.number),
        )
    except StoreUnavailableError:
        log.get().warning("lease_not_released", name=fence.name)  # it lapses
