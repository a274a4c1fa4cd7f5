"""``pointsman hsm heads`` prints what `verify-log` takes."""

import json
from pathlib import Path

import pytest
import trio

from pointsman.cli import main
from pointsman.cli.hsm import _HEAD
from pointsman.store.hsm_sql import HsmSql
from pointsman.store.pool import Pool
from tests.cli.houses import place


async def keep(url: str) -> None:
    pool = Pool(url)
    await HsmSql(pool).keep("m", "audit-0", 7, b"\x0a" * 32)
    pool.close()


def test_heads_that_were_kept_are_printed(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here = place(tmp_path, database, capsys)
    words = ["hsm", "heads", "--data", str(here.data), "--config", str(here.config)]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    trio.run(keep, database)
    assert main([*words, "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["head"] == "audit-0:7:" + "0a" * 32
    assert _HEAD.fullmatch(row["head"])
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(row["head"] + "  2")


def test_without_a_database_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = place(tmp_path, "host=/nowhere dbname=x", capsys)
    words = ["hsm", "heads", "--data", str(here.data), "--config", str(here.config)]
    assert main(words) == 7
    assert "database is away" in capsys.readouterr().err
