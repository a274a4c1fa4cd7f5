"""Migrations: once each, one process at a time, never a schema that the code does not know."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trio

from pointsman.store.connection import connect
from pointsman.store.journal_session import JournalSession
from pointsman.store.migrate import SchemaError, check, migrate, migrations
from pointsman.store.records import Intent
from pointsman.store.rows import intent_document
from pointsman.store.server import EmbeddedPostgres
from pointsman.store.verbs import StoreUnavailableError
from pointsman.store.waiting import Queue
from tests.store.house import EFFECTS, approved, transaction

TYPED_ROUNDS = 25
"""The migration that gave journal_round its typed rows."""


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


async def test_a_chain_of_before_typed_rounds_goes_on_after_them_and_holds(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = _empty(postgres, "migrated_rounds")
    for number, name, text in migrations():
        if number < TYPED_ROUNDS:
            (tmp_path / name).write_text(text)
    await migrate(url, tmp_path)
    sale, other = transaction(1), transaction(2)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select open_business_day('2026-11-22')")
        connection.execute("insert into batches (mid, tid, batch) values (%s, %s, %s)",
                           (sale.key.mid, sale.key.tid, sale.key.batch))  # fmt: skip
        incarnation = _one(
            connection,
            "insert into incarnations (machine, worker) values ('m', 0) returning incarnation",
        )
        head = sha256(str(incarnation).encode()).digest()
        documents = [intent_document(Intent(one)).decode() for one in (sale, other)]
        connection.execute(
            "select journal_round(%s, 0, %s, '{}', '{}', %s, '{}')", (incarnation, head, documents)
        )
    await migrate(url)
    session = JournalSession(url, incarnation, effects=EFFECTS, connect=connect)
    await session.ready()
    assert session.sequence == 2
    queue = Queue()
    queue.add_outcome(approved(sale))
    queue.add_intent(Intent(transaction(3)), 0.0, lambda _: None)
    await session.commit(queue.cut())
    session.end()
    with psycopg.connect(url) as connection:
        assert _one(connection, "select count(*) from events") == 4
        assert _one(connection, f"select broken_at({incarnation})") is None
        connection.execute("alter table events disable trigger events_only_added")
        connection.execute("update events set body = body || ' ' where sequence = 2")
        assert _one(connection, f"select broken_at({incarnation})") == 2


def _one(connection: psycopg.Connection[Any], query: str) -> Any:  # noqa: ANN401  # one value
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


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
