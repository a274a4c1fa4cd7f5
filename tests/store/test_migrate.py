"""Migrations: once each, one process at a time, never a schema that the code does not know."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.store.connection import connect
from pointsman.store.migrate import SchemaError, check, migrate, migrations
from pointsman.store.server import EmbeddedPostgres
from pointsman.store.verbs import StoreUnavailableError


def _empty(postgres: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"create database {name} template template0".encode())
    return postgres.url.replace("/pointsman?", f"/{name}?")


def test_no_number_is_used_twice() -> None:
    numbers = [number for number, _, _ in migrations()]
    assert len(numbers) == len(set(numbers))


async def test_what_is_applied_need_not_follow_without_gaps(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = _empty(postgres, "migrated_with_gaps")
    (tmp_path / "0001_first.sql").write_text("create table one (n integer);")
    (tmp_path / "0004_fourth.sql").write_text("create table four (n integer);")
    (tmp_path / "0100_office.sql").write_text("create table office (n integer);")
    (tmp_path / "notes.txt").write_text("no migration")
    assert await migrate(url, tmp_path) == [
        "0001_first.sql",
        "0004_fourth.sql",
        "0100_office.sql",
    ]
    (tmp_path / "0002_second.sql").write_text("alter table one rename to two;")
    (tmp_path / "0003_third.sql").write_text("alter table two add column m integer;")
    connection = await connect(url)
    with pytest.raises(SchemaError, match="lack 2"):
        await check(connection, tmp_path)
    assert await migrate(url, tmp_path) == ["0002_second.sql", "0003_third.sql"]
    await check(connection, tmp_path)
    assert await migrate(url, tmp_path) == []
    connection.end()


async def test_a_number_of_the_first_series_that_came_later_is_applied_too(
    postgres: EmbeddedPostgres,
) -> None:
    url = _empty(postgres, "migrated_later")
    await migrate(url)
    connection = await connect(url)
    await connection.execute("delete from schema_version where version = 5")
    connection.end()
    with pytest.raises(StoreUnavailableError, match="migration failed"):
        await migrate(url)  # it is tried, and stops at what is there already


async def test_two_processes_migrate_at_once_and_each_file_is_applied_once(
    postgres: EmbeddedPostgres,
) -> None:
    url = _empty(postgres, "migrated_twice")
    applied: list[list[str]] = []

    async def one() -> None:
        applied.append(await migrate(url))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one)
        nursery.start_soon(one)
    assert sorted(applied) == [[], [name for _, name, _ in migrations()]]
    connection = await connect(url)
    await check(connection)
    connection.end()


async def test_an_older_and_a_newer_schema_are_refused(new_database: Callable[[], str]) -> None:
    url = new_database()
    newest = migrations()[-1][0]
    connection = await connect(url)
    await connection.execute("insert into schema_version values (%s, 'later')", (newest + 1,))
    with pytest.raises(SchemaError, match="newer than this code"):
        await check(connection)
    with pytest.raises(SchemaError, match="newer than this code"):
        await migrate(url)
    await connection.execute("delete from schema_version where version >= %s", (newest,))
    with pytest.raises(SchemaError, match="run migrate"):
        await check(connection)
    connection.end()
