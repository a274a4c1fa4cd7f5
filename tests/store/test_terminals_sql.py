"""Sign-in with its keys, and terminal batches against the journal."""

from dataclasses import replace

import psycopg
import trio

from pointsman.store.parties import BatchState, KeySetState
from pointsman.store.records import BatchNotOpen, Guard, Intent, IntentResult, Recorded, Transaction
from pointsman.store.verbs import BatchTotals, SideTotals, UploadItem
from tests.store.house import BATCH, MID, TIDS, approved, import_site, transaction, until, worker

TID = TIDS[0]


async def test_a_sign_in_gives_pending_keys_and_the_open_batch(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        records = house.records
        first = await records.sign_in(MID, TID, b"tpk1", b"tak1")
        assert first is not None
        assert (first.batch, first.key_set.state) == (BATCH, KeySetState.PENDING)
        terminal = await records.terminal(MID, TID)
        assert terminal is not None
        assert (terminal.signed_in, terminal.batch_state) == (True, BatchState.OPEN)
        assert terminal.key_sets == (first.key_set,)
        await records.promote(MID, TID, first.key_set.number)
        second = await records.sign_in(MID, TID, b"tpk2", b"tak2")
        assert second is not None
        third = await records.sign_in(MID, TID, b"tpk3", b"tak3")
        assert third is not None
        await records.promote(MID, TID, second.key_set.number)
        terminal = await records.terminal(MID, TID)
        assert terminal is not None
        assert [(keys.tpk, keys.state) for keys in terminal.key_sets] == [
            (b"tpk3", KeySetState.PENDING),
            (b"tpk2", KeySetState.CURRENT),
            (b"tpk1", KeySetState.RETIRING),
        ]
        await records.sign_off(MID, TID)
        terminal = await records.terminal(MID, TID)
        assert terminal is not None
        assert not terminal.signed_in
        assert await records.sign_in(MID, "no such", b"", b"") is None
        assert await records.terminal(MID, "no such") is None


async def test_only_three_pending_sets_are_kept_and_six_an_hour_are_given(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        given = [
            await house.records.sign_in(MID, TID, b"tpk%d" % number, b"tak%d" % number)
            for number in range(8)
        ]
        numbers = [signed.key_set.number for signed in given if signed is not None]
        assert numbers == [1, 2, 3, 4, 5, 6, 6, 6]
        assert given[7] is not None
        assert given[7].key_set.tpk == b"tpk5"
        terminal = await house.records.terminal(MID, TID)
        assert terminal is not None
        assert [keys.number for keys in terminal.key_sets] == [6, 5, 4]
        async with house.pool.session() as connection:
            await connection.execute("update terminals set sign_ins[1] = now() - interval '2 h'")
        later = await house.records.sign_in(MID, TID, b"new", b"new")
        assert later is not None
        assert later.key_set.number == 7


async def test_a_batch_adds_up_what_stands(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=1000))
        voided = await house.approve(transaction(2, amount=300))
        await house.approve(transaction(3, kind="void", amount=300, original=voided.id), Guard.VOID)
        await house.approve(transaction(4, amount=7, domestic=False))
        partial = transaction(5, amount=500)
        await house.intend(partial)
        await house.conclude(approved(partial, minor=450))
        reversed_ = await house.approve(transaction(6, amount=99))
        await house.records.reversal_arrived(reversed_.key, 99, "98")
        await house.approve(
            transaction(7, kind="refund", amount=50, original=partial.id), Guard.REFUND
        )
        await house.intend(transaction(8, amount=10_000))
        assert await house.records.batch_totals(MID, TID, BATCH) == BatchTotals(
            domestic=SideTotals(1450, 2, 50, 1), foreign=SideTotals(7, 1, 0, 0)
        )
        assert await house.records.batch_totals(MID, TID, "999999") == BatchTotals(
            SideTotals(), SideTotals()
        )


async def test_a_balanced_batch_closes_and_the_next_one_opens(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        records = house.records
        await house.approve(transaction(1))
        claimed = BatchTotals(SideTotals(1000, 1), SideTotals())
        for _ in range(2):
            assert await records.settle_batch(MID, TID, BATCH, claimed) == claimed
        for _ in range(2):
            assert await records.close_batch(MID, TID, BATCH, 0) == "balanced"
        assert await records.settle_batch(MID, TID, BATCH, claimed) == claimed
        signed = await records.sign_in(MID, TID, b"a", b"b")
        assert signed is not None
        assert signed.batch == "000002"
        assert isinstance(await house.intend(transaction(1, batch="000002")), Recorded)
        assert await records.settle_batch(MID, TID, "000009", claimed) is None
        assert await records.close_batch(MID, TID, "000009", 0) is None


async def test_a_terminal_that_died_before_the_batch_end_goes_on_in_it(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        none = BatchTotals(SideTotals(), SideTotals())
        await house.records.settle_batch(MID, TID, BATCH, none)
        assert await house.intend(transaction(1)) == BatchNotOpen()
        signed = await house.records.sign_in(MID, TID, b"a", b"b")
        assert signed is not None
        assert signed.batch == BATCH
        assert isinstance(await house.intend(transaction(1)), Recorded)


async def test_differences_of_an_upload_become_exceptions(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=100))
        await house.approve(transaction(2, amount=200))
        await house.approve(transaction(3, amount=300))
        undone = await house.approve(transaction(4, amount=400))
        await house.records.reversal_arrived(undone.key, 400, "98")
        await house.approve(transaction(6, amount=600, domestic=False))
        # The terminal: 1 right, 2 with another amount, 3 lost, 4 thinks paid, 5 nobody knows.
        items = [
            UploadItem("000001", 100, foreign=False, last4="0019"),
            UploadItem("000002", 222, foreign=False, last4="0019"),
            UploadItem("000004", 400, foreign=False, last4="0019"),
            UploadItem("000005", 500, foreign=False, last4="0019"),
        ]
        claimed = BatchTotals(SideTotals(1222, 4), SideTotals(600, 1))
        journal = await house.records.settle_batch(MID, TID, BATCH, claimed)
        assert journal == BatchTotals(SideTotals(600, 3), SideTotals(600, 1))
        assert await house.records.upload(MID, TID, BATCH, items[:3]) == 3
        assert await house.records.upload(MID, TID, BATCH, items) == 1
        assert await house.records.close_batch(MID, TID, BATCH, 4) == "unbalanced-explained"
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select stan, kind, expected_minor, found_minor from exceptions order by stan"
        ).fetchall()
    assert rows == [
        ("000002", "amount differs", 200, 222),
        ("000003", "terminal lost it", 300, None),
        ("000004", "terminal thinks paid", 400, 400),
        ("000005", "unknown item", None, 500),
    ]


async def test_an_upload_that_does_not_add_up_leaves_the_batch_unexplained(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=100))
        claimed = BatchTotals(SideTotals(999, 2), SideTotals())
        await house.records.settle_batch(MID, TID, BATCH, claimed)
        item = UploadItem("000001", 100, foreign=False, last4="0019")
        await house.records.upload(MID, TID, BATCH, [item])
        assert await house.records.close_batch(MID, TID, BATCH, 2) == "unbalanced-open"


async def test_no_sale_slips_into_a_batch_after_its_totals_were_read(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        results: dict[bytes, IntentResult] = {}
        sales: list[Transaction] = []

        async def sell(first: int) -> None:
            house = one if first == 1 else other
            for stan in range(first, 400, 2):
                sale = transaction(stan, amount=1)
                sales.append(sale)
                house.journal.intend(
                    Intent(replace(sale)),
                    trio.current_time() + 10,
                    lambda result, sale=sale: results.update({sale.id: result}),  # type: ignore[misc]  # the default binds
                )
                if stan % 5 == 0:
                    await trio.sleep(0.001)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(sell, 1)
            nursery.start_soon(sell, 2)
            await trio.sleep(0.03)
            none = BatchTotals(SideTotals(), SideTotals())
            await one.records.settle_batch(MID, TID, BATCH, none)
            async with one.pool.session() as connection:
                cursor = await connection.execute("select count(*) from transactions")
                row = await cursor.fetchone()
        await until(lambda: len(results) == len(sales))
        recorded = [result for result in results.values() if isinstance(result, Recorded)]
        refused = [result for result in results.values() if result == BatchNotOpen()]
        assert row == (len(recorded),)
        assert len(recorded) + len(refused) == len(sales)
        assert refused, "the batch closed after the last sale: this run proved nothing"
