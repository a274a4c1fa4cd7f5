"""What a payment is in the day's sums: its postings, as the back office reads them.

A shell. Postings are written when a day closes (settlement/closing.py); how they are summed is
console_figures.py.
"""

from datetime import date
from typing import Final

from pointsman.store.pool import Pool

_POSTINGS: Final = """
select p.kind, p.business_date, p.currency, p.signed_minor from postings p
where p.transaction = %s order by p.business_date, p.kind
"""
_OPEN: Final = """
select o.business_date, o.reason from day_open_items o where o.transaction = %s
order by o.business_date
"""


async def postings(pool: Pool, payment: bytes) -> list[tuple[str, date, str, int]]:
    """Return kind, business date, currency and signed minor units of each, oldest first."""
    return await pool.rows(_POSTINGS, (payment,))


async def open_items(pool: Pool, payment: bytes) -> list[tuple[date, str]]:
    """Return at the close of which days it was not final, and why."""
    return await pool.rows(_OPEN, (payment,))
