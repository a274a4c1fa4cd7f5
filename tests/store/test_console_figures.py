"""Figures kept of closed days: made once, equal to what live figures were, none of an open day."""

import trio

from pointsman.store.console_figures import DIMENSIONS, SUMS, Figures
from pointsman.store.console_pool import ConsolePool
from tests.reports.day import close_day, open_day
from tests.store.house import MID, import_site, transaction, worker


async def test_kept_figures_are_what_live_ones_were(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    figures = Figures(pool)
    async with worker(database) as house:
        for stan in range(1, 9):
            await house.approve(transaction(stan, amount=100 * stan))
        day = await open_day(database)
        values = dict.fromkeys(("mids", "tid", "acquirer", "method", "brand"))
        asked = {**values, "begin": day, "end": day}
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
    assert await figures.figures([], {**asked, "mids": ["another"]}) == []
    ((_, *sums),) = await figures.figures([], {**asked, "mids": [MID]})
    assert len(sums) == len(SUMS) + 1
    pool.close()
