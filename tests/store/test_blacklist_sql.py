"""The list of refused cards: by token, with its last code; each change is in the journal."""

import psycopg

from pointsman.store.blacklist_sql import BlacklistSql
from pointsman.store.pool import Pool
from tests.store.house import import_site


async def test_the_list_is_kept_by_token_and_its_changes_are_journaled(database: str) -> None:
    await import_site(database)
    pool = Pool(database)
    blacklist = BlacklistSql(pool)
    await blacklist.add(b"one", "41", "622848******0019")
    await blacklist.add(b"one", "43", "622848******0019")
    assert [(row.token, row.code) for row in await blacklist.cards()] == [(b"one", "43")]
    assert await blacklist.remove(b"one", "622848******0019")
    assert not await blacklist.remove(b"one", "622848******0019")
    assert await blacklist.cards() == []
    pool.close()
    with psycopg.connect(database) as connection:
        found = connection.execute(
            "select count(*) from events where kind = 'blacklist'"
        ).fetchone()
    assert found == (3,)
