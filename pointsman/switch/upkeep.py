"""The clerk's upkeep: days prepared before they come, old request keys taken away, limits added up.

A shell of jobs over the store's verbs. What is prepared and what may go says
schema/0014_upkeep.sql, what is added up 0035_limit_sums.sql; archives and the events themselves are
`pointsman journal`.
"""

from typing import Final

from pointsman import log
from pointsman.metrics import ClerkMetrics
from pointsman.store.day import KEYS_KEPT, Days, Upkeep

PREPARE_S: Final = 600.0
DAYS_AHEAD: Final = 7
DAYS_AHEAD_MIN: Final = 3  # fewer are told as an error; a day without a place would stop its sales
PURGE_S: Final = 3600.0
BATCHES_AT_ONCE: Final = 50
FOLD_S: Final = 5.0
"""A payment with limits adds up what changed since: some thousand rows at full load."""
CHANGES_AT_ONCE: Final = 5_000
TURNS_MAX: Final = 200  # in one run of the job: 10,000 terminal batches


class JournalUpkeep:
    """Jobs of the clerk; each may be run again at any time."""

    def __init__(self, days: Days, upkeep: Upkeep, metrics: ClerkMetrics) -> None:
        self._days = days
        self._upkeep = upkeep
        self._metrics = metrics

    async def prepare(self) -> None:
        """Make places for the events of the days to come; say so where they are missing."""
        ready = await self._upkeep.prepare_days(DAYS_AHEAD)
        if ready is None:
            return  # no site was imported yet
        self._metrics.event_days_ahead.set(ready)
        if ready < DAYS_AHEAD_MIN:
            log.get().error("days_not_prepared", count=ready)

    async def fold(self) -> None:
        """Add what changed to the sums that limits are held against."""
        for _ in range(TURNS_MAX):
            if await self._upkeep.fold_limits(CHANGES_AT_ONCE) < CHANGES_AT_ONCE:
                break

    async def purge(self) -> None:
        """Take away request keys that no copy and no reversal can come for any more."""
        try:
            before = await self._days.open_day() - KEYS_KEPT
        except LookupError:
            return
        count = 0
        for _ in range(TURNS_MAX):
            gone = await self._upkeep.purge_keys(before, BATCHES_AT_ONCE)
            count += gone
            if not gone:
                break
        if count:
            log.get().info("keys_purged", count=count, date=before.isoformat())
