"""Events of days long closed can be taken away, and the chains still tell what was changed."""

from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest
import trio

from pointsman.store.pool import Pool
from pointsman.store.records import (
    BatchNotOpen,
    GuardFailed,
    Intent,
    IntentResult,
    Recorded,
    State,
)
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.upkeep_sql import NotYetError, UpkeepSql
from pointsman.store.verbs import BatchTotals, SideTotals, UploadItem
from tests.store.house import (
    BATCH,
    MID,
    TIDS,
    House,
    declined,
    import_site,
    transaction,
    unknown,
    until,
    worker,
)

DAY = timedelta(days=1)
NOTHING = BatchTotals(SideTotals(), SideTotals())


async def three_days(house: House) -> date:
    """Sell on three days and close two; return the first."""
    days = DaysSql(house.pool)
    first = await days.open_day()
    for number in range(3):
        await house.approve(transaction(1 + 2 * number, tid=TIDS[number]))
        await house.approve(transaction(2 + 2 * number, tid=TIDS[number]))
        if number < 2:
            day = first + number * DAY
            await days.begin_day_close(day, day + DAY)
            await days.close_day(day)
    return first


async def test_a_purged_day_leaves_whole_chains_behind(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        first, upkeep = await three_days(house), UpkeepSql(house.pool)
        await DaysSql(house.pool).anchor_heads()
        before = [line async for line in upkeep.lines(first)]
        assert {line.kind for line in before} >= {"intent", "outcome"}
        assert await upkeep.purgeable(first + 2 * DAY) == [first, first + DAY]
        assert await upkeep.purge(first) == len(before)
        assert [line async for line in upkeep.lines(first)] == []
        assert set((await upkeep.verify()).values()) == {None}
        await house.approve(transaction(9, tid=TIDS[3]))
        assert set((await upkeep.verify()).values()) == {None}
        assert await upkeep.purgeable(first + 2 * DAY) == [first + DAY]


async def test_what_is_changed_after_a_purge_is_seen(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        first, upkeep = await three_days(house), UpkeepSql(house.pool)
        await upkeep.purge(first)
        with psycopg.connect(database, autocommit=True) as owner:
            owner.execute("alter table events disable trigger events_only_added")
            changed = owner.execute(
                "update events set body = replace(body, '1000', '9000') where kind = 'intent'"
                " and writer = %s returning sequence",
                (house.incarnation,),
            ).fetchall()
        assert changed
        assert (await upkeep.verify())[house.incarnation] is not None


async def test_days_go_in_their_order_and_the_last_closed_one_stays(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        first, upkeep = await three_days(house), UpkeepSql(house.pool)
        with pytest.raises(NotYetError, match="not over for long enough"):
            await upkeep.purge(first + 2 * DAY)
        with pytest.raises(NotYetError, match="not over for long enough"):
            await upkeep.purge(first + DAY)
        assert await upkeep.purge(first) > 0


async def test_a_day_with_a_transaction_in_doubt_stays(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(100)
        assert isinstance(await house.intend(sale), Recorded)
        await house.conclude(unknown(sale))
        first, upkeep = await three_days(house), UpkeepSql(house.pool)
        with pytest.raises(NotYetError, match="not final"):
            await upkeep.purge(first)
        await house.records.owed_done(sale.id, "00")
        assert await upkeep.purge(first) > 0


async def test_a_day_with_a_refused_advice_stays(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = replace(transaction(100, kind="offline", reversible=False), state=State.APPROVED)
        assert isinstance(await house.intend(sale), Recorded)
        await house.records.owed_parked(sale.id, "05")
        first, upkeep = await three_days(house), UpkeepSql(house.pool)
        with pytest.raises(NotYetError, match="not final"):
            await upkeep.purge(first)


async def test_days_are_prepared_and_nobody_waits_for_a_reader(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days, upkeep = DaysSql(house.pool), UpkeepSql(house.pool)
        with psycopg.connect(database) as reader:  # it reads the events, and takes its time
            assert reader.execute("select count(*) from events").fetchone() is not None
            with trio.fail_after(5):
                assert await upkeep.prepare_days(3) == 3
                assert await upkeep.prepare_days(3) == 3
                day = await days.open_day()
                for number in range(3):
                    await days.begin_day_close(day + number * DAY, day + (number + 1) * DAY)
                    sold = await house.intend(transaction(number + 1, tid=TIDS[number]))
                    assert sold == Recorded(day + (number + 1) * DAY)
        assert await upkeep.prepare_days(0) == 0
        assert set((await upkeep.verify()).values()) == {None}


async def test_before_a_site_is_imported_there_is_nothing_to_prepare(database: str) -> None:
    pool = Pool(database)
    assert await UpkeepSql(pool).prepare_days(3) is None
    assert await UpkeepSql(pool).purge_keys(date(2030, 1, 1), 10) == 0
    pool.close()


async def test_a_purge_waits_for_no_reader_and_sales_go_on(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        first, upkeep = await three_days(house), UpkeepSql(house.pool, drop_tries=1)
        with psycopg.connect(database) as reader:
            reader.execute("select count(*) from events")
            with pytest.raises(NotYetError, match="are being read"):
                await upkeep.purge(first)
            with trio.fail_after(5):
                assert isinstance(await house.intend(transaction(90, tid=TIDS[9])), Recorded)
        assert set((await upkeep.verify()).values()) == {None}  # nothing of it was half done
        assert await upkeep.purge(first) > 0


async def test_request_keys_go_long_after_their_batch_and_its_events(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days, upkeep = DaysSql(house.pool), UpkeepSql(house.pool)
        sale = await house.approve(transaction(1))
        house.journal.taken(sale.id)
        other = await house.approve(transaction(7, tid=TIDS[1]))  # its batch stays open
        unknown_original = transaction(2)
        await house.records.reversal_arrived(unknown_original.key, 1000, "98")
        await house.records.settle_batch(MID, TIDS[0], BATCH, NOTHING)
        item = UploadItem("000001", 1000, foreign=False, last4="0019")
        await house.records.upload(MID, TIDS[0], BATCH, [item])
        await house.records.close_batch(MID, TIDS[0], BATCH, 1)
        first = await three_days_closed(days)
        later = first + timedelta(days=100)
        assert await upkeep.purge_keys(later, 10) == 0  # its events are there yet
        await upkeep.purge(first)
        assert await upkeep.purge_keys(first, 10) == 0  # not old enough
        assert await upkeep.purge_keys(first + DAY, 10) == 2
        assert await upkeep.purge_keys(later, 10) == 0
        assert await house.records.by_key(sale.key) is None
        assert await house.records.by_key(other.key) is not None
        found = await house.records.by_rrn(MID, sale.rrn)  # what refunds may still ask for
        assert found is not None
        assert (found.id, found.taken) == (sale.id, False)
        # A copy that comes in spite of all is refused for its batch, and reaches nobody.
        again = replace(transaction(1), fingerprint=b"same")
        assert isinstance(await house.intend(again), BatchNotOpen)


async def test_keys_stay_while_anything_of_their_batch_is_owed(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        days, upkeep = DaysSql(house.pool), UpkeepSql(house.pool)
        first_day = await days.open_day()
        await days.begin_day_close(first_day, first_day + DAY)  # the sale is of the second
        sale = replace(transaction(1, kind="offline", reversible=False), state=State.APPROVED)
        await house.intend(sale)
        await house.records.settle_batch(MID, TIDS[0], BATCH, NOTHING)
        await house.records.close_batch(MID, TIDS[0], BATCH, 0)
        await days.close_day(first_day)
        await three_days_closed(days)
        await upkeep.purge(first_day)
        later = first_day + timedelta(days=100)
        assert await upkeep.purge_keys(later, 10) == 0
        await house.records.owed_done(sale.id, "00")
        assert await upkeep.purge_keys(later, 10) == 1


async def test_a_tombstone_without_a_batch_goes_by_its_own_age(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        upkeep = UpkeepSql(house.pool)
        nowhere = transaction(1, batch="777777")
        await house.records.reversal_arrived(nowhere.key, 1000, "98")
        today = await house.pool.value("select current_date")
        assert await upkeep.purge_keys(today, 10) == 0
        assert await upkeep.purge_keys(today + DAY, 10) == 1


async def test_what_counts_for_limits_is_the_same_before_and_after_it_is_added_up(
    database: str,
) -> None:
    await import_site(database)
    limits = {"month_minor_max": 2_500, "card_day_count_max": 2}
    async with worker(database) as house:
        upkeep = UpkeepSql(house.pool)
        results: dict[int, IntentResult] = {}
        sales = {stan: transaction(stan) for stan in range(1, 7)}

        async def ask(stan: int) -> IntentResult:
            intent = Intent(sales[stan], limits=limits)
            deadline = trio.current_time() + 10
            house.journal.intend(intent, deadline, lambda got: results.update({stan: got}))
            await until(lambda: stan in results)
            return results[stan]

        assert isinstance(await ask(1), Recorded)
        assert await upkeep.fold_limits(3) == 3  # half of what it counts for
        assert isinstance(await ask(2), Recorded)
        assert await ask(3) == GuardFailed("61")
        await upkeep.fold_limits(100)
        assert await ask(4) == GuardFailed("61")
        await house.conclude(declined(sales[1]))
        assert isinstance(await ask(5), Recorded)
        await upkeep.fold_limits(100)
        assert await ask(6) == GuardFailed("61")
        rows = await house.pool.rows(
            "select scope, n, minor from limit_sums where mid = %s and n <> 0 order by scope",
            (MID,),
        )
        assert rows == [(s, 2, 2000) for s in ("", "card_", "method_", "scheme_", "terminal_")]


async def three_days_closed(days: DaysSql) -> date:
    """Close three days; return the first."""
    first = await days.open_day()
    for day in (first, first + DAY, first + 2 * DAY):
        await days.begin_day_close(day, day + DAY)
        await days.close_day(day)
    return first
