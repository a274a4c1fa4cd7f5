"""Applications as rows: bounded while they wait, held while they are decided."""

from pointsman.store import console_applications
from pointsman.store.console_pool import ConsolePool
from tests.store.house import EFFECTS

TOLD = ("Tea", "5812", "Shanghai", "CN", "CNY", "ann", "tea@example.com", "192.0.2.1")


async def test_an_application_is_written_held_and_decided(database: str) -> None:
    pool, raw = ConsolePool(database), EFFECTS.new_id()
    async with pool.act() as act:
        assert await console_applications.submit(act, raw, TOLD)
        row = await console_applications.locked(act, raw)
        assert row is not None
        assert (row.name, row.state) == ("Tea", "submitted")
        await console_applications.decide(
            act, raw, "rejected", mid="", by="admin", reason="none of ours"
        )
        assert await console_applications.locked(act, bytes(16)) is None
    async with pool.act() as act:
        row = await console_applications.locked(act, raw)
        assert row is not None
        assert (row.id, row.state, row.decided_by) == (raw, "rejected", "admin")
    pool.close()
