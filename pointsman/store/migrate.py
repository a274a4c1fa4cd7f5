"""Brings the tables to the version of this code: numbered SQL files, each applied once.

The files lie in schema/ and are never changed once released; a change is a higher number of its
series (from 1 the switch, from 100 the back office; numbers may be left out). What is missing is
applied, oldest number first, wherever it lies among those applied. One process at a time migrates
(advisory lock); a database that is newer than the code is refused.
"""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg

from pointsman.store.connection import TrioConnection, connect
from pointsman.store.verbs import StoreUnavailableError

_SCHEMA = files("pointsman.store").joinpath("schema")
_LOCK = 8583000
_NAME = re.compile(r"([0-9]{4})_[a-z_]+\.sql")
_TABLE = """
create table if not exists schema_version (
    version integer primary key, name text not null, at timestamptz not null default now())
"""


class SchemaError(Exception):
    """The tables do not fit this code; the text says which is newer."""


def migrations(directory: Traversable = _SCHEMA) -> list[tuple[int, str, str]]:
    """Return number, file name and text of every migration, oldest first."""
    return sorted(
        (int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in directory.iterdir()
        if (match := _NAME.fullmatch(entry.name))
    )


async def migrate(url: str, directory: Traversable = _SCHEMA) -> list[str]:
    """Apply what is missing and return the names of the applied files; raises `SchemaError`."""
    connection = await connect(url)
    try:
        return await _migrate(connection, migrations(directory))
    except psycopg.Error as error:
        raise StoreUnavailableError(f"migration failed: {error.sqlstate}") from None
    finally:
        connection.end()


async def check(connection: TrioConnection, directory: Traversable = _SCHEMA) -> None:
    """Raise `SchemaError` unless the tables are exactly those of this code."""
    known = {number for number, _, _ in migrations(directory)}
    _compare(known, await _applied(connection))


def _compare(known: set[int], applied: set[int]) -> None:
    if newer := applied - known:
        raise SchemaError(f"the tables have {max(newer)}, they are newer than this code")
    if missing := known - applied:
        raise SchemaError(f"the tables lack {min(missing)}, which this code needs: run migrate")


async def _migrate(connection: TrioConnection, known: list[tuple[int, str, str]]) -> list[str]:
    await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
    await connection.execute(_TABLE)
    before = await _applied(connection)
    numbers = {number for number, _, _ in known}
    if before - numbers:
        _compare(numbers, before)
    applied = []
    for number, name, text in known:
        if number in before:
            continue
        # A multi-statement text without parameters is one transaction of its own on the server;
        # the version's row rides in it.
        row = f"insert into schema_version (version, name) values ({number}, '{name}');"  # noqa: S608
        script = f"begin;\n{text}\n{row}\ncommit;"
        await connection.execute(script.encode())  # bytes: psycopg wants no literal of us
        applied.append(name)
    return applied


async def _applied(connection: TrioConnection) -> set[int]:
    exists = await (await connection.execute("select to_regclass('schema_version')")).fetchone()
    if exists is None or exists[0] is None:
        return set()
    cursor = await connection.execute("select version from schema_version")
    return {int(row[0]) for row in await cursor.fetchall()}
