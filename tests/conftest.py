"""A PostgreSQL for the tests: one server a run, one fresh database a test.

The server is the embedded one; POINTSMAN_TEST_POSTGRES names another directory of binaries.
Hypothesis sets no time for an example.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import trio

from pointsman.store.migrate import migrate
from pointsman.store.server import DATABASE, EmbeddedPostgres

# How fast an example runs says something of the machine, nothing of what is tested.
hypothesis.settings.register_profile("pointsman", deadline=None)
hypothesis.settings.load_profile("pointsman")

MEMORY_SIZE_MIN = 1_500_000_000

_numbers = itertools.count()


def new_server(directory: Path) -> EmbeddedPostgres:
    binaries = os.environ.get("POINTSMAN_TEST_POSTGRES")
    server = EmbeddedPostgres(directory, binaries=Path(binaries) if binaries else None)
    server.prepare()
    return server


def directory_for_servers() -> str | None:
    """Return a directory in memory where there is room: what tests write need not reach a disk."""
    memory = Path("/dev/shm")  # noqa: S108  # a new private directory is made in it
    if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_SIZE_MIN:
        return str(memory)
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One server for the whole run, its database migrated: nobody changes that one."""
    where = directory_for_servers()
    with tempfile.TemporaryDirectory(prefix="pointsman-tests-", dir=where) as name:
        server = new_server(Path(name) / "postgres")
        server.start()
        try:
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute("alter system set max_wal_size = '256MB'")
                connection.execute("select pg_reload_conf()")
            trio.run(migrate, server.url)
            yield server
        finally:
            server.stop(immediately=True)


@pytest.fixture
def new_database(postgres: EmbeddedPostgres) -> Iterator[Callable[[], str]]:
    """Make another fresh database with all tables; gives its address."""
    administration = postgres.url.replace(f"/{DATABASE}?", "/postgres?")
    made: list[str] = []

    def make() -> str:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(administration, autocommit=True) as connection:
            connection.execute(f"create database {name} template {DATABASE}".encode())
        made.append(name)
        return postgres.url.replace(f"/{DATABASE}?", f"/{name}?")

    yield make
    with psycopg.connect(administration, autocommit=True) as connection:
        for name in made:
            connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """Return the address of a fresh database with all tables."""
    return new_database()
