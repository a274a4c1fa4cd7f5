"""Brings the tables to the version of this code: numbered SQL files, each applied once.

The files lie in schema/ and are never changed once released; a change is the next number. One
process at a time migrates (advisory lock); a database that is newer than the code is refused.
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
    version = await _version(connection)
    newest = migrations()[-1][0]
    if version < newest:
        raise SchemaError(f"the tables are at {version}, this code needs {newest}: run migrate")
    if version > newest:
        raise SchemaError(f"the tables are at {version}, newer than this code ({newest})")


async def _migrate(connection: TrioConnection) -> list[str]:
    await connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
    await connection.execute(_TABLE)
    version = await _version(connection)
    all_of_them = migrations()
    if version > all_of_them[-1][0]:
        await check(connection)
    applied = []
    for number, name, text in all_of_them:
        if number <= version:
            continue
        # A multi-statement text without parameters is one transaction of its own on the server;
        # the version's row rides in it.
        row = f"insert into schema_version (version, name) values ({number}, '{name}');"  # noqa: S608
        script = f"begin;\n{text}\n{row}\ncommit;"
        await connection.execute(script.encode())  # bytes: psycopg wants no literal of us
        applied.append(name)
    return applied


async def _version(connection: TrioConnection) -> int:
    exists = await (await connection.execute("select to_regclass('schema_version')")).fetchone()
    if exists is None or exists[0] is None:
        return 0
    cursor = await connection.execute("select coalesce(max(version), 0) from schema_version")
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
