"""What two users decide about a parked message: one contract for both stores.

That it takes two is in test_parked_sql.py; here is what follows for reservations, amounts and the
business days.
"""

import pytest
from msgspec.structs import replace

from pointsman.store.parked_sql import Action
from pointsman.store.records import (
    Guard,
    GuardFailed,
    Recorded,
    ReversalArrival,
    State,
    Transaction,
    Undo,
    Voiding,
)
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.store.house import BATCH, MID, TIDS, approved, transaction, unknown
from tests.store.stores import Clerk, Store


async def in_doubt(clerk: Clerk, t: Transaction, guard: Guard | None = None) -> Transaction:
    """Write a request that was not answered, and whose reversal or repeat was refused."""
    assert isinstance(await clerk.intend(t, guard), Recorded)
    await clerk.conclude(unknown(t))
    await clerk.records.owed_parked(t.id, "06")
    return t


async def test_a_reversal_that_was_done_after_all_undoes_the_sale(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    first, _ = await store.close_day()
    await clerk.records.reversal_arrived(sale.key, 1_000, "17")
    await clerk.records.owed_parked(sale.id, "06")
    second, third = await store.close_day()
    assert await store.open_items(second) == [(sale.id, "parked", -1_000)]
    assert await store.decide(sale.id, Action.DONE)
    assert (await clerk.row(sale)).undo is Undo.DONE
    assert await store.postings() == [
        (sale.id, "payment", first, 1_000),
        (sale.id, "undo", third, -1_000),
    ]
    await store.close_day()
    assert await store.open_items(third) == []


async def test_a_sale_whose_reversal_was_not_done_stands_and_may_be_refunded(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    await clerk.records.reversal_arrived(sale.key, 1_000, "17")
    await clerk.records.owed_parked(sale.id, "06")
    refund = transaction(2, kind="refund", original=sale.id, reversible=False)
    assert await clerk.intend(refund, Guard.REFUND) == GuardFailed("12")
    assert await store.decide(sale.id, Action.NOT_DONE)
    day, _ = await store.close_day()
    assert await store.postings() == [(sale.id, "payment", day, 1_000)]
    assert await store.open_items(day) == []
    arrival = await clerk.records.reversal_arrived(sale.key, 1_000, "17")
    assert arrival is ReversalArrival.NOTHING_TO_UNDO
    refund = transaction(3, kind="refund", original=sale.id, reversible=False, tid=TIDS[1])
    await clerk.approve(refund, Guard.REFUND)
    void = transaction(4, kind="void", original=sale.id, tid=TIDS[1])
    assert await clerk.intend(void, Guard.VOID) == GuardFailed("12")


@pytest.mark.parametrize("action", [Action.DONE, Action.NOT_DONE])
async def test_what_a_parked_void_reserved_follows_the_side_that_is_believed(
    store: Store, action: Action
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    void = await in_doubt(clerk, transaction(2, kind="void", original=sale.id), Guard.VOID)
    assert (await clerk.row(sale)).voiding is Voiding.RESERVED
    assert await store.decide(void.id, action)
    stands = action is Action.NOT_DONE  # its reversal was not done
    row = await clerk.row(void)
    assert (row.state, row.approved_minor) == (
        (State.APPROVED, 1_000) if stands else (State.UNKNOWN, 0)
    )
    assert (await clerk.row(sale)).voiding is (Voiding.DONE if stands else Voiding.NONE)
    again = transaction(3, kind="void", original=sale.id)
    met = await clerk.intend(again, Guard.VOID)
    assert met == GuardFailed("12") if stands else isinstance(met, Recorded)
    if not stands:
        await clerk.conclude(replace(approved(again), state=State.DECLINED))
    day, _ = await store.close_day()
    posted = {one[0]: one[3] for one in await store.postings()}
    assert posted == {sale.id: 1_000} | ({void.id: -1_000} if stands else {})
    assert await store.open_items(day) == []


@pytest.mark.parametrize("action", [Action.DONE, Action.NOT_DONE])
async def test_a_parked_refund_is_approved_or_declined_by_two_users(
    store: Store, action: Action
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    refund = transaction(2, kind="refund", amount=400, original=sale.id, reversible=False)
    await in_doubt(clerk, refund, Guard.REFUND)
    first, _ = await store.close_day()
    assert await store.open_items(first) == [(refund.id, "advice refused", -400)]
    assert await store.decide(refund.id, action)
    done = action is Action.DONE
    row = await clerk.row(refund)
    assert row.state is (State.APPROVED if done else State.DECLINED)
    assert row.answer["39"] == ("00" if done else "05")
    assert (await clerk.row(sale)).refunded_minor == (400 if done else 0)
    second, _ = await store.close_day()
    assert [one[3] for one in await store.postings() if one[2] == second] == [-400] * done
    assert await store.open_items(second) == []


@pytest.mark.parametrize("action", [Action.DONE, Action.NOT_DONE])
async def test_a_parked_completion_is_made_again_only_where_its_reversal_was_done(
    store: Store, action: Action
) -> None:
    clerk = await store.worker()
    hold = await clerk.approve(transaction(1, kind="preauth"))

    async def complete(t: Transaction) -> object:
        return await clerk.intend(t, Guard.COMPLETE, percent=100)

    made = transaction(2, kind="completion", original=hold.id)
    await complete(made)
    await clerk.conclude(unknown(made))
    await clerk.records.owed_parked(made.id, "06")
    assert await store.decide(made.id, action)
    again = await complete(transaction(3, kind="completion", original=hold.id))
    assert isinstance(again, Recorded) if action is Action.DONE else again == GuardFailed("12")


async def test_a_late_approval_that_was_not_undone_is_no_money_of_the_merchant(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    await clerk.intend(sale)
    await clerk.conclude(replace(approved(sale), state=State.DECLINED, response_code="05"))
    assert await clerk.records.late_answer(sale.id, "00", "late", approves=True)
    first, _ = await store.close_day()
    assert await store.open_items(first) == [(sale.id, "reversal owed", 1_000)]
    await clerk.records.owed_parked(sale.id, "06")
    second, _ = await store.close_day()
    assert await store.open_items(second) == [(sale.id, "parked", 1_000)]
    assert await store.decide(sale.id, Action.NOT_DONE)
    assert (await clerk.row(sale)).state is State.DECLINED
    assert ("000001", "charged though declined") in await store.exceptions()
    third, _ = await store.close_day()
    assert await store.open_items(third) == []
    assert await store.postings() == []


async def test_totals_count_no_sale_whose_reversal_a_terminal_asked_for(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    await clerk.records.reversal_arrived(sale.key, 1_000, "17")
    await clerk.records.owed_parked(sale.id, "06")
    assert await store.decide(sale.id, Action.NOT_DONE)
    totals = await clerk.records.batch_totals(MID, TIDS[0], BATCH)
    assert totals == BatchTotals(SideTotals(), SideTotals())
