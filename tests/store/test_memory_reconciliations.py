"""Reconciliations, the same on PostgreSQL and in memory: what counts, who asks, how it ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec.structs import replace as changed

from pointsman.store.reconciliations import AcquirerTotals, Reconciled, Reconciliation
from pointsman.store.records import Concluded, Guard, Outcome, Recorded, State, Transaction
from tests.store.house import TIDS, approved, transaction, unknown
from tests.store.stores import Clerk, Store

AGAIN_S = 100.0


class Books:
    """One worker that approves payments of a settlement date, and asks the day after."""

    def __init__(self, store: Store, clerk: Clerk, day: date) -> None:
        self.store = store
        self.clerk = clerk
        self.day = day
        self.stan = 0

    async def pay(
        self, amount: int = 1000, kind: str = "sale", *, host_date: str | None = None
    ) -> Transaction:
        told = f"{self.day:%m%d}" if host_date is None else host_date
        t = self.make(amount, kind)
        assert isinstance(await self.clerk.intend(t), Recorded)
        outcome = changed(approved(t), host_date=told, approved_minor=amount)
        assert await self.clerk.conclude(outcome) == Concluded(tell=True)
        return t

    def make(self, amount: int, kind: str = "sale") -> Transaction:
        self.stan += 1
        made = transaction(self.stan, amount=amount, kind=kind, tid=TIDS[self.stan % 10])
        return replace(made, local_date=f"{self.day:%m%d}")

    async def due(self, days: int = 1) -> Reconciliation | None:
        today = self.day + timedelta(days=days)
        return await self.clerk.records.reconciliation_due("alpha", today, AGAIN_S)


@pytest.fixture
async def books(store: Store) -> Books:
    clerk = await store.worker()
    return Books(store, clerk, await store.days().open_day())


async def test_each_payment_counts_once_and_what_was_undone_nowhere(books: Books) -> None:
    first = await books.pay(1000)
    await books.pay(2500)
    await books.pay(0, "balance")
    await books.pay(7000, "preauth")
    void = replace(books.make(1000, "void"), original=first.id)
    assert isinstance(await books.clerk.intend(void, Guard.VOID), Recorded)
    told = f"{books.day:%m%d}"
    await books.clerk.conclude(changed(approved(void), host_date=told, approved_minor=1000))
    lost = books.make(9000)
    await books.clerk.intend(lost)
    await books.clerk.conclude(unknown(lost))
    await books.clerk.records.owed_done(lost.id, "00")
    declined = books.make(50)
    await books.clerk.intend(declined)
    await books.clerk.conclude(Outcome(declined.id, State.DECLINED, "51", {"39": "51"}, "51"))
    one = await books.due()
    assert one is not None
    assert one.totals == AcquirerTotals(
        debit_count=2, debit_minor=3500, void_count=1, void_minor=1000, inquiry_count=1,
        hold_count=1,
    )  # fmt: skip
    assert one.totals.net_minor == 2500
    assert (one.settlement_date, one.currency, one.attempts) == (books.day, "156", 1)


async def test_the_acquirers_date_wins_over_ours_and_ours_stands_where_it_told_none(
    books: Books,
) -> None:
    await books.pay(100)
    await books.pay(200, host_date=f"{books.day + timedelta(days=1):%m%d}")
    await books.pay(400, host_date="")
    one = await books.due()
    assert one is not None
    assert one.totals.debit_minor == 500
    following = await books.due(days=2)
    assert following is not None
    assert (following.settlement_date, following.totals.debit_minor) == (
        books.day + timedelta(days=1),
        200,
    )


async def test_a_day_that_is_not_over_is_not_due_and_one_without_payments_never(
    books: Books,
) -> None:
    assert await books.due() is None
    await books.pay()
    assert await books.due(days=0) is None


async def test_one_is_given_to_one_worker_and_its_totals_and_numbers_stay(books: Books) -> None:
    await books.pay()
    one = await books.due()
    assert one is not None
    records = books.clerk.records
    assert await books.due() is None, "kept from others"
    assert await records.reconciliation_numbers(one, "000077", "1123000000")
    assert not await records.reconciliation_numbers(one, "000078", "1123000001")
    again = await records.reconciliation_due("alpha", books.day + timedelta(days=1), 0.0)
    assert again is None
    (kept,) = await records.reconciliations(10)
    assert (kept.state, kept.host_stan, kept.totals) == (Reconciled.SENT, "000077", one.totals)


async def test_while_something_is_owed_the_first_attempt_waits(books: Books) -> None:
    await books.pay()
    lost = books.make(9000)
    await books.clerk.intend(lost)
    assert await books.due() is None, "on its way"
    await books.clerk.conclude(unknown(lost))
    assert await books.due() is None, "owed"
    await books.clerk.records.owed_done(lost.id, "00")
    one = await books.due()
    assert one is not None
    assert one.totals.debit_minor == 1000


async def test_it_ends_once_with_what_the_acquirer_said(books: Books) -> None:
    await books.pay()
    one = await books.due()
    assert one is not None
    records = books.clerk.records
    theirs = {"88": "0000000000000900"}
    assert await records.reconciliation_answered(one, Reconciled.DIFFERS, "95", theirs)
    assert not await records.reconciliation_answered(one, Reconciled.BALANCED, "00", {})
    (kept,) = await records.reconciliations(10)
    assert (kept.state, kept.code, dict(kept.theirs)) == (Reconciled.DIFFERS, "95", theirs)
    assert await books.due() is None
