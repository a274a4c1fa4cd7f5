"""Postings of a payment, and the closes at which it was open."""

from pointsman.store import console_ledger
from pointsman.store.console_pool import ConsolePool
from tests.reports.day import close_day, open_day
from tests.store.house import import_site, transaction, worker


async def test_what_was_open_at_a_close_is_told_beside_what_was_posted(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1, amount=700))
        open_one = transaction(2)
        await house.intend(open_one)
        day = await open_day(database)
        await close_day(database, day)
    pool = ConsolePool(database)
    assert await console_ledger.postings(pool, sale.id) == [("payment", day, "156", 700)]
    assert await console_ledger.open_items(pool, sale.id) == []
    assert await console_ledger.postings(pool, open_one.id) == []
    assert [one[0] for one in await console_ledger.open_items(pool, open_one.id)] == [day]
    pool.close()
