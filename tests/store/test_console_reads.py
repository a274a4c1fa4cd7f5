"""What is read beside lists: one payment's rows, the site."""

from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_reads import Reads
from tests.store.house import MID, TIDS, import_site, transaction, worker


async def test_a_payments_rows_are_read_in_the_order_of_time(database: str) -> None:
    await import_site(database)
    pool = ConsolePool(database)
    reads = Reads(pool)
    async with worker(database) as house:
        paid = await house.approve(transaction(1))
    day = (await reads.site())[1]
    assert day is not None
    assert [row[1] for row in await reads.events(paid.id, day)] == ["intent", "outcome"]
    assert len(await reads.payment(paid.id, [MID])) == 1
    assert await reads.payment(paid.id, ["another"]) == []
    last = await reads.last_payments([MID], bytes(16))
    assert list(last) == [(MID, TIDS[0])]
    assert await reads.audit_count() == 0
    pool.close()
