"""Figures of what is open in the whole house, on PostgreSQL: day.Census.

Each is read from a partial index over what is open, so its cost does not grow with the history.
What is owed, by age, is in settlement_sql.py; who shows the figures is the clerk.
"""

from collections.abc import Mapping

from pointsman.store.pool import Pool

# An outcome stays unknown until what is owed for it is done: every such row is in `owed`.
_UNKNOWN = """
select t.acquirer, count(*) from owed o join transactions t on t.id = o.id
where o.state in ('waiting', 'due', 'sent', 'parked') and t.state = 'unknown'
group by t.acquirer
"""
_BATCHES = """
select case when result = 'forced' then result else state end, count(*)
from batches where business_date is null group by 1
"""


class CensusSql:
    """`day.Census` on PostgreSQL."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def unknown_outcomes(self) -> Mapping[str, int]:
        """See day.Census."""
        return dict(await self._pool.rows(_UNKNOWN))

    async def batch_states(self) -> Mapping[str, int]:
        """See day.Census."""
        return dict(await self._pool.rows(_BATCHES))
