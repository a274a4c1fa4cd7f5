"""The journal followed by position: which payments changed since a cursor, for the live stream.

A cursor is the last sequence seen of each writer. A writer's commits are in order, so nothing is
passed over; no sale's commit is touched, and nothing is notified. What is sent is in
console/wire.py.
"""

from collections.abc import Mapping, Sequence

from pointsman.store.console_reads import PAYMENT, Rows
from pointsman.store.pool import Pool

EVENTS_MAX = 1_000
"""Events read at once; more are read with the next look."""
Cursor = dict[int, int]

_HEADS = """
select w.writer, coalesce((select max(e.sequence) from shown_events e where e.writer = w.writer
    and e.business_date >= (select min(business_date) from business_days where state <> 'closed')),
    0)
from (select incarnation as writer from incarnations where state = 'alive'
        or started_at > now() - interval '1 day'
    union all select -incarnation from incarnations where state = 'alive'
        or started_at > now() - interval '1 day'
    union all select 0) w
"""
_AFTER = """
select e.writer, e.sequence, e.transaction from unnest(%s::bigint[], %s::bigint[])
    as c (writer, sequence)
cross join lateral (select e.writer, e.sequence, e.transaction from shown_events e
    where e.writer = c.writer and e.sequence > c.sequence
        and e.business_date >= (select min(business_date) from business_days
            where state <> 'closed')
    order by e.sequence limit %s) e
"""
_WRITERS = """
select incarnation from incarnations where state = 'alive' or started_at > now() - interval '1 day'
"""


class Tail:
    """Follows the journal."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def heads(self) -> Cursor:
        """Return the end of every writer's journal."""
        return {row[0]: row[1] for row in await self._pool.rows(_HEADS)}

    async def after(self, cursor: Mapping[int, int]) -> tuple[list[bytes], Cursor]:
        """Return the payments that changed behind the cursor, and the cursor behind those."""
        following = dict(cursor)
        for (writer,) in await self._pool.rows(_WRITERS):
            following.setdefault(writer, 0)
            following.setdefault(-writer, 0)
        asked = (list(following), list(following.values()), EVENTS_MAX)
        changed: dict[bytes, None] = {}
        for writer, sequence, payment in await self._pool.rows(_AFTER, asked):
            following[writer] = max(following[writer], sequence)
            if payment is not None:
                changed[payment] = None
        return list(changed), following

    async def outlets(self, wanted: list[bytes]) -> dict[bytes, bytes | None]:
        """Return in which outlet each of these payments was made."""
        query = "select id, outlet_at(mid, tid, created_at) from transactions where id = any(%s)"
        return {row[0]: row[1] for row in await self._pool.rows(query, (wanted,))}

    async def payments(self, wanted: list[bytes]) -> Rows:
        """Return payments as lists show them, oldest first."""
        return await self._pool.rows(PAYMENT + "where t.id = any(%s) order by t.id", (wanted,))

    async def acquirers(self, mids: Sequence[str] | None) -> list[str]:
        """Return to which acquirers these merchants are routed, None for all merchants."""
        query = (
            "select distinct acquirer from routes"
            " where %(mids)s::text[] is null or mid = any(%(mids)s) order by acquirer"
        )
        return [row[0] for row in await self._pool.rows(query, {"mids": mids})]
