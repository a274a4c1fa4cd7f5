"""Acts of people as rows: a code is taken once, wrong tries lock, a link is used once."""

from pointsman.store import console_people_acts as acts
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import FAILURES_MAX
from tests.store.test_console_approvals import somebody


async def test_a_time_step_is_taken_once_and_never_an_older_one(database: str) -> None:
    pool = ConsolePool(database)
    async with pool.act() as act:
        raw = await somebody(act, "ann")
        assert await acts.code_used(act, raw, 100)
        assert not await acts.code_used(act, raw, 100)
        assert not await acts.code_used(act, raw, 99)
        assert await acts.code_used(act, raw, 101)
    pool.close()


async def test_wrong_tries_lock_and_a_right_one_forgets_them(database: str) -> None:
    pool = ConsolePool(database)
    async with pool.act() as act:
        raw = await somebody(act, "ann")
        tries = [await acts.failed(act, raw) for _ in range(FAILURES_MAX)]
    assert tries == [False] * (FAILURES_MAX - 1) + [True]
    found = await People(pool).by_id(raw)
    assert found is not None
    assert found.locked
    pool.close()
