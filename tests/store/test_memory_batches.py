"""Batches that their terminals forget, on PostgreSQL and on the store in memory (schema/0034)."""

from datetime import date, timedelta

import trio

from pointsman.store.day import FORCED, BatchClaim
from pointsman.store.parties import BatchState
from pointsman.store.records import BatchNotOpen, Guard, GuardFailed, Recorded, ReversalArrival
from pointsman.store.verbs import BatchTotals, Records, SideTotals, UploadItem
from tests.store.house import BATCH, MID, TIDS, approved, transaction
from tests.store.stores import Store

TID, OTHER = TIDS[0], TIDS[1]
NEXT_BATCH = "000002"
ONE_DAY = timedelta(days=1)
ALL = 1_000
PAID = BatchTotals(SideTotals(1000, 1, 0, 0), SideTotals())


async def state_of(records: Records, tid: str = TID) -> tuple[str, BatchState]:
    terminal = await records.terminal(MID, tid)
    assert terminal is not None
    return terminal.batch, terminal.batch_state


async def next_batch(records: Records, tid: str = TID) -> str:
    signed = await records.sign_in(MID, tid, b"p", b"a")
    assert signed is not None
    return signed.batch


async def cut_off(store: Store) -> date:
    day = await store.days().open_day()
    await store.days().begin_day_close(day, day + ONE_DAY)
    return day


async def listed(store: Store, day: date) -> dict[str, BatchClaim]:
    await store.days().close_day(day)
    return {one.batch: one for one in await store.days().day_batches(day)}


async def test_a_forgotten_batch_is_closed_by_the_journal_and_the_next_is_open(
    store: Store,
) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    day = await cut_off(store)
    assert await clerk.intend(transaction(2)) == BatchNotOpen()
    assert await state_of(clerk.records, OTHER) == (BATCH, BatchState.OPEN), "nothing was in it"
    assert await next_batch(clerk.records) == NEXT_BATCH
    result = await clerk.intend(transaction(2, batch=NEXT_BATCH))
    assert isinstance(result, Recorded)
    assert result.business_date == day + ONE_DAY
    assert await store.days().force_batches(ALL) == 1
    assert await store.days().force_batches(ALL) == 0
    assert await state_of(clerk.records) == (NEXT_BATCH, BatchState.OPEN)
    void = transaction(3, kind="void", batch=NEXT_BATCH, original=sale.id)
    assert await clerk.intend(void, Guard.VOID) == GuardFailed("12")
    claim = (await listed(store, day))[BATCH]
    assert (claim.result, claim.claimed, claim.journal) == (FORCED, None, PAID)
    assert await store.exceptions() == []


async def test_a_payment_under_way_is_waited_for_and_counts(store: Store) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    await clerk.intend(sale)
    day = await cut_off(store)
    assert await store.days().force_batches(ALL) == 0
    await clerk.conclude(approved(sale))
    assert await store.days().force_batches(ALL) == 1
    assert (await listed(store, day))[BATCH].journal == PAID


async def test_a_terminal_that_sends_its_batch_may_end_it(store: Store) -> None:
    clerk = await store.worker()
    await clerk.approve(transaction(1))
    claim = BatchTotals(SideTotals(700, 1, 0, 0), SideTotals())
    await clerk.records.settle_batch(MID, TID, BATCH, claim)
    day = await cut_off(store)
    assert await store.days().force_batches(ALL) == 0
    await clerk.records.upload(MID, TID, BATCH, [UploadItem("000001", 700, False, "0019")])
    assert await clerk.records.close_batch(MID, TID, BATCH, 1) == "unbalanced-explained"
    assert await store.exceptions() == [("000001", "amount differs")]
    assert (await listed(store, day))[BATCH].result == "unbalanced-explained"
    assert await next_batch(clerk.records) == NEXT_BATCH


async def test_its_terminals_totals_and_end_come_later_and_change_no_listed_day(
    store: Store,
) -> None:
    clerk = await store.worker()
    records = clerk.records
    await clerk.approve(transaction(1))
    lost = await clerk.approve(transaction(2, amount=300))
    day = await cut_off(store)
    await store.days().force_batches(ALL)
    before = await listed(store, day)
    assert await records.settle_batch(MID, TID, BATCH, PAID) != PAID
    assert await records.upload(MID, TID, BATCH, [UploadItem("000001", 1000, False, "0019")]) == 1
    assert await records.close_batch(MID, TID, BATCH, 1) == "unbalanced-explained"
    assert await records.close_batch(MID, TID, BATCH, 9) == "unbalanced-explained"
    assert await store.exceptions() == [("000002", "terminal lost it")]
    assert {one.batch: one for one in await store.days().day_batches(day)} == before
    assert await records.reversal_arrived(lost.key, 300, "98") is ReversalArrival.OWED
    assert await records.settle_batch(MID, TID, BATCH, PAID) == PAID
    assert await records.close_batch(MID, TID, BATCH, 1) == "unbalanced-explained"


async def test_what_a_terminal_counts_into_its_next_batch_is_found_in_the_forced_one(
    store: Store,
) -> None:
    clerk = await store.worker()
    records = clerk.records
    await clerk.approve(transaction(1))
    await cut_off(store)
    await store.days().force_batches(ALL)
    await next_batch(records)
    await clerk.approve(transaction(2, batch=NEXT_BATCH, amount=300))
    claim = BatchTotals(SideTotals(2000, 3, 0, 0), SideTotals())
    await records.settle_batch(MID, TID, NEXT_BATCH, claim)
    amounts = {"000001": 1000, "000002": 300, "000009": 700}
    items = [UploadItem(stan, minor, False, "0019") for stan, minor in amounts.items()]
    await records.upload(MID, TID, NEXT_BATCH, items)
    assert await records.close_batch(MID, TID, NEXT_BATCH, 3) == "unbalanced-explained"
    assert await store.exceptions() == [("000009", "unknown item")]


async def test_two_that_force_at_once_close_each_batch_once(store: Store) -> None:
    clerk = await store.worker()
    for number, tid in enumerate(TIDS):
        await clerk.approve(transaction(number + 1, tid=tid))
    await cut_off(store)
    closed: list[int] = []

    async def force() -> None:
        closed.append(await store.days().force_batches(1))

    for _ in TIDS:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(force)
            nursery.start_soon(force)
    assert sum(closed) == len(TIDS)
