"""Brings the tables to the version of this code: numbered SQL files, each applied once.

The files lie in schema/ and are never changed once released; a change is the next number of its
series (from 1 the switch, from 100 the back office). One process at a time migrates (advisory
lock); a database that is newer than the code is refused.
"""

import re
from importlib.resources import files

import psycopg

from pointsman.store.connection import TrioConnection, connect
from pointsman.store.verbs import StoreUnavailableError

_LOCK = 8583000
_NAME = re.compile(r"([0-9]{4})_[a-z_]+\.sql")
_TABLE = """
create table if not exists schema_version (
    version integer primary key, name text not null, at timestamptz not null default now())
"""


class SchemaError(Exception):
    """The tables do not fit this code; the text says which is newer."""


def migrations() -> list[tuple[int, str, str]]:
    """Return number, file name and text of every migration, oldest first."""
    entries = files("pointsman.store").joinpath("schema").iterdir()
    return sorted(
        (int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in entries
        if (match := _NAME.fullmatch(entry.name))
    )


async def migrate(url: str) -> list[str]:
    """Apply what is missing and return the names of the applied files; raises `SchemaError`."""
    connection = await connect(url)
    try:
        return await _migrate(connection)
    except psycopg.Error as error:
        raise StoreUnavailableError(f"migration failed: {error.sqlstate}") from None
    finally:
        connection.end()


async def check(connection: TrioConnection) -> None:
    """Raise `SchemaError` unless the tables are exactly those of this code."""
    known = {number for number, _, _ in migrations()}
    applied = await _applied(connection)
    if newer := applied - known:
        raise SchemaError(f"the tables have {max(newer)}, they are newer than this code")
    if missing := known - applied:
        raise SchemaError(f"the tables lack {min(missing)}, which this code needs: run migrate")


async def _migrate(connection: TrioConnection) -> list[str]:
    await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
    await connection.execute(_TABLE)
    before = await _applied(connection)
    if before - {number for number, _, _ in migrations()}:
        await check(connection)
    applied = []
    for number, name, text in migrations():
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
