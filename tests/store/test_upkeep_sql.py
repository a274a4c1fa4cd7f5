"""Events of days long closed can be taken away, and the chains still tell what was changed."""

from datetime import date, timedelta

import psycopg
import pytest

from pointsman.store.records import Recorded
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.upkeep_sql import NotYetError, UpkeepSql
from tests.store.house import House, import_site, transaction, unknown, worker

DAY = timedelta(days=1)


async def three_days(house: House) -> date:
    """Sell on three days and close two; return the first."""
    days = DaysSql(house.pool)
    first = await days.open_day()
    for number in range(3):
        await house.approve(transaction(1 + 2 * number))
        await house.approve(transaction(2 + 2 * number))
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
        await house.approve(transaction(9))
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
