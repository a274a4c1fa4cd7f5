"""Known browsers as rows: bound to their person, counted apart, ten at most."""

from pointsman.store import console_browsers, console_people_acts
from pointsman.store.console_browsers import KNOWN_MAX
from pointsman.store.console_pool import ConsolePool
from pointsman.store.console_rows import FAILURES_MAX, GrantRow

ANN, BOB = b"a" * 16, b"b" * 16
GRANT = GrantRow("operator", "platform", "")


async def with_people(url: str) -> ConsolePool:
    pool = ConsolePool(url)
    for user, login in ((ANN, "ann"), (BOB, "bob")):
        async with pool.act() as act:
            await console_people_acts.new_user(
                act,
                user_id=user,
                login=login,
                name=login,
                password_hash="",
                totp=(b"", 0),
                recovery_hashes=[],
                grant=GRANT,
                given_by="test",
            )
    return pool


async def test_a_browser_is_known_for_its_person_and_locked_by_its_own_tries(
    database: str,
) -> None:
    pool = await with_people(database)
    async with pool.act() as act:
        await console_browsers.remember(act, ANN, b"here")
    assert await console_browsers.known(pool, BOB, b"here") is None
    assert await console_browsers.known(pool, ANN, b"there") is None
    found = await console_browsers.known(pool, ANN, b"here")
    assert found is not None
    assert not found.locked
    async with pool.act() as act:
        tries = [await console_browsers.failed(act, b"here") for _ in range(FAILURES_MAX)]
        assert tries == [False] * (FAILURES_MAX - 1) + [True]
        assert not await console_browsers.may_open(act, ANN, b"here")
        assert await console_browsers.may_open(act, ANN, None)
    found = await console_browsers.known(pool, ANN, b"here")
    assert found is not None
    assert found.locked
    pool.close()


async def test_the_oldest_browsers_are_forgotten(database: str) -> None:
    pool = await with_people(database)
    for number in range(KNOWN_MAX + 2):
        async with pool.act() as act:
            await console_browsers.remember(act, ANN, bytes([number]))
    kept = await pool.rows("select hash from known_browsers order by made_at")
    assert [row[0] for row in kept] == [bytes([n]) for n in range(2, KNOWN_MAX + 2)]
    pool.close()
