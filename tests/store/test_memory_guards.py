"""What follow-ups reserve on their originals: one contract for PostgreSQL and the store in memory.

Which code refuses what says switch-rules 9 (follow-ups); sales, voids and refunds are in
test_verbs.py.
"""

from dataclasses import replace

from pointsman.store.records import (
    Concluded,
    Guard,
    GuardFailed,
    IntentResult,
    Money,
    Recorded,
    ReversalArrival,
    State,
    Transaction,
    Undo,
    Voiding,
)
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.store.house import BATCH, MID, TIDS, approved, declined, transaction, unknown
from tests.store.stores import Clerk, Store

PERCENT = 115


async def held(clerk: Clerk, stan: int = 1, amount: int = 10_000) -> Transaction:
    return await clerk.approve(transaction(stan, amount=amount, kind="preauth"))


def completion(stan: int, of: Transaction, amount: int, *, first: bool = False) -> Transaction:
    made = transaction(stan, amount=amount, kind="completion", original=of.id)
    return told_first(made) if first else made


def told_first(t: Transaction) -> Transaction:
    """Make it an advice that is told before the acquirer has it."""
    answer = {"37": t.rrn, "38": "445566", "39": "00"}
    return replace(
        t,
        state=State.APPROVED,
        reversible=False,
        response_code="00",
        auth_code="445566",
        answer=answer,
    )


async def complete(clerk: Clerk, t: Transaction) -> IntentResult:
    return await clerk.intend(t, Guard.COMPLETE, percent=PERCENT)


async def test_one_completion_up_to_its_ceiling(store: Store) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    assert await complete(clerk, completion(2, hold, 11_501)) == GuardFailed("64")
    first = completion(3, hold, 11_500)
    assert isinstance(await complete(clerk, first), Recorded)
    assert await complete(clerk, completion(4, hold, 1)) == GuardFailed("12")
    assert await clerk.conclude(approved(first)) == Concluded(tell=True)
    assert await complete(clerk, completion(5, hold, 1)) == GuardFailed("12")
    cancel = transaction(6, kind="preauth-cancel", amount=10_000, original=hold.id)
    assert await clerk.intend(cancel, Guard.CANCEL) == GuardFailed("12")


async def test_a_completion_gives_way_only_when_declined_or_its_reversal_is_acknowledged(
    store: Store,
) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    refused = completion(2, hold, 10_000)
    assert isinstance(await complete(clerk, refused), Recorded)
    await clerk.conclude(declined(refused))
    in_doubt = completion(3, hold, 10_000)
    assert isinstance(await complete(clerk, in_doubt), Recorded)
    await clerk.conclude(unknown(in_doubt))
    assert await complete(clerk, completion(4, hold, 10_000)) == GuardFailed("12")
    await clerk.records.owed_done(in_doubt.id, "00")
    assert isinstance(await complete(clerk, completion(5, hold, 10_000)), Recorded)


async def test_a_cancelled_completion_can_be_made_again_and_its_cancel_not_reversed_then(
    store: Store,
) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    first = completion(2, hold, 9_000)
    await complete(clerk, first)
    await clerk.conclude(approved(first))
    cancel = transaction(3, kind="void", amount=9_000, original=first.id)
    await clerk.approve(cancel, Guard.VOID)
    assert isinstance(await complete(clerk, completion(4, hold, 8_000)), Recorded)
    arrival = await clerk.records.reversal_arrived(cancel.key, 9_000, "98")
    assert arrival is ReversalArrival.VOIDED


async def test_more_held_raises_the_ceiling_and_must_be_cancelled_with_the_rest(
    store: Store,
) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    more = transaction(2, kind="preauth", amount=2_000, original=hold.id)
    await clerk.approve(more, Guard.EXTEND)
    assert await complete(clerk, completion(3, hold, 13_801)) == GuardFailed("64")
    small = transaction(4, kind="preauth-cancel", amount=10_000, original=hold.id)
    assert await clerk.intend(small, Guard.CANCEL) == GuardFailed("64")
    assert await complete(clerk, completion(5, more, 100)) == GuardFailed("12")
    whole = transaction(6, kind="preauth-cancel", amount=12_000, original=hold.id)
    await clerk.approve(whole, Guard.CANCEL)
    assert (await clerk.row(hold)).voiding is Voiding.DONE
    assert await complete(clerk, completion(7, hold, 100)) == GuardFailed("12")


async def test_what_is_held_is_found_by_card_approval_code_and_date(store: Store) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    assert hold.card is not None
    token, code = hold.card.token, hold.auth_code
    assert await clerk.records.by_hold(MID, token, code, "1122") == hold
    for other in [
        ("another", token, code, "1122"),
        (MID, b"x", code, "1122"),
        (MID, token, "000000", "1122"),
        (MID, token, code, "1123"),
    ]:
        assert await clerk.records.by_hold(*other) is None


async def test_an_inquiry_or_a_hold_can_neither_be_voided_nor_refunded(store: Store) -> None:
    clerk = await store.worker()
    hold = await held(clerk, amount=1_000)
    for stan, guard in enumerate((Guard.VOID, Guard.REFUND, Guard.ADJUST), 2):
        assert await clerk.intend(transaction(stan, original=hold.id), guard) == GuardFailed("12")
    sale = await clerk.approve(transaction(8))
    assert await complete(clerk, completion(9, sale, 10)) == GuardFailed("12")


async def test_a_tip_replaces_the_amount_within_its_ceiling_once_more_and_in_the_totals(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1, amount=1_000))

    async def tip(stan: int, amount: int) -> IntentResult:
        made = transaction(stan, amount=amount, kind="tip", original=sale.id)
        return await clerk.intend(told_first(made), Guard.ADJUST, percent=150)

    assert await tip(2, 1_501) == GuardFailed("64")
    assert await tip(3, 999) == GuardFailed("64")
    assert isinstance(await tip(4, 1_400), Recorded)
    assert isinstance(await tip(5, 1_500), Recorded)  # of what was first approved
    row = await clerk.row(sale)
    assert (row.approved_minor, row.base_minor) == (1_500, 1_000)
    totals = await clerk.records.batch_totals(MID, TIDS[0], BATCH)
    assert totals == BatchTotals(SideTotals(1_500, 1, 0, 0), SideTotals())
    arrival = await clerk.records.reversal_arrived(sale.key, 1_000, "98")
    assert arrival is ReversalArrival.VOIDED
    refund = transaction(6, amount=1_500, kind="refund", original=sale.id, reversible=False)
    assert await clerk.intend(refund, Guard.REFUND) == GuardFailed("09")  # nor overtake the tips
    for told in await clerk.records.due("alpha", (0,), 10):
        await clerk.records.owed_done(told.id, "00")
    (second,) = await clerk.records.due("alpha", (0,), 10)  # sent behind the first
    await clerk.records.owed_done(second.id, "00")
    refund = transaction(8, amount=1_500, kind="refund", original=sale.id, reversible=False)
    await clerk.approve(refund, Guard.REFUND)
    assert await tip(7, 1_200) == GuardFailed("12")


async def test_what_is_told_first_stands_at_once_and_is_owed_to_the_acquirer(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = told_first(transaction(1, kind="offline"))
    assert isinstance(await clerk.intend(sale), Recorded)
    row = await clerk.row(sale)
    assert (row.state, row.approved_minor, row.auth_code) == (State.APPROVED, 1_000, "445566")
    (owed,) = await clerk.records.due("alpha", (0,), 10)
    assert (owed.id, owed.kind, owed.attempts) == (sale.id, "advice", 0)
    arrival = await clerk.records.reversal_arrived(sale.key, 1_000, "98")
    assert arrival is ReversalArrival.VOIDED
    await clerk.records.owed_done(sale.id, "00")
    assert await clerk.records.due("alpha", (0,), 10) == []
    assert (await clerk.row(sale)).undo is Undo.NONE


async def test_nothing_overtakes_the_advice_of_what_it_follows(store: Store) -> None:
    clerk = await store.worker()
    sale = told_first(transaction(1, kind="offline"))
    await clerk.intend(sale)
    assert await clerk.intend(transaction(2, original=sale.id), Guard.VOID) == GuardFailed("09")
    adjust = told_first(transaction(3, amount=1_100, kind="tip", original=sale.id))
    assert isinstance(await clerk.intend(adjust, Guard.ADJUST), Recorded)
    assert [owed.id for owed in await clerk.records.due("alpha", (0,), 10)] == [sale.id]
    await clerk.records.owed_done(sale.id, "00")
    assert [owed.id for owed in await clerk.records.due("alpha", (0,), 10)] == [adjust.id]
    void = transaction(4, amount=1_100, kind="void", original=sale.id)
    assert await clerk.intend(void, Guard.VOID) == GuardFailed("09")
    await clerk.records.owed_done(adjust.id, "00")
    void = transaction(5, amount=1_100, kind="void", original=sale.id)
    assert isinstance(await clerk.intend(void, Guard.VOID), Recorded)


async def test_an_advice_whose_guard_fails_is_refused_and_owed_to_nobody(store: Store) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    advice = completion(2, hold, 99_000, first=True)
    assert await complete(clerk, advice) == GuardFailed("64")
    row = await clerk.row(advice)
    assert (row.state, row.approved_minor, row.auth_code) == (State.REFUSED, 0, "")
    # What its first copy is told: of the approval, neither approval code nor brand.
    told = {"12": "213000", "13": "1122", "15": "1122", "32": "00010000", "37": advice.rrn}
    assert row.answer == told | {"39": "64"}
    assert await clerk.records.due("alpha", (0,), 10) == []
    assert isinstance(await complete(clerk, completion(3, hold, 11_000, first=True)), Recorded)


async def test_an_inquiry_that_was_never_answered_is_over_and_owes_nothing(store: Store) -> None:
    clerk = await store.worker()
    inquiry = transaction(1, amount=0, kind="balance", reversible=False)
    await clerk.intend(inquiry)
    assert await clerk.records.reversal_arrived(inquiry.key, 0, "98") is (
        ReversalArrival.NOTHING_TO_UNDO
    )
    successor = await store.worker()
    row = await successor.row(inquiry)
    assert (row.state, row.response_code, row.undo) == (State.DECLINED, "98", Undo.NONE)
    assert await successor.records.due("alpha", (0,), 10) == []


async def test_a_note_reserves_nothing_and_goes_out_where_an_acquirer_wants_it(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    await clerk.approve(transaction(2, kind="void", original=sale.id), Guard.VOID)
    wanted = told_first(transaction(3, kind="balance", original=sale.id))
    unwanted = replace(told_first(transaction(4, kind="balance", original=sale.id)), acquirer="")
    for note in (wanted, unwanted):
        assert isinstance(await clerk.intend(note, Guard.NOTE), Recorded)
        assert (await clerk.row(note)).state is State.APPROVED
    assert [owed.id for owed in await clerk.records.due("alpha", (0,), 10)] == [wanted.id]
    lost = told_first(transaction(5, kind="balance", original=bytes(16)))
    assert await clerk.intend(lost, Guard.NOTE) == GuardFailed("25")


async def test_adjustments_of_one_payment_go_out_in_their_order(store: Store) -> None:
    clerk, other = await store.worker(0), await store.worker(1)
    offline = told_first(transaction(1, amount=700, kind="offline"))
    await clerk.intend(offline)
    first, second = (
        told_first(transaction(stan, amount=amount, kind="tip", original=offline.id))
        for stan, amount in ((2, 900), (3, 850))
    )
    assert isinstance(await clerk.intend(first, Guard.ADJUST), Recorded)
    assert isinstance(await other.intend(second, Guard.ADJUST), Recorded)

    async def due() -> list[bytes]:
        return [one.id for one in await other.records.due("alpha", (0, 1), 10)]

    for one in (offline, first, second):
        assert await due() == [one.id]
        await clerk.records.owed_done(one.id, "00")
    assert await due() == []


async def test_a_day_posts_by_what_a_type_does_with_money(store: Store) -> None:
    clerk = await store.worker()
    hold = await held(clerk)
    paid = completion(2, hold, 9_000)
    await complete(clerk, paid)
    await clerk.conclude(approved(paid))
    points = replace(transaction(3), money=Money.POINTS)
    await clerk.approve(points)
    offline = told_first(transaction(4, amount=700, kind="offline"))
    await clerk.intend(offline)
    await clerk.records.owed_done(offline.id, "00")
    day, _ = await store.close_day()
    assert await store.postings() == sorted(
        [(paid.id, "payment", day, 9_000), (offline.id, "payment", day, 700)]
    )
    # Changed after it was posted: the newest of its day posts the difference.
    first, newest = (
        told_first(transaction(stan, amount=amount, kind="tip", original=offline.id, tid=TIDS[1]))
        for stan, amount in ((5, 900), (6, 850))
    )
    for adjust in (first, newest):
        assert isinstance(await clerk.intend(adjust, Guard.ADJUST), Recorded)
        await clerk.records.owed_done(adjust.id, "00")
    following, _ = await store.close_day()
    assert [one for one in await store.postings() if one[2] == following] == [
        (newest.id, "payment", following, 150)
    ]
    back = transaction(7, amount=850, kind="refund", original=offline.id, tid=TIDS[2])
    await clerk.approve(back, Guard.REFUND)
    await store.close_day()
    assert sum(one[3] for one in await store.postings()) == 9_000
