"""What the console's gauges are set to: counts of batches, for the whole platform.

Terminals by state are counted as their list counts them (console/reading.py).
"""

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


async def batches(pool: Pool) -> dict[str, int]:
    """Return how many are open, closing, and closed within a day with totals unexplained."""
    return {str(state): int(count) for state, count in await pool.rows(_BATCHES)}
