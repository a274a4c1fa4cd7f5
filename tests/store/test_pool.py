"""The pool of rare calls: bounded, and whole again after its connections died."""

from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.store.pool import Pool
from pointsman.store.verbs import StoreUnavailableError


async def test_connections_that_died_while_idle_are_replaced(database: str) -> None:
    pool = Pool(database)
    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(pool.rows, "select pg_sleep(0.05)")
    with psycopg.connect(database, autocommit=True) as administrator:
        administrator.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    assert await pool.value("select 7") == 7
    pool.close()


async def test_more_calls_than_connections_wait_their_turn(database: str) -> None:
    pool = Pool(database, connections_max=2)
    counts: list[int] = []

    async def look() -> None:
        query = "select count(*) from pg_stat_activity where datname = current_database()"
        counts.append(await pool.value(query))

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(look)
    assert len(counts) == 20
    assert max(counts) <= 2
    pool.close()


async def test_a_call_that_takes_too_long_is_given_up_and_its_connection_with_it(
    database: str,
) -> None:
    pool = Pool(database, timeout_s=0.2)
    with pytest.raises(StoreUnavailableError, match="no answer in time"):
        await pool.rows("select pg_sleep(30)")
    assert await pool.value("select 1") == 1
    pool.close()


async def test_what_the_database_refuses_is_told_without_its_text(database: str) -> None:
    pool = Pool(database)
    with pytest.raises(StoreUnavailableError) as raised:
        await pool.rows("select '4111111111111111'::date")
    assert "4111111111111111" not in str(raised.value)
    assert raised.value.__cause__ is None
    pool.close()


async def test_without_a_server_every_call_says_so(tmp_path: Path) -> None:
    pool = Pool(f"postgresql://nobody@/nothing?host={tmp_path}")
    with pytest.raises(StoreUnavailableError):
        await pool.rows("select 1")
