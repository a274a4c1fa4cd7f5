"""Counts for gauges: every state is told, also where there is none."""

from pointsman.store import console_gauges
from pointsman.store.console_pool import ConsolePool
from tests.store.house import TIDS, import_site


async def test_every_state_of_batches_is_told(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    found = await console_gauges.batches(pool)
    pool.close()
    assert set(found) == set(console_gauges.STATES)
    assert found == {"open": len(TIDS), "closing": 0, "unbalanced": 0}
