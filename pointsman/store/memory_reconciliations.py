"""Reconciliations on the tables in memory: what schema/0026_reconciliations.sql does.

A core; `MemoryReconciling` is the part of `MemoryRecords` that has the verbs. The tables are
memory.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_leases import MemoryLeases
from pointsman.store.reconciliations import (
    AcquirerTotals,
    Reconciled,
    Reconciliation,
    ReconciliationRow,
)
from pointsman.store.records import OwedState

DAYS_BACK: Final = 4
NEAR: Final = timedelta(days=3)  # how far an acquirer's date may be from ours
FIRST_WAIT_S: Final = 3600.0  # for what is owed
_OPEN: Final = (Reconciled.DUE, Reconciled.SENT)
_WAITING: Final = (OwedState.WAITING, OwedState.DUE, OwedState.SENT)
_INQUIRIES: Final = ("balance", "points-balance")
_HOLDS: Final = ("preauth", "preauth-more")


def take_due(
    db: MemoryDatabase, acquirer: str, today: date, again_s: float
) -> Reconciliation | None:
    """Open what is over, and give one that is due to its caller."""
    for back in range(DAYS_BACK, 0, -1):
        _open_day(db, acquirer, today - timedelta(days=back))
    due = [
        (name, row)
        for name, row in sorted(db.reconciliations.items(), key=lambda item: item[0])
        if name[0] == acquirer and row.value.state in _OPEN and row.due_at <= db.clock()
    ]
    if not due:
        return None
    _, row = due[0]
    one = row.value
    if not row.said:
        if row.opened_at > db.clock() - FIRST_WAIT_S and _is_busy(db, acquirer):
            return None
        one = replace(one, totals=totals(db, acquirer, one.settlement_date, one.currency))
    row.value = replace(one, state=Reconciled.SENT, attempts=one.attempts + 1)
    row.said, row.due_at = True, db.clock() + again_s
    return row.value


def totals(db: MemoryDatabase, acquirer: str, day: date, currency: str) -> AcquirerTotals:
    """Return what counts on a settlement date in one currency."""
    rows = [
        row
        for row in _of_day(db, acquirer, day)
        if row["state"] == "approved" and row["undo"] != "done" and row["currency"] == currency
    ]

    def count(money: str) -> tuple[int, int]:
        found = [row["approved_minor"] for row in rows if row["money"] == money]
        return len(found), sum(found)

    inquiries = sum(row["kind"] in _INQUIRIES for row in rows)
    holds = sum(row["kind"] in _HOLDS for row in rows)
    return AcquirerTotals(
        *count("debit"), *count("debit minus"), *count("credit"), inquiries, holds
    )


def _open_day(db: MemoryDatabase, acquirer: str, day: date) -> None:
    if (acquirer, day) in db.reconciled_days:
        return
    db.reconciled_days.add((acquirer, day))
    for row in _of_day(db, acquirer, day):
        if row["state"] in {"approved", "unknown"}:
            name = (acquirer, day, row["currency"])
            value = Reconciliation(*name, Reconciled.DUE, AcquirerTotals(), 0)
            now = db.clock()
            db.reconciliations.setdefault(name, ReconciliationRow(value, now, now))


def _of_day(db: MemoryDatabase, acquirer: str, day: date) -> Iterator[Row]:
    for row in db.transactions.values():
        told = row["host_date"] or row["details"]["local_date"]
        near = abs(date.fromisoformat(row["business_date"]) - day) <= NEAR
        if row["acquirer"] == acquirer and near and told == f"{day:%m%d}":
            yield row


def _is_busy(db: MemoryDatabase, acquirer: str) -> bool:
    owed = (one for one in db.owed_open.values() if one.acquirer == acquirer)
    return any(one.state in _WAITING for one in owed) or any(
        db.transactions[id_]["acquirer"] == acquirer
        for sending in db.sending.values()
        for id_ in sending
    )


class MemoryReconciling(MemoryLeases):
    """The verbs of `Reconciliations`."""

    async def reconciliation_due(
        self, acquirer: str, today: date, again_s: float
    ) -> Reconciliation | None:
        """See Reconciliations."""
        return await self._call(
            "reconciliation_due", lambda: take_due(self._db, acquirer, today, again_s)
        )

    async def reconciliation_numbers(
        self, one: Reconciliation, host_stan: str, host_time: str
    ) -> bool:
        """See Reconciliations."""

        def work() -> bool:
            row = self._row(one)
            if row.value.host_stan:
                return False
            row.value = replace(row.value, host_stan=host_stan, host_time=host_time)
            return True

        return await self._call("reconciliation_numbers", work)

    async def reconciliation_answered(
        self, one: Reconciliation, state: Reconciled, code: str, theirs: Mapping[str, str]
    ) -> bool:
        """See Reconciliations."""

        def work() -> bool:
            row = self._row(one)
            if row.value.state is not Reconciled.SENT:
                return False
            row.value = replace(row.value, state=state, code=code, theirs=dict(theirs))
            return True

        return await self._call("reconciliation_answered", work)

    async def reconciliations(self, limit: int) -> Sequence[Reconciliation]:
        """See Reconciliations."""

        def work() -> list[Reconciliation]:
            named = sorted(self._db.reconciliations.items(), key=lambda item: item[0])
            newest = sorted(named, key=lambda item: item[0][1], reverse=True)
            return [row.value for _, row in newest][:limit]

        return await self._call("reconciliations", work)

    def _row(self, one: Reconciliation) -> ReconciliationRow:
        return self._db.reconciliations[one.acquirer, one.settlement_date, one.currency]
