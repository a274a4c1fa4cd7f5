"""Reconciliations with acquirers on PostgreSQL: `reconciliations.Reconciliations`.

One part of `PostgresRecords` (records_sql.py). The SQL functions are in
schema/0026_reconciliations.sql.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from psycopg.types.json import Jsonb

from pointsman.store.pool import Pool
from pointsman.store.reconciliations import AcquirerTotals, Reconciled, Reconciliation

COUNT_S_MAX = 60.0
"""For what is due: a new date counts a week of the acquirer's payments, 0.6 s for five million."""
_NUMBERS = """
update reconciliations set host_stan = %s, host_time = %s
where acquirer = %s and settlement_date = %s and currency = %s and host_stan = ''
returning 1
"""
_NEWEST = """
select to_jsonb(r) from reconciliations r
order by r.settlement_date desc, r.acquirer, r.currency limit %s
"""


class ReconcilingSql:
    """The verbs of `Reconciliations`; `_writer` is whose events they leave."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._writer = 0

    async def reconciliation_due(
        self, acquirer: str, today: date, again_s: float
    ) -> Reconciliation | None:
        """See Reconciliations."""
        values = (acquirer, today, again_s)
        rows = await self._pool.rows(
            "select reconciliation_due(%s, %s, %s)", values, limit_s=COUNT_S_MAX
        )
        return None if rows[0][0] is None else _reconciliation(rows[0][0])

    async def reconciliation_numbers(
        self, one: Reconciliation, host_stan: str, host_time: str
    ) -> bool:
        """See Reconciliations."""
        values = (host_stan, host_time, one.acquirer, one.settlement_date, one.currency)
        return bool(await self._pool.rows(_NUMBERS, values))

    async def reconciliation_answered(
        self, one: Reconciliation, state: Reconciled, code: str, theirs: Mapping[str, str]
    ) -> bool:
        """See Reconciliations."""
        name = (one.acquirer, one.settlement_date, one.currency)
        values = (self._writer, *name, state.value, code, Jsonb(dict(theirs)))
        return bool(
            await self._pool.value(
                "select reconciliation_answered(%s, %s, %s, %s, %s, %s, %s)", values
            )
        )

    async def reconciliations(self, limit: int) -> Sequence[Reconciliation]:
        """See Reconciliations."""
        return [_reconciliation(row) for (row,) in await self._pool.rows(_NEWEST, (limit,))]


def _reconciliation(row: Mapping[str, Any]) -> Reconciliation:  # Any: a row of the database
    return Reconciliation(
        acquirer=row["acquirer"],
        settlement_date=date.fromisoformat(row["settlement_date"]),
        currency=row["currency"],
        state=Reconciled(row["state"]),
        totals=AcquirerTotals(**(row["totals"] or {})),
        attempts=row["attempts"],
        host_stan=row["host_stan"],
        host_time=row["host_time"],
        code=row["code"],
        theirs=row["theirs"],
    )
