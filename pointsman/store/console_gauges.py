"""What the console's gauges are set to: counts of batches and open decisions of the whole platform.

Terminals by state are counted as their list counts them (console/reading.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.store.pool import Pool

UNBALANCED: Final = "unbalanced"
STATES: Final = ("open", "closing", UNBALANCED)
# A day: what is older has been looked at, or stands under the exceptions.
_BATCHES = """
select 'open', count(*) from batches where state = 'open'
union all select 'closing', count(*) from batches where state = 'closing'
union all select 'unbalanced', count(*) from batches
    where state = 'closed' and closed_at > now() - interval '1 day'
        and result = 'unbalanced-open'
"""

_APPROVALS = """
select kind, count(*), extract(epoch from now() - min(asked_at))::float8
from approvals where state = 'open' group by kind
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Decisions that wait for a second person by kind, and the age of the oldest, else 0."""

    by_kind: Mapping[str, int]
    oldest_s: float

    def count(self, kind: str) -> int:
        """Return how many of a kind wait."""
        return self.by_kind.get(kind, 0)


async def approvals(pool: Pool) -> Waiting:
    """Return the decisions that wait."""
    rows = await pool.rows(_APPROVALS)
    oldest_s = max((float(age_s) for _, _, age_s in rows), default=0.0)
    return Waiting({str(kind): int(count) for kind, count, _ in rows}, oldest_s)


async def batches(pool: Pool) -> dict[str, int]:
    """Return how many are open, closing, and closed within a day with totals unexplained."""
    return {str(state): int(count) for state, count in await pool.rows(_BATCHES)}
