"""``pointsman report``: the figures of the API, bad input answered plainly."""

import argparse
import csv
import json
from pathlib import Path

import pytest

from pointsman.cli import main, report
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.directory import DataDirectory
from tests.console.browser import furnished, person
from tests.store.house import transaction, worker

SETTING = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    report.add_parser(parser.add_subparsers())
    return parser.parse_args(["report", *words])


async def ran(office: Office, *words: str) -> int:
    return int(await report._report(office, parsed(*words), SETTING))


async def test_it_tells_what_the_api_tells(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for stan in (1, 2):
            await house.approve(transaction(stan, amount=150_000))
    admin = await person(office, Role.PLATFORM_ADMIN)
    by_api = (await admin.get("/v1/reports/R01/result?period=today")).json
    assert await ran(office, "R01", "--period", "today", "--json") == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == by_api["rows"]
    assert told["manifest"]["sha256"] == by_api["manifest"]["sha256"]
    assert await ran(office, "r01", "--period", "today") == Exit.OK
    assert "3,000.00" in capsys.readouterr().out
    file = tmp_path / "detail.csv"
    words = ("R02", "--period", "today", "--format", "csv", "--out", str(file), "--json")
    assert await ran(office, *words) == Exit.OK
    assert json.loads(capsys.readouterr().out)["rows"] == 2
    with file.open(encoding="utf-8", newline="") as lines:
        assert len(list(csv.reader(lines))) == 3


async def test_bad_input_is_answered_plainly(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    assert await ran(office, "R99") == Exit.NOT_FOUND
    assert await ran(office, "R01", "--from", "yesterday") == Exit.USAGE
    assert await ran(office, "R01", "--by", "moon") == Exit.USAGE
    out = str(tmp_path / "none" / "x.csv")
    assert await ran(office, "R01", "--format", "csv", "--out", out) == Exit.FAILED
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 4
    assert all(line.startswith("pointsman: ") for line in errors)
    assert await ran(office) == Exit.OK
    assert "R12  Refunds and voids" in capsys.readouterr().out


def test_nothing_is_made_where_there_is_no_house(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "none"
    assert main(["report", "R01", "--data", str(root)]) == Exit.FAILED
    assert "nothing is in" in capsys.readouterr().err
    assert not root.exists()
