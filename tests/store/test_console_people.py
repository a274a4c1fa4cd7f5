"""People as rows: found whatever the capitals, a session that is over opens nothing."""

from pointsman.store import console_people_acts as acts
from pointsman.store.console_people import People
from pointsman.store.console_pool import ConsolePool
from pointsman.store.pool import Pool
from tests.store.test_console_approvals import somebody

HASH = b"h" * 32


async def test_a_person_has_one_name_whatever_its_capitals(database: str) -> None:
    pool = ConsolePool(database)
    people = People(pool)
    assert await people.is_empty()
    async with pool.act() as act:
        raw = await somebody(act, "Ann")
    found = await people.by_login("ANN")
    assert found is not None
    assert found.id == raw
    assert [grant.role for grant in found.grants] == ["operator"]
    assert "none" not in repr(found)  # the hash of the password
    assert not await people.is_empty()
    pool.close()


async def test_a_session_ends_by_silence_by_age_and_with_its_person(database: str) -> None:
    pool, owner = ConsolePool(database), Pool(database)
    people = People(pool)
    async with pool.act() as act:
        raw = await somebody(act, "ann")
    for ending in (
        "update sessions set seen_at = now() - interval '16 minutes'",
        "update sessions set created_at = now() - interval '13 hours'",
        "update users set state = 'closed'",
    ):
        async with pool.act() as act:
            await acts.signed_in(act, raw, HASH, "csrf", "192.0.2.1")
        assert await people.session(HASH) is not None
        await owner.rows(ending)
        assert await people.session(HASH) is None
        await owner.rows("delete from sessions")
    owner.close()
    pool.close()
