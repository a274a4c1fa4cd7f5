"""Limits of days and months and listed cards, on PostgreSQL and on the store in memory alike."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
import trio

from pointsman.store.parties import RefusedCard
from pointsman.store.records import (
    Card,
    Guard,
    GuardFailed,
    Intent,
    IntentResult,
    Recorded,
    Repeated,
    State,
    Transaction,
)
from tests.store.house import TIDS, approved, declined, transaction
from tests.store.stores import Clerk, Store

OTHER = "898100053310002"


async def ask(
    clerk: Clerk, *rows: Transaction, limits: Mapping[str, int], guard: Guard | None = None
) -> list[IntentResult]:
    """Hand intents over at once, so that they share a commit; return the results in their order."""
    results: dict[int, IntentResult] = {}
    done = trio.Event()

    def take(number: int, result: IntentResult) -> None:
        results[number] = result
        if len(results) == len(rows):
            done.set()

    for number, row in enumerate(rows):
        clerk.journal.intend(
            Intent(row, guard, limits=limits),
            trio.current_time() + 10.0,
            lambda result, number=number: take(number, result),  # type: ignore[misc]
        )
    await done.wait()
    return [results[number] for number in range(len(rows))]


def codes(results: list[IntentResult]) -> list[str]:
    return [
        one.code
        if isinstance(one, GuardFailed)
        # Anything else than a recorded one (a commit that came too late, say) is told as it is.
        else "00"
        if isinstance(one, Recorded)
        else repr(one)
        for one in results
    ]


@pytest.mark.parametrize(
    ("limits", "second", "code"),
    [
        ({"day_count_max": 1}, {}, "65"),
        ({"day_count_max": 2}, {}, "00"),
        ({"day_minor_max": 1999}, {}, "61"),
        ({"day_minor_max": 2000}, {}, "00"),
        ({"terminal_day_count_max": 1}, {}, "65"),
        ({"terminal_day_count_max": 1}, {"tid": TIDS[1]}, "00"),
        ({"terminal_day_minor_max": 1999}, {"tid": TIDS[1]}, "00"),
        ({"card_day_count_max": 1, "day_count_max": 9}, {}, "65"),
        ({"day_count_max": 1, "day_minor_max": 1999}, {}, "61"),
        ({"refund_day_minor_max": 1}, {}, "00"),
        ({"month_count_max": 1}, {}, "65"),
        ({"month_minor_max": 1999}, {}, "61"),
        ({"month_minor_max": 2000, "day_minor_max": 2000}, {}, "00"),
        ({"terminal_month_count_max": 1}, {}, "65"),
        ({"terminal_month_minor_max": 1999}, {"tid": TIDS[1]}, "00"),
        ({"card_month_minor_max": 1999}, {"tid": TIDS[1]}, "61"),
        ({"method_day_count_max": 1}, {}, "65"),
        ({"method_month_minor_max": 1999}, {}, "61"),
        ({"scheme_day_minor_max": 1999}, {}, "61"),
        ({"scheme_month_count_max": 1}, {}, "65"),
        ({"refund_month_minor_max": 1, "refund_percent_max": 1}, {}, "00"),
        ({"card_day_merchants_max": 1}, {}, "00"),
    ],
)
@pytest.mark.parametrize("together", [False, True], ids=["one after another", "in one commit"])
async def test_a_limit_lets_through_what_it_says(
    store: Store, limits: dict[str, int], second: dict[str, str], code: str, together: bool
) -> None:
    clerk = await store.worker()
    rows = transaction(1), transaction(2, **second)  # type: ignore[arg-type]  # the table's
    if together:
        results = await ask(clerk, *rows, limits=limits)
    else:
        results = [(await ask(clerk, row, limits=limits))[0] for row in rows]
    assert codes(results) == ["00", code]


async def test_cards_have_their_own_count(store: Store) -> None:
    clerk = await store.worker()
    one, other = transaction(1), transaction(2)
    other = replace(other, card=Card(b"other", None, "622848", "0001"))
    third = transaction(3)
    results = await ask(clerk, one, other, third, limits={"card_day_count_max": 1})
    assert codes(results) == ["00", "00", "65"]


async def test_what_was_declined_or_undone_is_free_again(store: Store) -> None:
    clerk = await store.worker()
    limits = {"day_count_max": 1}
    first, second, third = (transaction(number) for number in (1, 2, 3))
    await ask(clerk, first, limits=limits)
    await clerk.conclude(declined(first))
    assert codes(await ask(clerk, second, limits=limits)) == ["00"]
    await clerk.conclude(approved(second))
    assert codes(await ask(clerk, third, limits=limits)) == ["65"]
    await clerk.records.reversal_arrived(second.key, second.amount_minor, "98")
    assert codes(await ask(clerk, transaction(4), limits=limits)) == ["65"]
    await clerk.records.owed_done(second.id, "00")
    assert codes(await ask(clerk, transaction(5), limits=limits)) == ["00"]


async def test_what_was_refused_is_in_the_journal_and_its_copy_hears_the_same(store: Store) -> None:
    clerk = await store.worker()
    limits = {"day_minor_max": 1}
    row = transaction(1)
    assert codes(await ask(clerk, row, limits=limits)) == ["61"]
    kept = await clerk.row(row)
    assert (kept.state, kept.response_code) == (State.REFUSED, "61")
    assert (kept.answer["39"], kept.answer["37"]) == ("61", row.rrn)
    (again,) = await ask(clerk, transaction(1), limits=limits)
    assert isinstance(again, Repeated)
    assert again.first.answer == kept.answer


async def test_a_route_that_is_missing_loses_against_a_limit_and_other_refusals_win(
    store: Store,
) -> None:
    clerk = await store.worker()
    limits = {"day_minor_max": 1}
    answers = []
    for number, code in enumerate(("15", "91", "30", "25"), 1):
        told = {"39": code}
        row = transaction(number, state=State.REFUSED, answer=told)
        result = await ask(clerk, replace(row, response_code=code), limits=limits)
        answers += [one.code if isinstance(one, GuardFailed) else code for one in result]
    assert answers == ["61", "61", "30", "25"]


async def test_refunds_have_an_amount_of_their_own(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1, amount=5000))
    limits = {"refund_day_minor_max": 1500, "day_minor_max": 1}
    refunds = [transaction(n, kind="refund", original=sale.id) for n in (2, 3)]
    results = [(await ask(clerk, row, limits=limits, guard=Guard.REFUND))[0] for row in refunds]
    assert codes(results) == ["00", "61"]
    assert (await clerk.row(sale)).refunded_minor == 1000


async def test_ways_and_brands_have_their_own_sums(store: Store) -> None:
    clerk = await store.worker()
    limits = {"method_day_count_max": 1, "scheme_month_minor_max": 2000}
    rows = (
        transaction(1),
        replace(transaction(2), method="manual"),
        replace(transaction(3), method="manual", scheme="MCC"),
        replace(transaction(4), method="stripe"),
        replace(transaction(5), method="contactless", scheme="VIS"),
    )
    assert codes(await ask(clerk, *rows, limits=limits)) == ["00", "00", "65", "61", "00"]


async def test_refunds_are_a_share_of_the_sales(store: Store) -> None:
    clerk = await store.worker()
    limits = {"refund_percent_max": 30}
    first = transaction(1, kind="refund")
    sale = transaction(2, amount=10_000)
    assert codes(await ask(clerk, sale, limits=limits)) == ["00"]
    await clerk.conclude(approved(sale))
    refunds = [transaction(n, kind="refund", original=sale.id) for n in (3, 4, 5, 6)]
    results = [(await ask(clerk, row, limits=limits, guard=Guard.REFUND))[0] for row in refunds]
    assert codes(results) == ["00", "00", "00", "61"]
    await clerk.conclude(declined(refunds[0]))
    again = transaction(7, kind="refund", original=sale.id)
    assert codes(await ask(clerk, again, limits=limits, guard=Guard.REFUND)) == ["00"]
    assert codes(await ask(clerk, first, limits={"refund_percent_max": 1})) == ["61"]


async def test_a_month_has_an_amount_for_refunds(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1, amount=5000))
    refunds = [transaction(n, kind="refund", original=sale.id) for n in (2, 3)]
    limits = {"refund_month_minor_max": 1500, "month_minor_max": 1}
    results = [(await ask(clerk, row, limits=limits, guard=Guard.REFUND))[0] for row in refunds]
    assert codes(results) == ["00", "61"]


async def test_a_month_is_that_of_the_business_dates(store: Store) -> None:
    clerk = await store.worker()
    _, today = await store.close_day()
    while today.day != 2:
        _, today = await store.close_day()
    sold = transaction(1)
    assert codes(await ask(clerk, sold, limits={"month_count_max": 1})) == ["00"]
    await clerk.conclude(approved(sold))
    await store.close_day()
    second, third, fourth = (transaction(n, tid=TIDS[n]) for n in (2, 3, 4))
    assert codes(await ask(clerk, second, limits={"day_count_max": 1})) == ["00"]
    assert codes(await ask(clerk, third, limits={"month_count_max": 2})) == ["65"]
    while today.day != 1:
        _, today = await store.close_day()
    assert codes(await ask(clerk, fourth, limits={"month_count_max": 1})) == ["00"]


async def test_a_card_may_pay_at_so_many_merchants_in_a_day(store: Store) -> None:
    clerk = await store.worker()
    await store.add_merchant(OTHER)
    limits = {"card_day_merchants_max": 1}

    def elsewhere(stan: int) -> Transaction:
        row = transaction(stan)
        return replace(row, key=replace(row.key, mid=OTHER))

    first = transaction(1)
    assert codes(await ask(clerk, elsewhere(1), limits={"day_count_max": 9})) == ["00"]
    assert codes(await ask(clerk, first, limits=limits)) == ["00"], "that one has no such rule"
    assert codes(await ask(clerk, transaction(2), limits=limits)) == ["00"], "the same merchant"
    assert codes(await ask(clerk, elsewhere(2), limits=limits)) == ["65"]
    other_card = replace(elsewhere(3), card=Card(b"other", None, "622848", "0001"))
    assert codes(await ask(clerk, other_card, limits=limits)) == ["00"]


async def test_listed_cards_are_told_in_parts_oldest_first(store: Store) -> None:
    clerk = await store.worker()
    for number in range(3):
        await store.list_card(b"%d" % number, "43", f"62284{number}******000{number}")
    cards = [RefusedCard("43", f"62284{number}", f"000{number}") for number in range(3)]
    assert await clerk.records.refused_cards(0, 2) == cards[:2]
    assert await clerk.records.refused_cards(2, 2) == cards[2:]
    assert await clerk.records.refused_cards(3, 2) == []


@pytest.mark.parametrize(
    ("state", "given", "code"),
    [
        (State.SENDING, "", "43"),
        (State.REFUSED, "58", "43"),
        (State.REFUSED, "15", "43"),
        (State.REFUSED, "14", "14"),
        (State.REFUSED, "30", "30"),
        (State.APPROVED, "00", "00"),
    ],
)
async def test_a_listed_card_is_refused_unless_an_earlier_check_was_broken(
    store: Store, address: str | None, state: State, given: str, code: str
) -> None:
    clerk = await store.worker()
    await store.list_card(b"token", "43")
    row = replace(transaction(1, state=state, answer={"39": given}), response_code=given)
    if state is State.APPROVED:
        row = replace(row, acquirer="")
    (result,) = await ask(clerk, row, limits={})
    assert (result.code if isinstance(result, GuardFailed) else given) == code
    if state is State.SENDING:
        other = replace(transaction(2), card=Card(b"other", None, "622848", "0001"))
        (result,) = await ask(clerk, other, limits={})
        assert isinstance(result, Recorded)
