"""The journal's tail: every payment that changed, and none twice, across writers old and new."""

from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_tail import Tail
from tests.store.house import import_site, transaction, worker


async def test_what_changed_behind_a_cursor_comes_once(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    tail = Tail(pool)
    async with worker(database) as first:
        before = transaction(1)
        await first.approve(before)
        cursor = await tail.heads()
        assert (await tail.after(cursor))[0] == []
        one = transaction(2)
        await first.approve(one)
        changed, cursor = await tail.after(cursor)
        assert changed == [one.id]
    async with worker(database, 1) as second:  # a writer that was not there before
        two = transaction(3)
        await second.approve(two)
        changed, cursor = await tail.after(cursor)
        assert changed == [two.id]
        assert (await tail.after(cursor))[0] == []
    assert len(await tail.payments([one.id, two.id])) == 2
    pool.close()
