"""Reconciliations on PostgreSQL: every verb, events, and two workers at once."""

import inspect
from datetime import timedelta

import trio

from pointsman.store.reconciliations import Reconciled, Reconciliation, Reconciliations
from pointsman.store.reconciliations_sql import ReconcilingSql
from pointsman.store.settlement_sql import DaysSql
from tests.store.house import import_site, transaction, worker


def test_postgresql_has_every_verb() -> None:
    for name, verb in inspect.getmembers(Reconciliations, inspect.isfunction):
        if not name.startswith("_"):
            ours = inspect.signature(getattr(ReconcilingSql, name))
            assert ours.parameters.keys() == inspect.signature(verb).parameters.keys()


async def test_of_two_workers_one_gets_it_and_its_end_is_an_event(database: str) -> None:
    await import_site(database)
    async with worker(database) as house, worker(database, 1) as other:
        day = await DaysSql(house.pool).open_day()
        made = transaction(1)
        await house.approve(made)
        await house.pool.rows(
            "update transactions set host_date = %s where id = %s", (f"{day:%m%d}", made.id)
        )
        found: list[Reconciliation] = []

        async def ask(records: Reconciliations) -> None:
            one = await records.reconciliation_due("alpha", day + timedelta(days=1), 100.0)
            found.extend([one] if one else [])

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask, house.records)
            nursery.start_soon(ask, other.records)
        assert len(found) == 1
        assert await house.records.reconciliation_answered(found[0], Reconciled.BALANCED, "00", {})
        told = await house.pool.value(
            "select body::jsonb ->> 'state' from events where kind = 'reconciled'"
        )
        assert told == "balanced"
