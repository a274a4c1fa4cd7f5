"""The end of the day is one closer's at a time; a closer that lost it writes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import trio

from pointsman.store.connection import connect
from pointsman.store.day import DayState, FileRecord
from pointsman.store.leases import BEAT_S, END_OF_DAY, LeaseLostError
from pointsman.store.leases_sql import leased, seen
from pointsman.store.migrate import migrations
from pointsman.store.pool import Pool
from pointsman.store.settlement_sql import DaysSql, leased_days
from tests.store.house import import_site, transaction, worker


async def test_while_one_closes_another_is_told_so(database: str) -> None:
    pool, other = Pool(database), Pool(database)
    async with leased(pool, END_OF_DAY) as fence:
        assert fence is not None
        began = trio.current_time()
        async with leased(other, END_OF_DAY) as second:
            assert second is None
        assert trio.current_time() - began < 4 * BEAT_S  # it saw a beat
    async with leased(other, END_OF_DAY) as third:
        assert third is not None
        assert third.number > fence.number
    pool.close()
    other.close()


async def test_what_fails_under_a_lease_is_raised_and_gives_the_lease_back(database: str) -> None:
    pool = Pool(database)

    async def fail() -> None:
        async with leased_days(pool) as days:
            assert days is not None
            await days.begin_day_close(date(2020, 1, 1), date(2020, 1, 2))

    with pytest.raises(LookupError, match="was never"):
        await fail()
    async with leased_days(pool) as days:
        assert days is not None
    (found,) = await seen(pool, END_OF_DAY)
    assert found.holder == 0
    pool.close()


async def test_a_closer_whose_lease_was_taken_writes_nothing(database: str) -> None:
    """As one that was stopped for longer than its lease, and goes on."""
    await import_site(database)
    pool = Pool(database)
    async with leased(pool, END_OF_DAY) as fence:
        stale = DaysSql(pool, fence)
        day = await stale.open_day()
        following = day + timedelta(days=1)
        (found,) = await seen(pool, END_OF_DAY)
        taken = await pool.rows(
            "select o_number from take_lease(0, %s, %s::bigint, %s::bigint, -1)",
            (END_OF_DAY, found.number, found.beat),
        )
        assert taken[0][0] is not None
        with pytest.raises(LeaseLostError):
            await stale.begin_day_close(day, following)
        assert await stale.open_day() == day
        plain = DaysSql(pool)
        assert await plain.begin_day_close(day, following) is DayState.CLOSING
        with pytest.raises(LeaseLostError):
            await stale.close_day(day)
        await plain.close_day(day)
        with pytest.raises(LeaseLostError):
            await stale.record_files(day, [FileRecord("a", "00", 1)])
        assert await plain.day_files(day) == []
    pool.close()


async def test_a_closer_that_died_is_followed_when_its_lease_has_lapsed(database: str) -> None:
    pool = Pool(database)
    await pool.rows("insert into lease values (%s, 3, -1, 17)", (END_OF_DAY,))
    began = trio.current_time()
    async with leased(pool, END_OF_DAY) as fence:
        assert fence is not None
        assert fence.number == 4
    assert trio.current_time() - began >= 10
    pool.close()


async def test_a_session_of_before_the_leases_is_adopted_when_something_arises_on_it(
    database: str,
) -> None:
    await import_site(database)
    async with worker(database, 5) as before:
        sale = await before.approve(replace(transaction(1), session=5))
        await before.pool.rows("delete from lease")
    (text,) = [text for number, _, text in migrations() if number == 13]
    async with worker(database, 0) as now:
        connection = await connect(database)
        await connection.execute(text.encode())
        connection.end()
        await now.records.reversal_arrived(sale.key, sale.amount_minor, "17")
        (found,) = [one for one in await now.records.beat() if one.name == "session 5"]
        assert (found.holder, found.is_waited_for) == (0, True)
        assert await now.records.adopt_session(5, found.number, found.beat) == 1
        assert [owed.id for owed in await now.records.due("alpha", [0], 9)] == [sale.id]


async def test_a_taker_that_waited_for_a_recovery_does_not_do_it_again(database: str) -> None:
    """Found by real faults: a life seemed to have ended after its rows were put in doubt."""
    await import_site(database)
    async with worker(database, 0) as taker, worker(database, 1) as dead:
        (found,) = [one for one in await taker.records.beat() if one.name == "session 1"]
        begins = await connect(database)
        await begins.execute("begin")
        await begins.execute("select begin_incarnation('machine', 1)")
        rows = await (
            await begins.execute(
                "select ended_at from incarnations where incarnation = %s", (dead.incarnation,)
            )
        ).fetchall()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(taker.records.adopt_session, 1, found.number, found.beat)
            await trio.sleep(0.3)
            await begins.execute("commit")
        begins.end()
        ended = await taker.pool.rows(
            "select ended_at from incarnations where incarnation = %s", (dead.incarnation,)
        )
        assert ended == rows
