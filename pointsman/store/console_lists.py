"""Pages of lists, read from the database by the tables of console_listings and office_listings.

A shell. How a statement is made is in listing.py, what was asked in console/listing.py.
"""

from typing import Any

from pointsman.store import listing
from pointsman.store.listing import Listing, Wanted, Within
from pointsman.store.pool import Pool

COUNT_MAX = 100_000
"""A total is counted so far; beyond it is told as at least that many."""

Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their list


class Lists:
    """Reads lists."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def page(self, which: Listing, wanted: Wanted, within: Within) -> Rows:
        """Return a page in the list's order; each row ends with its place and its birth."""
        statement, values = listing.page(which, wanted, within)
        # Put together of the tables' own texts: no word of a request is in it.
        rows = await self._pool.rows(statement, values)
        return rows[::-1] if wanted.backwards else rows

    async def count(self, which: Listing, wanted: Wanted, within: Within) -> int:
        """Return how many rows the list holds, up to COUNT_MAX + 1."""
        statement, values = listing.count(which, wanted, within, COUNT_MAX + 1)
        rows = await self._pool.rows(statement, values)
        return int(rows[0][0])
