"""What is told before the acquirer has it is paid when it has it: one contract for both stores."""

from dataclasses import replace

import pytest

from pointsman.store.parked_sql import Action
from pointsman.store.records import Guard, GuardFailed, IntentResult, Recorded, State, Transaction
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.store.house import BATCH, MID, TIDS, transaction
from tests.store.stores import Clerk, Store


def told_first(t: Transaction) -> Transaction:
    """Make it an advice that is told before the acquirer has it."""
    return replace(
        t,
        state=State.APPROVED,
        reversible=False,
        response_code="00",
        auth_code="445566",
        answer={"37": t.rrn, "38": "445566", "39": "00"},
    )


async def offline(clerk: Clerk, stan: int = 1, amount: int = 1_000) -> Transaction:
    sale = told_first(transaction(stan, amount=amount, kind="offline"))
    assert isinstance(await clerk.intend(sale), Recorded)
    return sale


async def tip(clerk: Clerk, stan: int, of: Transaction, amount: int) -> Transaction:
    made = told_first(transaction(stan, amount=amount, kind="tip", original=of.id, tid=TIDS[stan]))
    assert isinstance(await clerk.intend(made, Guard.ADJUST), Recorded)
    return made


async def totals(clerk: Clerk) -> SideTotals:
    found = await clerk.records.batch_totals(MID, TIDS[0], BATCH)
    assert found == BatchTotals(found.domestic, SideTotals())
    return found.domestic


async def test_a_refused_advice_is_paid_when_it_is_sent_again_and_taken(store: Store) -> None:
    clerk = await store.worker()
    sale, taken = await offline(clerk, 1, 1_000), await offline(clerk, 2, 300)
    await clerk.records.owed_done(taken.id, "00")
    first, _ = await store.close_day()
    assert await store.postings() == [(taken.id, "payment", first, 300)]
    assert await store.open_items(first) == [(sale.id, "advice owed", 1_000)]
    await clerk.records.owed_parked(sale.id, "05")
    second, _ = await store.close_day()
    assert await store.open_items(second) == [(sale.id, "advice refused", 1_000)]
    assert await store.decide(sale.id, Action.RETRY)
    (again,) = await clerk.records.due("alpha", (0,), 10)
    assert again.id == sale.id
    third, _ = await store.close_day()
    assert await store.open_items(third) == [(sale.id, "advice owed", 1_000)]
    await clerk.records.owed_done(sale.id, "00")
    fourth, _ = await store.close_day()
    assert (sale.id, "payment", fourth, 1_000) in await store.postings()
    assert await store.open_items(fourth) == []


@pytest.mark.parametrize("action", [Action.DONE, Action.NOT_DONE])
async def test_a_refused_advice_is_ended_by_the_side_that_is_believed(
    store: Store, action: Action
) -> None:
    clerk = await store.worker()
    sale = await offline(clerk)
    await clerk.records.owed_parked(sale.id, "05")
    assert ("000001", "owed message refused") in await store.exceptions()
    assert await totals(clerk) == SideTotals(1_000, 1)  # what its terminal was told
    assert await store.decide(sale.id, action)
    assert await totals(clerk) == SideTotals(1_000, 1)
    first, _ = await store.close_day()
    done = action is Action.DONE
    assert await store.postings() == [(sale.id, "payment", first, 1_000)] * done
    assert await store.open_items(first) == [(sale.id, "given up", 1_000)] * (not done)
    second, _ = await store.close_day()
    assert await store.open_items(second) == []
    assert len(await store.postings()) == done


async def test_nothing_follows_what_the_acquirer_refused_to_take(store: Store) -> None:
    clerk = await store.worker()
    sale = await offline(clerk)
    await clerk.records.owed_parked(sale.id, "05")
    follow_ups: list[tuple[Transaction, Guard]] = [
        (transaction(2, kind="void", original=sale.id), Guard.VOID),
        (transaction(3, kind="refund", amount=10, original=sale.id), Guard.REFUND),
        (told_first(transaction(4, kind="tip", amount=1_100, original=sale.id)), Guard.ADJUST),
    ]
    for made, guard in follow_ups:
        assert await clerk.intend(made, guard) == GuardFailed("12")
    assert await store.decide(sale.id, Action.NOT_DONE)
    for made, guard in follow_ups:
        again = replace(made, id=made.id[::-1], key=transaction(int(made.key.stan) + 10).key)
        assert await clerk.intend(again, guard) == GuardFailed("12")


async def test_a_hold_whose_completion_was_given_up_may_be_completed_again(store: Store) -> None:
    clerk = await store.worker()
    hold = await clerk.approve(transaction(1, kind="preauth"))

    async def complete(stan: int) -> tuple[bytes, IntentResult]:
        made = told_first(transaction(stan, kind="completion", original=hold.id))
        return made.id, await clerk.intend(made, Guard.COMPLETE, percent=100)

    first, met = await complete(2)
    assert isinstance(met, Recorded)
    await clerk.records.owed_parked(first, "05")
    assert (await complete(3))[1] == GuardFailed("12")
    assert await store.decide(first, Action.NOT_DONE)
    assert isinstance((await complete(4))[1], Recorded)


async def test_a_sale_is_paid_without_the_tip_until_the_tip_is_taken(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1, amount=1_000))
    one = await tip(clerk, 2, sale, 1_100)
    first, _ = await store.close_day()
    assert await store.postings() == [(sale.id, "payment", first, 1_000)]
    assert await store.open_items(first) == [(one.id, "advice owed", 100)]
    two = await tip(clerk, 3, sale, 1_200)
    assert [owed.id for owed in await clerk.records.due("alpha", (0,), 10)] == [one.id]
    await clerk.records.owed_parked(one.id, "05")
    second, _ = await store.close_day()
    assert await store.open_items(second) == sorted(
        [(one.id, "advice refused", 0), (two.id, "advice owed", 200)]
    )
    await clerk.records.owed_done(two.id, "00")
    third, _ = await store.close_day()
    assert [entry for entry in await store.postings() if entry[2] == third] == [
        (two.id, "payment", third, 200)
    ]
    assert await store.open_items(third) == [(one.id, "advice refused", 0)]
    # Sent again and taken: the acquirer had the newer one before.
    assert await store.decide(one.id, Action.DONE)
    fourth, _ = await store.close_day()
    assert sum(entry[3] for entry in await store.postings()) == 1_200
    assert await store.open_items(fourth) == []


async def test_a_tip_that_is_given_up_is_paid_by_nobody_though_its_terminal_counts_it(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1, amount=1_000))
    made = await tip(clerk, 2, sale, 1_100)
    await clerk.records.owed_parked(made.id, "05")
    void = transaction(3, amount=1_100, kind="void", original=sale.id)
    assert await clerk.intend(void, Guard.VOID) == GuardFailed("12")
    assert await store.decide(made.id, Action.NOT_DONE)
    assert (await clerk.row(sale)).approved_minor == 1_000
    assert await totals(clerk) == SideTotals(1_100, 1)
    day, _ = await store.close_day()
    assert await store.postings() == [(sale.id, "payment", day, 1_000)]
    assert await store.open_items(day) == [(made.id, "given up", 100)]
    refund = transaction(
        4, amount=1_001, kind="refund", original=sale.id, reversible=False, tid=TIDS[1]
    )
    assert await clerk.intend(refund, Guard.REFUND) == GuardFailed("64")


async def test_a_tip_of_a_sale_that_is_not_taken_waits_with_it(store: Store) -> None:
    clerk = await store.worker()
    sale = await offline(clerk)
    made = await tip(clerk, 2, sale, 1_100)
    first, _ = await store.close_day()
    assert await store.open_items(first) == sorted(
        [(sale.id, "advice owed", 1_000), (made.id, "advice owed", 100)]
    )
    for one in (sale, made):
        assert [owed.id for owed in await clerk.records.due("alpha", (0,), 10)] == [one.id]
        await clerk.records.owed_done(one.id, "00")
    second, _ = await store.close_day()
    assert await store.postings() == [(sale.id, "payment", second, 1_100)]
    assert await store.open_items(second) == []
