"""What is parked and what people decide about it, on PostgreSQL: schema/0008 and 0010.

A message that an acquirer refused for good is sent again, or ended by what the acquirer did, when
two different users said so; users are names here, who they are is known elsewhere. The queue itself
is owed_sql.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pointsman.store.pool import Pool

LIST_MAX: Final = 1000
_LIST: Final = """
select o.id, o.kind, o.acquirer, o.code, o.attempts, o.created_at, t.mid, t.tid, t.batch, t.stan,
    t.rrn, t.state, t.amount_minor, t.currency, coalesce(d.action, ''), coalesce(d.asked_by, '')
from owed o join transactions t on t.id = o.id
left join parked_decisions d on d.transaction = o.id and d.confirmed_by is null
where o.state = 'parked' order by o.created_at, o.id limit %s
"""


class Action(StrEnum):
    """What may be decided."""

    RETRY = "retry"  # send it again, by its own numbers
    DONE = "done"  # the acquirer did it after all: as good as its acknowledgement
    NOT_DONE = "not-done"  # it did not and will not: give the message up


class Said(StrEnum):
    """What came of one user's word."""

    ASKED = "asked"
    DONE = "done"
    SAME_USER = "same user"
    OTHER_ACTION = "other action"
    NOT_PARKED = "not parked"


@dataclass(frozen=True, slots=True)
class Parked:
    """One parked message; `asked` and `asked_by` are empty where nobody asked for anything."""

    id: bytes
    kind: str
    acquirer: str
    code: str
    attempts: int
    since: datetime
    mid: str
    tid: str
    batch: str
    stan: str
    rrn: str
    state: str
    amount_minor: int
    currency: str
    asked: str
    asked_by: str


class ParkedSql:
    """The desk of what is parked. Raises StoreUnavailableError when the database is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def parked(self) -> Sequence[Parked]:
        """Return what is parked, oldest first, at most `LIST_MAX`."""
        return [Parked(*row) for row in await self._pool.rows(_LIST, (LIST_MAX,))]

    async def decide(self, transaction: bytes, action: Action, user: str, reason: str) -> Said:
        """Take one user's word; with a second user's the same word it is done."""
        values = (transaction, action.value, user, reason)
        return Said(await self._pool.value("select decide_parked(%s, %s, %s, %s)", values))
