"""What is owed to acquirers, on PostgreSQL: reversals that arrive, the queue, its ends.

One part of `PostgresRecords` (records_sql.py). The SQL functions are in schema/0004_verbs.sql; when
a message is sent again and which codes end it is decided in switch/.
"""

from collections.abc import Mapping, Sequence

from psycopg.types.json import Jsonb

from pointsman.store.leases_sql import SessionLeasesSql
from pointsman.store.records import (
    Outcome,
    Owed,
    OwedState,
    RequestKey,
    ReversalArrival,
)
from pointsman.store.rows import outcome_document, transaction
from pointsman.store.verbs import StoreUnavailableError

LATER_S_MAX = 600.0
"""No message waits longer for its next attempt; what seems to is a wall clock that was set back."""

_DUE = """
select o.id, o.kind, o.state, o.reason, o.attempts, o.host_stan, o.host_time,
    greatest(extract(epoch from now() - o.created_at), 0)::bigint, whole(t)
from owed o join transactions t on t.id = o.id
where o.acquirer = %s and o.session = any (%s) and o.state in ('due', 'sent')
    -- An advice waits until the acquirer has what it speaks of (switch-rules 4).
    and not (o.kind = 'advice' and exists (select from owed b
        where b.id = t.original and b.state in ('waiting', 'due', 'sent')))
    and not (o.kind = 'advice' and t.guard = 'adjust' and exists (
        select from transactions e join owed b on b.id = e.id
        where e.original = t.original and e.guard = 'adjust'
            and (e.created_at, e.id) < (t.created_at, t.id)
            and b.state in ('waiting', 'due', 'sent')))
    and (o.due_at <= now() or o.due_at > now() + interval '10 minutes')
order by o.created_at, o.id limit %s
"""


class OwedSql(SessionLeasesSql):
    """The verbs of `verbs.Records` about what an acquirer must still acknowledge.

    What is sent, and what came of it, is written under the lease of our session.
    """

    async def reversal_arrived(
        self, key: RequestKey, amount_minor: int, reason: str
    ) -> ReversalArrival:
        """See verbs.Records. Gives NOT_DURABLE where the database is away."""
        values = (self._writer, key.mid, key.tid, key.batch, key.stan, amount_minor, reason)
        try:
            met = await self._pool.value(
                "select reversal_arrived(%s, %s, %s, %s, %s, %s::bigint, %s)", values
            )
        except StoreUnavailableError:
            return ReversalArrival.NOT_DURABLE
        return ReversalArrival(met)

    async def reversal_told(self, key: RequestKey, answer: Mapping[str, str]) -> Mapping[str, str]:
        """See verbs.Records."""
        values = (key.mid, key.tid, key.batch, key.stan, Jsonb(dict(answer)))
        kept = await self._pool.value("select reversal_told(%s, %s, %s, %s, %s)", values)
        return dict(kept or answer)

    async def owe(self, id: bytes, reason: str) -> bool:  # noqa: A002
        """See verbs.Records. A row still in state sending is in doubt from now on."""
        return bool(await self._pool.value("select owe(%s, %s, %s)", (self._writer, id, reason)))

    async def claim(self, id: bytes) -> bool:  # noqa: A002
        """See verbs.Records."""
        return bool(await self._pool.value("select claim(%s, %s)", (self._writer, id)))

    async def due(self, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
        """See verbs.Records."""
        rows = await self._pool.rows(_DUE, (acquirer, list(sessions), limit))
        return [
            Owed(
                id=row[0],
                kind=row[1],
                original=transaction(row[8]),
                state=OwedState(row[2]),
                reason=row[3],
                attempts=row[4],
                host_stan=row[5],
                host_time=row[6],
                age_s=row[7],
            )
            for row in rows
        ]

    async def owed_numbers(self, id: bytes, host_stan: str, host_time: str) -> bool:  # noqa: A002
        """See verbs.Records. Numbers that were fixed before stay: they may have been sent."""
        values = (id, host_stan, host_time)
        return bool(await self._under_lease("select owed_numbers(%s, %s, %s)", values))

    async def owed_attempt(self, id: bytes) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("select owed_attempt(%s)", (id,))

    async def owed_later(self, id: bytes, after_s: float) -> None:  # noqa: A002
        """See verbs.Records. At most `LATER_S_MAX`."""
        after_s = min(max(after_s, 0.0), LATER_S_MAX - 1.0)
        await self._under_lease("select owed_later(%s, %s)", (id, after_s))

    async def owed_soon(self, acquirer: str, session: int) -> None:
        """See verbs.Records."""
        await self._under_lease("select owed_soon(%s, %s)", (acquirer, session))

    async def owed_done(self, id: bytes, code: str) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("select owed_done(%s, %s, %s)", (self._writer, id, code))

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        """See verbs.Records."""
        assert outcome.id == id, "an outcome of another transaction"
        document = outcome_document(outcome).decode()
        await self._under_lease("select owed_answered(%s, %s::jsonb)", (self._writer, document))

    async def owed_parked(self, id: bytes, code: str) -> None:  # noqa: A002
        """See verbs.Records."""
        await self._under_lease("select owed_parked(%s, %s, %s)", (self._writer, id, code))
