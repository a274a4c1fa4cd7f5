"""Figures of what is open: counted while it is open, and not after."""

import inspect

from pointsman.store.day import Census
from pointsman.store.verbs import BatchTotals, SideTotals
from pointsman.store.watch_sql import CensusSql
from tests.store.house import BATCH, MID, TIDS, import_site, transaction, unknown, worker


def test_store_has_every_figure() -> None:
    for name, verb in inspect.getmembers(Census, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(CensusSql, name))
            assert ours.parameters.keys() == inspect.signature(verb).parameters.keys()


async def test_unknown_outcome_is_counted_until_it_is_undone(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        census: Census = CensusSql(house.pool)
        await house.approve(transaction(1))
        lost = transaction(2)
        await house.intend(lost)
        assert await census.unknown_outcomes() == {}
        await house.conclude(unknown(lost))
        assert await census.unknown_outcomes() == {"alpha": 1}
        await house.records.owed_done(lost.id, "00")
        assert await census.unknown_outcomes() == {}


async def test_batches_are_counted_by_state(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        census: Census = CensusSql(house.pool)
        totals = BatchTotals(SideTotals(), SideTotals())
        await house.records.settle_batch(MID, TIDS[0], BATCH, totals)
        assert await census.batch_states() == {"open": len(TIDS) - 1, "closing": 1}
        await house.records.close_batch(MID, TIDS[0], BATCH, 0)
        assert await census.batch_states() == {"open": len(TIDS) - 1, "closed": 1}
