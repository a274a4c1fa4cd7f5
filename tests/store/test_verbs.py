"""The contract of the store, run on PostgreSQL and on the store in memory: so it may be trusted.

POINTSMAN_TEST_POSTGRES names the binaries of another PostgreSQL, such as version 15.
"""

from dataclasses import replace

import pytest
import trio

from pointsman.store.parties import BatchState, KeySetState
from pointsman.store.records import (
    BatchNotOpen,
    Concluded,
    Conflicting,
    Guard,
    GuardFailed,
    NotConcluded,
    NotDurable,
    Outcome,
    Recorded,
    Repeated,
    RequestKey,
    ReversalArrival,
    State,
    Tombstone,
    Undo,
    Voiding,
)
from pointsman.store.verbs import BatchTotals, SideTotals, UploadItem
from tests.store.house import BATCH, MID, TIDS, approved, declined, transaction, unknown
from tests.store.stores import Store

NOTHING = BatchTotals(SideTotals(), SideTotals())


async def test_what_was_intended_is_read_back_by_id_key_and_rrn(store: Store) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    result = await clerk.intend(sale)
    assert isinstance(result, Recorded)
    row = replace(sale, business_date=result.business_date, incarnation=clerk.incarnation)
    assert await clerk.records.by_key(sale.key) == row
    assert await clerk.records.by_id(sale.id) == row
    assert await clerk.records.by_rrn(MID, sale.rrn) == row
    assert await clerk.records.by_rrn("another", sale.rrn) is None
    assert await clerk.records.by_id(bytes(16)) is None


async def test_an_invoice_finds_the_newest_approved_payment_of_its_batch(store: Store) -> None:
    clerk = await store.worker()
    first, second, third = (transaction(number) for number in (1, 2, 3))
    for row, answer in ((first, approved), (second, approved), (third, declined)):
        await clerk.intend(row, invoice="000077")
        await clerk.conclude(answer(row))
    await clerk.intend(transaction(4), invoice="000078")
    void = transaction(5, kind="void", original=first.id)
    await clerk.intend(void, Guard.VOID, invoice="000077")
    found = await clerk.records.by_invoice(MID, first.key.tid, first.key.batch, "000077")
    assert found is not None
    assert found.id == second.id
    for tid, batch, invoice in (
        (TIDS[1], first.key.batch, "000077"),
        (first.key.tid, "000999", "000077"),
        (first.key.tid, first.key.batch, "77"),
        (first.key.tid, first.key.batch, ""),
    ):
        assert await clerk.records.by_invoice(MID, tid, batch, invoice) is None


async def test_the_acquirers_rrn_finds_it_and_an_approved_one_wins(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    again = replace(transaction(2), rrn=sale.rrn)
    await clerk.intend(again)
    await clerk.conclude(declined(again))
    found = await clerk.records.by_rrn(MID, sale.rrn)
    assert found is not None
    assert found.id == sale.id
    by_host = await clerk.records.by_rrn(MID, sale.host_rrn)
    assert by_host is not None
    assert by_host.id == sale.id


async def test_repeats_conflicts_and_batches_are_told_apart(store: Store) -> None:
    one, other = await store.worker(0), await store.worker(1)
    sale = await one.approve(transaction(1))
    for clerk in (one, other):
        assert await clerk.intend(transaction(1)) == Repeated(sale)
        assert await clerk.intend(transaction(1, fingerprint=b"else")) == Conflicting()
        assert await clerk.intend(transaction(2, batch="000009")) == BatchNotOpen()


async def test_an_outcome_is_written_once_and_by_its_owner(store: Store) -> None:
    one, other = await store.worker(0), await store.worker(1)
    sale = transaction(1)
    await one.intend(sale)
    assert isinstance(await other.conclude(approved(sale)), NotConcluded)
    assert await one.conclude(approved(sale, minor=900)) == Concluded(tell=True)
    assert isinstance(await one.conclude(declined(sale)), NotConcluded)
    row = await one.row(sale)
    assert (row.state, row.approved_minor, row.version) == (State.APPROVED, 900, 1)
    assert isinstance(await one.conclude(approved(transaction(7))), NotConcluded)


async def test_a_void_is_reserved_final_or_free_again(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    void = transaction(2, kind="void", original=sale.id)
    assert isinstance(await clerk.intend(void, Guard.VOID), Recorded)
    assert (await clerk.row(sale)).voiding is Voiding.RESERVED
    second = transaction(3, kind="void", original=sale.id, answer={"37": "X"})
    assert await clerk.intend(second, Guard.VOID) == GuardFailed("12")
    told = {"12": "213000", "13": "1122", "15": "1122", "32": "00010000", "37": "X", "39": "12"}
    assert (await clerk.row(second)).answer == told
    await clerk.conclude(declined(void))
    assert (await clerk.row(sale)).voiding is Voiding.NONE
    third = await clerk.approve(transaction(4, kind="void", original=sale.id), Guard.VOID)
    assert (await clerk.row(sale)).voiding is Voiding.DONE
    arrived = clerk.records.reversal_arrived
    assert await arrived(third.key, 1000, "98") is ReversalArrival.OWED
    assert (await clerk.row(sale)).voiding is Voiding.RESERVED
    await clerk.records.owed_done(third.id, "00")
    assert (await clerk.row(sale)).voiding is Voiding.NONE


@pytest.mark.parametrize(
    ("kind", "amount", "code"),
    [("void", 999, "64"), ("refund", 1001, "64"), ("refund", 0, "64")],
)
async def test_a_follow_up_fits_its_original(
    store: Store, kind: str, amount: int, code: str
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    wrong = transaction(2, kind=kind, original=sale.id, amount=amount)
    assert await clerk.intend(wrong, Guard(kind)) == GuardFailed(code)
    lost = transaction(3, kind=kind, original=bytes(16))
    assert await clerk.intend(lost, Guard(kind)) == GuardFailed("25")
    of_a_follow_up = await clerk.approve(
        transaction(4, kind="refund", original=sale.id, amount=10), Guard.REFUND
    )
    again = transaction(5, kind=kind, original=of_a_follow_up.id, amount=10)
    assert await clerk.intend(again, Guard(kind)) == GuardFailed("12")


async def test_refunds_add_up_and_are_given_back_when_declined(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    async with trio.open_nursery() as nursery:
        for stan in range(2, 7):
            follow_up = transaction(stan, kind="refund", original=sale.id, amount=400)
            nursery.start_soon(clerk.intend, follow_up, Guard.REFUND)
    assert (await clerk.row(sale)).refunded_minor == 800
    rows = [
        await clerk.records.by_key(RequestKey(MID, TIDS[0], BATCH, f"{n:06d}")) for n in range(2, 7)
    ]
    waiting = [row for row in rows if row is not None and row.state is State.SENDING]
    assert len(waiting) == 2
    await clerk.conclude(declined(waiting[0]))
    assert (await clerk.row(sale)).refunded_minor == 400
    assert (await clerk.records.reversal_arrived(sale.key, 1000, "98")) is ReversalArrival.VOIDED


async def test_the_table_of_a_terminals_reversal(store: Store) -> None:
    clerk = await store.worker()
    arrived = clerk.records.reversal_arrived
    sale = await clerk.approve(transaction(1))
    assert await arrived(sale.key, 999, "98") is ReversalArrival.AMOUNT_DIFFERS
    assert await store.exceptions() == [("000001", "reversal amount differs")]
    for _ in range(2):
        assert await arrived(sale.key, 1000, "98") is ReversalArrival.OWED
    await clerk.records.owed_done(sale.id, "00")
    assert await arrived(sale.key, 1000, "98") is ReversalArrival.NOTHING_TO_UNDO
    no = transaction(2)
    await clerk.intend(no)
    await clerk.conclude(declined(no))
    assert await arrived(no.key, 1000, "98") is ReversalArrival.NOTHING_TO_UNDO
    late = transaction(3)
    for _ in range(2):
        assert await arrived(late.key, 1000, "98") is ReversalArrival.UNKNOWN_ORIGINAL
    assert await clerk.intend(late) == Tombstone()


async def test_what_a_reversal_was_told_is_kept_for_its_copies(store: Store) -> None:
    clerk = await store.worker()
    told = clerk.records.reversal_told
    sale = await clerk.approve(transaction(1))
    late = transaction(2)  # its reversal comes first
    other = {"12": "101737", "39": "12"}
    for key, code in ((sale.key, "00"), (late.key, "25")):
        await clerk.records.reversal_arrived(key, 1000, "98")
        first = {"12": "101735", "37": "607400000001", "39": code}
        assert await told(key, first) == first
        assert await told(key, {"12": "101736", "37": "607400000002", "39": code}) == first
        assert await told(key, other) == other
        assert await told(key, {**first, "39": "12"}) == other
    assert await told(transaction(3).key, other) == other  # of no reversal that arrived


@pytest.mark.parametrize("approves", [True, False])
async def test_a_reversal_that_is_faster_than_the_outcome_waits_for_it(
    store: Store, approves: bool
) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    await clerk.intend(sale)
    assert await clerk.records.reversal_arrived(sale.key, 1000, "98") is ReversalArrival.OWED
    assert await clerk.records.due("alpha", [0], 10) == []
    outcome = approved(sale) if approves else declined(sale)
    assert await clerk.conclude(outcome) == Concluded(tell=False)
    due = await clerk.records.due("alpha", [0], 10)
    assert [one.id for one in due] == ([sale.id] if approves else [])
    assert (await clerk.row(sale)).undo is (Undo.OWED if approves else Undo.CLOSED)


async def test_what_is_owed_keeps_its_numbers_and_ends_once(store: Store) -> None:
    clerk = await store.worker()
    records, sale = clerk.records, transaction(1)
    await clerk.intend(sale)
    assert await clerk.conclude(unknown(sale)) == Concluded(tell=True)
    assert await records.due("alpha", [1], 10) == []
    assert await records.due("beta", [0], 10) == []
    for _ in range(2):
        assert await records.owed_numbers(sale.id, "000777", "1122133001")
    assert not await records.owed_numbers(sale.id, "000778", "1122133002")
    await records.owed_attempt(sale.id)
    (owed,) = await records.due("alpha", [0, 1], 10)
    assert (owed.kind, owed.host_stan, owed.host_time) == ("reversal", "000777", "1122133001")
    assert (owed.attempts, owed.reason, owed.age_s) == (3, "98", 0)
    await records.owed_later(sale.id, 60.0)
    await records.owed_soon("alpha", 0)  # in ten seconds, not now
    assert await records.due("alpha", [0], 10) == []
    await records.owed_parked(sale.id, "06")
    assert (await clerk.row(sale)).undo is Undo.PARKED
    assert await store.exceptions() == [("000001", "owed message refused")]
    await records.owed_done(sale.id, "00")
    await records.owed_parked(sale.id, "06")
    assert (await clerk.row(sale)).undo is Undo.DONE


async def test_a_refund_without_answer_is_an_advice_until_its_outcome_is_known(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    refund_ = transaction(2, kind="refund", original=sale.id, amount=400, reversible=False)
    assert isinstance(await clerk.intend(refund_, Guard.REFUND), Recorded)
    await clerk.conclude(unknown(refund_))
    (owed,) = await clerk.records.due("alpha", [0], 10)
    assert (owed.kind, (await clerk.row(refund_)).undo) == ("advice", Undo.NONE)
    await clerk.records.owed_answered(refund_.id, approved(refund_))
    await clerk.records.owed_answered(refund_.id, declined(refund_))
    row = await clerk.row(refund_)
    assert (row.state, row.approved_minor) == (State.APPROVED, 400)
    assert (await clerk.row(sale)).refunded_minor == 400
    assert await clerk.records.due("alpha", [0], 10) == []
    assert await clerk.records.reversal_arrived(refund_.key, 400, "98") is ReversalArrival.VOIDED


async def test_owe_is_for_what_may_be_money_and_is_harmless_twice(store: Store) -> None:
    clerk = await store.worker()
    sending, no = transaction(1), transaction(2)
    await clerk.intend(sending)
    await clerk.intend(no)
    await clerk.conclude(declined(no))
    yes = await clerk.approve(transaction(3))
    for one, owes in ((sending, True), (no, False), (yes, True), (transaction(9), False)):
        for _ in range(2):
            assert await clerk.records.owe(one.id, "22") is owes
    assert (await clerk.row(sending)).state is State.UNKNOWN
    assert [one.id for one in await clerk.records.due("alpha", [0], 10)] == sorted(
        (sending.id, yes.id)
    )


async def test_an_approval_that_a_connection_took_is_owed_nothing(store: Store) -> None:
    one, other = await store.worker(0), await store.worker(1)
    sale = await one.approve(transaction(1))
    other.journal.taken(sale.id)
    await other.approve(transaction(2))
    assert not await one.records.owe(sale.id, "68")
    assert (await one.row(sale)).undo is Undo.NONE


async def test_an_approval_is_claimed_for_a_copy_or_owed_its_undoing_but_never_both(
    store: Store,
) -> None:
    one, other = await store.worker(0), await store.worker(1)
    claimed = await one.approve(transaction(1))
    assert not (await other.row(claimed)).taken
    for _ in range(2):
        assert await other.records.claim(claimed.id)
    assert (await other.row(claimed)).taken
    assert not await one.records.owe(claimed.id, "68")
    owed = await one.approve(transaction(2))
    assert await one.records.owe(owed.id, "68")
    assert not await other.records.claim(owed.id)
    assert not (await other.row(owed)).taken
    sending = transaction(3)
    await one.intend(sending)
    assert not await other.records.claim(sending.id)
    assert not await other.records.claim(b"none")


async def test_recovery_takes_the_rows_of_the_dead_alone_and_fences_them(store: Store) -> None:
    one, other = await store.worker(0), await store.worker(1)
    mine, theirs = transaction(1), transaction(2)
    await one.intend(mine)
    await other.intend(theirs)
    successor = await store.worker(0)
    assert successor.recovered == 1
    assert (await other.row(theirs)).state is State.SENDING
    row = await other.row(mine)
    assert (row.state, row.undo, row.response_code) == (State.UNKNOWN, Undo.OWED, "98")
    result = await one.intend(transaction(3))
    assert isinstance(result, NotDurable)
    assert one.journal.incarnation_lost.is_set()
    assert await successor.records.retire("another machine", range(1)) == 0
    assert await successor.records.retire("machine", range(1)) == 1
    assert await successor.records.retire("machine", range(1)) == 0
    tenth = await store.worker(10)
    await tenth.intend(transaction(4))
    assert await tenth.records.retire("machine", range(10, 12)) == 0
    assert await successor.records.retire("machine", range(9)) == 1
    assert (await other.row(theirs)).state is State.UNKNOWN


async def test_only_rows_that_are_long_in_doubt_are_overdue(store: Store) -> None:
    clerk = await store.worker()
    await clerk.intend(transaction(1))
    assert await clerk.records.overdue(3600.0) == 0
    assert await clerk.records.overdue(0.0) == 1
    assert await clerk.records.overdue(0.0) == 0


async def test_numbers_are_given_once(store: Store) -> None:
    clerk = await store.worker()
    lease = clerk.records.lease_numbers
    assert [await lease("rrn", "1", 10), await lease("rrn", "1", 5)] == [1, 11]
    assert [await lease("rrn", "2", 5), await lease("stan/alpha", "1", 5)] == [1, 1]


async def test_the_life_of_a_terminals_keys(store: Store) -> None:
    records = (await store.worker()).records
    tid = TIDS[0]
    assert await records.sign_in(MID, "unknown", b"p", b"a") is None
    assert await records.terminal(MID, "unknown") is None
    for number in range(1, 6):
        signed = await records.sign_in(MID, tid, b"p%d" % number, b"a%d" % number)
        assert signed is not None
        assert (signed.batch, signed.key_set.number) == (BATCH, number)
    await records.promote(MID, tid, 4)
    await records.promote(MID, tid, 1)
    terminal = await records.terminal(MID, tid)
    assert terminal is not None
    assert [(k.number, k.state) for k in terminal.key_sets] == [
        (5, KeySetState.PENDING),
        (4, KeySetState.CURRENT),
    ]
    await records.promote(MID, tid, 5)
    await records.sign_in(MID, tid, b"p6", b"a6")
    seventh = await records.sign_in(MID, tid, b"p7", b"a7")
    assert seventh is not None
    assert (seventh.key_set.number, seventh.key_set.tak) == (6, b"a6")
    terminal = await records.terminal(MID, tid)
    assert terminal is not None
    assert [k.number for k in terminal.key_sets] == [6, 5, 4]
    assert terminal.signed_in
    await records.sign_off(MID, tid)
    terminal = await records.terminal(MID, tid)
    assert terminal is not None
    assert not terminal.signed_in


async def test_a_batch_closes_and_the_next_opens_at_sign_in(store: Store) -> None:
    clerk = await store.worker()
    records, tid = clerk.records, TIDS[0]
    await clerk.approve(transaction(1))
    voided = await clerk.approve(transaction(2, amount=300))
    await clerk.approve(transaction(3, kind="void", original=voided.id, amount=300), Guard.VOID)
    await clerk.approve(transaction(4, amount=500, domestic=False))
    totals = BatchTotals(SideTotals(1000, 1, 0, 0), SideTotals(500, 1, 0, 0))
    assert await records.batch_totals(MID, tid, BATCH) == totals
    assert await records.settle_batch(MID, tid, "000077", totals) is None
    assert await records.settle_batch(MID, tid, BATCH, totals) == totals
    assert await clerk.intend(transaction(5)) == BatchNotOpen()
    await records.sign_in(MID, tid, b"p", b"a")
    assert isinstance(await clerk.intend(transaction(6)), Recorded)
    assert await records.settle_batch(MID, tid, BATCH, totals) == totals
    assert await records.close_batch(MID, tid, BATCH, 0) == "balanced"
    assert await records.close_batch(MID, tid, BATCH, 5) == "balanced"
    assert await records.close_batch(MID, tid, "000077", 0) is None
    signed = await records.sign_in(MID, tid, b"p", b"a")
    assert signed is not None
    assert signed.batch == "000002"
    terminal = await records.terminal(MID, tid)
    assert terminal is not None
    assert terminal.batch_state is BatchState.OPEN


@pytest.mark.parametrize(
    ("lost", "result"), [(False, "unbalanced-explained"), (True, "unbalanced-open")]
)
async def test_a_batch_that_differs_is_explained_item_by_item(
    store: Store, lost: bool, result: str
) -> None:
    clerk = await store.worker()
    records, tid = clerk.records, TIDS[0]
    await clerk.approve(transaction(1))
    await clerk.approve(transaction(2, amount=300))
    claim = BatchTotals(SideTotals(1700, 2, 0, 0), SideTotals())
    assert await records.settle_batch(MID, tid, BATCH, claim) != claim
    items = [UploadItem("000001", 1000, False, "0019"), UploadItem("000009", 700, False, "0019")]
    assert await records.upload(MID, tid, BATCH, items) == 2
    assert await records.upload(MID, tid, BATCH, items) == 0
    assert await records.close_batch(MID, tid, BATCH, 3 if lost else 2) == result
    assert await store.exceptions() == [
        ("000002", "terminal lost it"),
        ("000009", "unknown item"),
    ]


async def test_a_day_posts_each_transaction_once_and_takes_back_what_was_undone(
    store: Store,
) -> None:
    clerk = await store.worker()
    paid = await clerk.approve(transaction(1))
    doubt, owed = transaction(2), await clerk.approve(transaction(3))
    await clerk.intend(doubt)
    await clerk.records.owe(owed.id, "98")
    first, second = await store.close_day()
    assert await store.postings() == [(paid.id, "payment", first, 1000)]
    assert await store.open_items(first) == sorted(
        [(doubt.id, "sending", 1000), (owed.id, "reversal owed", 1000)]
    )
    await clerk.conclude(approved(doubt))
    await clerk.records.owed_done(owed.id, "00")
    await clerk.records.owe(paid.id, "98")
    await clerk.records.owed_done(paid.id, "00")
    signed = await clerk.records.sign_in(MID, TIDS[0], b"p", b"a")
    assert signed is not None
    result = await clerk.intend(transaction(4, batch=signed.batch))
    assert isinstance(result, Recorded)
    assert result.business_date == second
    await store.close_day()
    assert await store.postings() == sorted(
        [
            (paid.id, "payment", first, 1000),
            (paid.id, "undo", second, -1000),
            (doubt.id, "payment", second, 1000),
        ]
    )


async def test_one_row_that_the_store_refuses_fails_alone(store: Store) -> None:
    clerk = await store.worker()
    results: list[object] = []

    async def intend(stan: int, host: str) -> None:
        t = replace(transaction(stan), host={"43": host})
        results.append((stan, type(await clerk.intend(t)).__name__))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(intend, 1, "good")
        nursery.start_soon(intend, 2, "zero \x00 character")
    assert sorted(results, key=str) == [(1, "Recorded"), (2, "NotDurable")]


async def test_a_note_of_delivery_is_kept_and_the_site_has_a_version(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    clerk.journal.taken(sale.id)
    await clerk.approve(transaction(2))
    assert (await clerk.row(sale)).taken
    site = await clerk.records.directory(-1)
    assert site is not None
    assert list(site.acquirers) == ["alpha"]
    assert await clerk.records.directory(site.version) is None


async def test_a_refusal_is_one_commit_and_is_told_again(store: Store) -> None:
    clerk = await store.worker()
    refused = replace(transaction(1, state=State.REFUSED, answer={"39": "30"}), response_code="30")
    assert isinstance(await clerk.intend(refused), Recorded)
    repeat = await clerk.intend(transaction(1))
    assert isinstance(repeat, Repeated)
    assert (repeat.first.state, repeat.first.answer) == (State.REFUSED, {"39": "30"})
    assert isinstance(
        await clerk.conclude(Outcome(refused.id, State.FAILED, "96", {})), NotConcluded
    )
    assert await clerk.records.batch_totals(MID, TIDS[0], BATCH) == NOTHING
