"""What a person must look at, as the back office reads it: parked and owed messages, exceptions.

Bounded lists, oldest first. Deciding is one call of the verb that the command line uses too
(schema/0109); it writes inside the Act that it is given.
"""

from collections.abc import Sequence
from typing import Any, Final

from pointsman.store.console_pool import Act
from pointsman.store.parked_sql import Action, Said
from pointsman.store.pool import Pool

LIST_MAX: Final = 500
_OWED: Final = """
select o.id, o.kind, o.state, o.acquirer, o.code, o.attempts, o.created_at, t.mid, t.tid, t.stan,
    t.amount_minor, t.currency, coalesce(d.action, ''), coalesce(d.asked_by, '')
from owed o join transactions t on t.id = o.id
left join parked_decisions d on d.transaction = o.id and d.confirmed_by is null
where o.state in ('waiting', 'due', 'sent', 'parked')
    and (%(mids)s::text[] is null or t.mid = any(%(mids)s)
        or outlet_at(t.mid, t.tid, t.created_at) = any(%(outlets)s::bytea[]))
order by o.state <> 'parked', o.created_at, o.id limit %(limit)s
"""
_NOTED: Final = """
select e.kind, e.at, e.mid, e.tid, e.batch, e.stan, e.transaction, e.expected_minor, e.found_minor,
    e.note, m.currency
from exceptions e left join merchants m using (mid)
where e.state = 'open' and (%(mids)s::text[] is null or e.mid = any(%(mids)s)
    or outlet_at(e.mid, e.tid, e.at) = any(%(outlets)s::bytea[]))
order by e.id limit %(limit)s
"""

Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their query


class Exceptions:
    """Reads what waits for somebody."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def owed(self, mids: Sequence[str] | None, outlets: Sequence[bytes] = ()) -> Rows:
        """Return what acquirers must still acknowledge, the parked first."""
        values = {"mids": mids, "outlets": list(outlets), "limit": LIST_MAX}
        return await self._pool.rows(_OWED, values)

    async def noted(self, mids: Sequence[str] | None, outlets: Sequence[bytes] = ()) -> Rows:
        """Return exceptions that are open."""
        values = {"mids": mids, "outlets": list(outlets), "limit": LIST_MAX}
        return await self._pool.rows(_NOTED, values)


async def decide(act: Act, transaction: bytes, action: Action, user: str, reason: str) -> Said:
    """Take one user's word on what is parked."""
    values = (transaction, action.value, user, reason)
    rows = await act.rows("select console_decide_parked(%s, %s, %s, %s)", values)
    return Said(rows[0][0])
