"""Refunds as rows: the request key stays, until its batch is closed with nothing under it."""

from pointsman.store import console_refunds
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_refunds import Refunds
from pointsman.store.console_rows import NewRefundRow
from pointsman.store.pool import Pool
from tests.store.house import EFFECTS, MID, import_site


async def test_a_key_is_kept_until_its_batch_closed_with_nothing_under_it(database: str) -> None:
    await import_site(database)
    owner, pool = Pool(database), ConsolePool(database)
    refunds, raw = Refunds(pool), EFFECTS.new_id()
    row = NewRefundRow(raw, bytes(16), MID, 100, "156", "why", "ann", "ordered", None)

    async def order() -> tuple[str, str]:
        async with pool.act() as act:
            await console_refunds.order(act, raw)
        found = await refunds.one(raw)
        assert found is not None
        return found.batch, found.stan

    async with pool.act() as act:
        await console_refunds.new(act, row)
    assert await order() == ("000001", "000001")
    assert await order() == ("000001", "000001")
    await owner.rows("update batches set state = 'closed' where tid = 'CONSOLE0'")
    assert await order() == ("000002", "000001")
    found = await refunds.one(raw)
    assert found is not None
    assert found.transaction is None
    owner.close()
    pool.close()
