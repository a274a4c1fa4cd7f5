"""Figures kept of closed days: made once, equal to what live figures were, none of an open day."""

from datetime import timedelta

import trio

from pointsman.reports.period import Period, Places, Question
from pointsman.store.console_figures import READERS_MAX, Figures
from pointsman.store.console_pool import ConsolePool
from pointsman.store.figure_sums import DIMENSIONS, SUMS
from pointsman.store.pool import Pool
from tests.reports.day import close_day, open_day
from tests.store.house import MID, TIDS, import_site, transaction, worker


async def test_kept_figures_are_what_live_ones_were(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    figures = Figures(pool)
    async with worker(database) as house:
        for stan in range(1, 9):
            await house.approve(transaction(stan, amount=100 * stan))
        day = await open_day(database)
        values = Question(Period(day, day)).values
        asked = values
        live = await figures.figures(list(DIMENSIONS), asked)
        assert await figures.unfigured(day, day) == []
        await figures.figure(day)  # not closed: nothing is kept
        await close_day(database, day)
    assert await figures.unfigured(day, day) == [day]
    async with trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(figures.figure, day)
    assert await figures.unfigured(day, day) == []
    kept = await figures.figures(list(DIMENSIONS), asked)
    assert kept == live
    assert sum(row[1 + len(DIMENSIONS)] for row in kept) == 3600
    assert await figures.figures([], Question(Period(day, day), mids=("another",)).values) == []
    ((_, *sums),) = await figures.figures([], Question(Period(day, day), mids=(MID,)).values)
    assert len(sums) == len(SUMS) + 1
    pool.close()


async def test_a_payment_counts_for_the_outlet_in_which_its_terminal_stood(database: str) -> None:
    await import_site(database)
    owner, pool = Pool(database), ConsolePool(database)
    figures = Figures(pool)
    old, new = bytes(15) + b"1", bytes(15) + b"2"
    insert = "insert into outlets (id, mid, name, city, address) values (%s, %s, %s, '', '')"
    for raw, name in ((old, "Old"), (new, "New")):
        await owner.rows(insert, (raw, MID, name))
    place = "select place_terminal(%s, %s, %s, %s, %s)"
    async with worker(database) as house:
        day = await open_day(database)
        first = await house.approve(transaction(1, amount=100))
        moved = await owner.value("select now()")
        second = await house.approve(transaction(2, amount=20))
        await house.approve(transaction(3, amount=3, tid=TIDS[1]))
        began = moved - timedelta(days=1)
        assert await owner.value(place, (MID, TIDS[0], old, "S1", began)) is None
        assert await owner.value(place, (MID, TIDS[0], new, "S1", moved)) is None
        assert await owner.value(place, (MID, TIDS[0], old, "S1", began)) == "earlier"
        assert await owner.value(place, (MID, TIDS[1], old, "S1", moved)) == "bound"
        assert await owner.value(place, (MID, "99999999", old, "", moved)) == "terminal"
        assert await owner.value(place, (MID, TIDS[1], b"none", "", moved)) == "outlet"
        for closed in (False, True):
            if closed:
                await close_day(database, day)
                await figures.figure(day)
            rows = await figures.figures(["outlet"], Question(Period(day, day)).values)
            net = {row[1]: row[-2] for row in rows}
            assert net == {f"{MID}/{old.hex()}": 100, f"{MID}/{new.hex()}": 20, f"{MID}/": 3}
            staff = Question(Period(day, day), mids=(), places=Places((new,), (MID,))).values
            assert [row[-2] for row in await figures.figures([], staff)] == [20]
            lines = await figures.lines({**staff, "after": b"", "most": None, "limit": 9})
            assert [line[0] for line in lines] == [second.id]
            asked = Question(Period(day, day), places=Places(asked=old)).values
            assert [row[-2] for row in await figures.figures([], asked)] == [100]
            lines = await figures.lines({**asked, "after": b"", "most": None, "limit": 9})
            assert [line[0] for line in lines] == [first.id]
    assert dict(await figures.outlets([MID])) == {old: "Old", new: "New"}
    owner.close()
    pool.close()


async def test_a_report_that_must_wait_is_slow_and_does_not_fail(database: str) -> None:
    await import_site(database)
    pool, owner = Pool(database, timeout_s=0.2), Pool(database)
    figures = Figures(pool)
    async with worker(database):
        day = await open_day(database)
    values = Question(Period(day, day)).values
    waiting = READERS_MAX + 2
    done: list[int] = []

    async def ask() -> None:
        done.append(len(await figures.figures([], values)))

    async with owner.session() as other:
        await other.execute("begin")
        await other.execute("lock table day_figures in access exclusive mode")
        async with trio.open_nursery() as nursery:
            for _ in range(waiting):
                nursery.start_soon(ask)
            await trio.sleep(0.5)  # longer than a page may wait
            assert done == []
            assert await pool.value("select 1") == 1, "the other connections are not theirs"
            await other.execute("commit")
    assert done == [0] * waiting
    owner.close()
    pool.close()
