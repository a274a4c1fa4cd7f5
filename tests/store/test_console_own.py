"""One's own rows: they replace, they go with their person, a new password ends other sessions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pointsman.console.rights import Role
from pointsman.console.signing import token_hash
from pointsman.store import console_own
from pointsman.store.console_own import OwnThings
from pointsman.store.console_pool import ConsolePool
from tests.console.browser import CSRF, EFFECTS, OPEN, furnished, person


@asynccontextmanager
async def somebody(database: str) -> AsyncIterator[tuple[ConsolePool, bytes]]:
    office = await furnished(database)
    try:
        await person(office, Role.OPERATOR)
        ((user_id,),) = await office.pool.rows("select id from users")
        yield office.pool, user_id
    finally:
        OPEN.pop().pool.close()


async def test_a_view_is_replaced_by_its_name_and_removed_once(database: str) -> None:
    async with somebody(database) as (pool, user_id):
        name = ("payments", "mine")
        async with pool.act() as act:
            await console_own.save_view(act, user_id, name, "a=1")
            await console_own.save_view(act, user_id, name, "a=2")
            assert await console_own.count_views(act, user_id) == 1
        assert await OwnThings(pool).views(user_id, "payments") == [("payments", "mine", "a=2")]
        async with pool.act() as act:
            assert await console_own.remove_view(act, user_id, name)
            assert not await console_own.remove_view(act, user_id, name)


async def test_a_draft_without_fields_is_forgotten(database: str) -> None:
    async with somebody(database) as (pool, user_id):
        async with pool.act() as act:
            await console_own.save_draft(act, user_id, "form", {"name": "half"})
        assert await OwnThings(pool).draft(user_id, "form") == {"name": "half"}
        async with pool.act() as act:
            await console_own.save_draft(act, user_id, "form", {})
        assert await OwnThings(pool).draft(user_id, "form") is None


async def test_a_new_password_leaves_one_session(database: str) -> None:
    async with somebody(database) as (pool, user_id):
        here = token_hash("here")
        async with pool.act() as act:
            await act.rows(
                "insert into sessions (hash, user_id, csrf, address) values (%s, %s, %s, '')"
                " returning 1",
                (here, user_id, CSRF),
            )
            assert await console_own.new_password(act, user_id, "hash", here) == 1
            nobody = EFFECTS.new_id()
            assert await console_own.new_password(act, nobody, "hash", here) is None
