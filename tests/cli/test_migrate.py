"""``pointsman migrate``: an empty database gets its tables, once; one that is away is told."""

from pathlib import Path

import psycopg
import pytest

from pointsman.cli.options import Exit
from pointsman.store.server import DATABASE, EmbeddedPostgres
from tests.cli.houses import place


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> str:
    """Return the address of a database without tables."""
    administration = postgres.url.replace(f"/{DATABASE}?", "/postgres?")
    with psycopg.connect(administration, autocommit=True) as connection:
        connection.execute("drop database if exists without_tables with (force)")
        connection.execute("create database without_tables")
    return postgres.url.replace(f"/{DATABASE}?", "/without_tables?")


def test_an_empty_database_gets_its_tables_and_the_second_run_nothing(
    empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = place(tmp_path, empty, capsys)
    code, first = here.json("migrate")
    assert code == Exit.OK
    assert first["applied"] == sorted(first["applied"])
    with psycopg.connect(empty) as connection:
        assert connection.execute("select count(*) from transactions").fetchone() == (0,)
    assert here.json("migrate") == (Exit.OK, {"applied": []})
    code, out, _ = here.run("migrate")
    assert (code, out) == (Exit.OK, "the tables are up to date\n")


def test_a_database_that_is_away_is_told_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = place(tmp_path, "postgresql://somebody:hunter2@127.0.0.1:1/nothing", capsys)
    code, out, err = here.run("migrate")
    assert (code, out) == (Exit.UNAVAILABLE, "")
    assert err
    assert "hunter2" not in err
