"""A business day closes once and fixes what belongs to it; later changes post to later days."""

from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
import trio

from pointsman.store.day import (
    BatchClaim,
    DayState,
    FileRecord,
    OpenReason,
    OwedAge,
    PostingKind,
)
from pointsman.store.pool import Pool
from pointsman.store.records import (
    BatchNotOpen,
    Guard,
    Intent,
    IntentResult,
    Outcome,
    Recorded,
    State,
)
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.upkeep_sql import UpkeepSql
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.store.house import (
    BATCH,
    MID,
    TIDS,
    House,
    approved,
    import_site,
    transaction,
    unknown,
    until,
    worker,
)


async def _close(days: DaysSql) -> date:
    """Close the open day; return it."""
    day = await days.open_day()
    assert await days.begin_day_close(day, day + timedelta(days=1)) is DayState.CLOSING
    await days.close_day(day)
    return day


async def _posted(days: DaysSql, day: date) -> dict[tuple[str, PostingKind], int]:
    lines = await days.day_lines(day)
    return {(line.stan, line.posting): line.signed_minor for line in lines}


async def _open(days: DaysSql, day: date) -> dict[str, tuple[OpenReason, int]]:
    return {item.stan: (item.reason, item.signed_minor) for item in await days.day_open_items(day)}


async def _a_day(house: House) -> None:
    """Write one of each: 1 stands, 2 voided by 3, 1 refunded by 4, 5 reversed, 6-9 not final."""
    sale = await house.approve(transaction(1, amount=1000))
    voided = await house.approve(transaction(2, amount=200))
    await house.approve(transaction(3, kind="void", amount=200, original=voided.id), Guard.VOID)
    refund = transaction(4, kind="refund", amount=70, original=sale.id, reversible=False)
    await house.approve(refund, Guard.REFUND)
    undone = await house.approve(transaction(5, amount=500))
    await house.records.owe(undone.id, "98")
    await house.records.owed_done(undone.id, "00")
    await house.intend(transaction(6, amount=600))
    doubtful = transaction(7, amount=700)
    await house.intend(doubtful)
    await house.conclude(unknown(doubtful))
    owed = await house.approve(transaction(8, amount=800))
    await house.records.reversal_arrived(owed.key, 800, "98")
    parked = await house.approve(transaction(9, amount=900))
    await house.records.owe(parked.id, "98")
    await house.records.owed_parked(parked.id, "30")


async def test_a_day_posts_what_counts_and_lists_what_is_open(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        await _a_day(house)
        day = await days.open_day()
        assert await days.unfinished(day) == 1
        await _close(days)
        payment = PostingKind.PAYMENT
        assert await _posted(days, day) == {
            ("000001", payment): 1000,
            ("000002", payment): 200,
            ("000003", payment): -200,
            ("000004", payment): -70,
        }
        assert await _open(days, day) == {
            "000006": (OpenReason.SENDING, 600),
            "000007": (OpenReason.IN_DOUBT, 700),
            "000008": (OpenReason.OWED, 800),
            "000009": (OpenReason.PARKED, 900),
        }
        assert await days.day_state(day) is DayState.CLOSED
        assert await days.last_closed() == day
        line = (await days.day_lines(day))[0]
        assert (line.card, line.mid, line.auth_code) == ("622848******0019", MID, "123456")
        assert (line.acquirer_date, line.local_date) == ("1122", "1122")


async def test_what_is_decided_later_posts_to_the_day_then_open(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        await _a_day(house)
        first = await _close(days)
        lines, items = await days.day_lines(first), await days.day_open_items(first)
        sending = await house.records.by_key(transaction(6).key)
        posted = await house.records.by_key(transaction(1).key)
        owed = await house.records.by_key(transaction(8).key)
        assert sending is not None
        assert posted is not None
        assert owed is not None
        await house.conclude(approved(sending))
        await house.records.owed_done(owed.id, "00")
        second = await _close(days)
        assert await _posted(days, second) == {("000006", PostingKind.PAYMENT): 600}
        assert set(await _open(days, second)) == {"000007", "000009"}
        third = await _close(days)
        assert await _posted(days, third) == {}
        assert set(await _open(days, third)) == {"000007", "000009"}
        # What was written of the first day stays as it was.
        assert await days.day_lines(first) == lines
        assert await days.day_open_items(first) == items


async def test_a_reversal_after_the_posting_takes_it_back_today(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        sale = await house.approve(transaction(1, amount=1000))
        first = await _close(days)
        await house.records.owe(sale.id, "98")
        second = await _close(days)
        assert await _open(days, second) == {"000001": (OpenReason.OWED, -1000)}
        for _ in range(2):
            await house.records.owed_done(sale.id, "00")
        third = await _close(days)
        assert await _posted(days, first) == {("000001", PostingKind.PAYMENT): 1000}
        assert await _posted(days, third) == {("000001", PostingKind.UNDO): -1000}
        assert await _open(days, third) == {}


async def test_a_refund_whose_result_comes_later_posts_later(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        sale = await house.approve(transaction(1))
        refund = transaction(2, kind="refund", amount=40, original=sale.id, reversible=False)
        await house.intend(refund, Guard.REFUND)
        await house.conclude(unknown(refund))
        first = await _close(days)
        assert await _open(days, first) == {"000002": (OpenReason.IN_DOUBT, -40)}
        await house.records.owed_answered(
            refund.id, Outcome(refund.id, State.APPROVED, "00", {"39": "00"}, "00")
        )
        second = await _close(days)
        assert await _posted(days, second) == {("000002", PostingKind.PAYMENT): -40}


async def test_closing_twice_or_from_two_places_posts_once(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        await _a_day(house)
        days = DaysSql(house.pool)
        day = await days.open_day()
        following = day + timedelta(days=1)

        async def close() -> None:
            pool = Pool(database)
            other = DaysSql(pool)
            assert await other.begin_day_close(day, following) is not DayState.OPEN
            await other.close_day(day)
            pool.close()

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(close)
        assert await days.begin_day_close(day, following) is DayState.CLOSED
        assert len(await days.day_lines(day)) == 4
        assert await days.open_day() == following


async def test_days_close_in_their_order(database: str) -> None:
    await import_site(database)
    pool = Pool(database)
    days = DaysSql(pool)
    first = await days.open_day()
    second, third = first + timedelta(days=1), first + timedelta(days=2)
    with pytest.raises(LookupError):
        await days.begin_day_close(third, third)
    with pytest.raises(LookupError):
        await days.close_day(first)
    await days.begin_day_close(first, second)
    await days.begin_day_close(second, third)
    assert await days.closing_days() == [first, second]
    with pytest.raises(LookupError):
        await days.close_day(second)
    await days.close_day(first)
    await days.close_day(second)
    assert await days.closing_days() == []
    assert await days.unwritten_days() == [first, second]
    await days.record_files(first, [FileRecord("manifest.json", "00", 2)])
    assert await days.unwritten_days() == [second]
    pool.close()


async def test_no_sale_falls_between_two_days_while_traffic_runs(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as one, worker(database, 1) as other:
        days = DaysSql(one.pool)
        results: dict[bytes, IntentResult] = {}
        stans = iter(range(1, 100_000))
        batch, stopped = BATCH, False

        def begin(house: House) -> None:
            if not stopped:
                sale = transaction(next(stans), amount=1, batch=batch)
                house.journal.intend(
                    Intent(sale),
                    trio.current_time() + 20,
                    lambda result: recorded(house, sale.id, result),
                )

        def recorded(house: House, id_: bytes, result: IntentResult) -> None:
            results[id_] = result
            begin(house)

        for _ in range(10):
            begin(one)
            begin(other)
        closed = []
        for _ in range(3):
            before = len(results)
            await until(lambda before=before: len(results) > before + 100)  # type: ignore[misc]  # the default binds
            day = await days.open_day()
            await days.begin_day_close(day, day + timedelta(days=1))
            async with one.pool.session() as connection:
                query = "select count(*) from transactions where business_date <= %s"
                row = await (await connection.execute(query, (day,))).fetchone()
            assert row is not None
            closed.append((day, row[0]))
            signed = await one.records.sign_in(MID, TIDS[0], b"tpk", b"tak")
            assert signed is not None
            batch = signed.batch
        stopped = True
        sent = next(stans) - 1
        await until(lambda: len(results) == sent)
        dates = [r.business_date for r in results.values() if isinstance(r, Recorded)]
        late = [r for r in results.values() if isinstance(r, BatchNotOpen)]
        assert len(dates) + len(late) == sent
        for day, count in closed:
            # After the lock nobody could still be given this date.
            assert sum(date_ <= day for date_ in dates) == count


async def test_batches_are_listed_by_the_day_that_closes_after_them(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        await house.approve(transaction(1, amount=1000))
        totals = BatchTotals(SideTotals(1000, 1), SideTotals())
        await house.records.settle_batch(MID, TIDS[0], BATCH, totals)
        await house.records.close_batch(MID, TIDS[0], BATCH, 0)
        day = await _close(days)
        assert await days.day_batches(day) == [
            BatchClaim(MID, TIDS[0], BATCH, "156", totals, totals, "balanced")
        ]
        assert await days.day_batches(await _close(days)) == []


async def test_files_of_a_day_are_recorded_once(database: str) -> None:
    pool = Pool(database)
    days = DaysSql(pool)
    files = [FileRecord("b.csv", "22", 2), FileRecord("a.csv", "11", 1)]
    await days.record_files(date(2026, 11, 22), files)
    await days.record_files(date(2026, 11, 22), [FileRecord("c.csv", "33", 3)])
    assert await days.day_files(date(2026, 11, 22)) == sorted(files)
    pool.close()


async def test_an_empty_database_has_no_day(database: str) -> None:
    pool = Pool(database)
    days = DaysSql(pool)
    with pytest.raises(LookupError):
        await days.open_day()
    assert await days.last_closed() is None
    assert await days.day_state(date(2026, 11, 22)) is None
    pool.close()


async def test_the_clerk_sees_what_is_owed_and_how_old_it_is(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        assert await days.owed_ages() == []
        await _a_day(house)
        (age,) = await days.owed_ages()
        assert age.oldest_age_s >= 0
        assert replace(age, oldest_age_s=0) == OwedAge("alpha", "reversal", 3, 1, 0)


async def test_a_chain_of_events_shows_what_was_changed_or_taken_out(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days = DaysSql(house.pool)
        await _a_day(house)
        writers = (house.incarnation, -house.incarnation, 0)
        assert await days.anchor_heads() == 3
        assert await days.anchor_heads() == 0
        found = await UpkeepSql(house.pool).verify()
        assert [found[writer] for writer in writers] == [None, None, None]
        with psycopg.connect(database) as connection:
            # Nobody may change events, not even by mistake; here somebody switched that off.
            with pytest.raises(psycopg.Error, match="only added"), connection.transaction():
                connection.execute("delete from events")
            connection.execute("alter table events disable trigger user")
            for change in (
                "update events set body = replace(body, '1000', '9000') where sequence = 1",
                "update events set kind = 'outcome' where sequence = 3",
                "delete from events where sequence = 2",
                "delete from events where sequence >= 4",
            ):
                connection.execute(change.encode())
                query = "select broken_at(%s)"
                told = connection.execute(query, (house.incarnation,)).fetchone()
                assert told is not None
                assert told[0] is not None, change
                connection.rollback()
                connection.execute("alter table events disable trigger user")
            connection.rollback()
