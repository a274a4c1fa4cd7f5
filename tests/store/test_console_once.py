"""Idempotency keys as rows: taken once, freed, forgotten after their time."""

from pointsman.store import console_once
from pointsman.store.console_once import Claim
from pointsman.store.console_pool import ConsolePool

CLAIM = Claim("usr", "POST /x", "key", b"digest")


async def test_a_key_is_taken_once_and_forgotten_with_its_own_answer_alone(database: str) -> None:
    pool = ConsolePool(database)
    async with pool.act() as act:
        assert await console_once.claim(act, CLAIM) is None
        await console_once.keep(act, CLAIM, 201, '{"id":"first"}')
        await console_once.forget(act, CLAIM, '{"id":"first"}')
        assert await console_once.claim(act, CLAIM) is None
        await console_once.keep(act, CLAIM, 201, "{}")
        await console_once.forget(act, CLAIM, '{"id":"first"}')  # another request's answer stays
        kept = await console_once.claim(act, Claim("usr", "POST /x", "key", b"other"))
    assert kept is not None
    assert (kept.digest, kept.status, kept.answer) == (b"digest", 201, "{}")
    async with pool.act() as act:
        await act.rows("update idempotency set at = now() - interval '73 hours'")
        assert await console_once.claim(act, CLAIM) is None
    pool.close()
