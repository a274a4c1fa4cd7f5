"""``pointsman top``: the supervisor's file and the open day's figures, in text and in JSON."""

import argparse
import json
from pathlib import Path

import pytest

from pointsman.cli import top
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.directory import DataDirectory
from tests.console.browser import furnished
from tests.store.house import transaction, worker


async def test_it_tells_processes_and_the_open_day(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=150_000))
    parser = argparse.ArgumentParser()
    top.add_parser(parser.add_subparsers())
    setting = Setting(Config(), DataDirectory(tmp_path, 0), None)
    assert await top._draw(office, parser.parse_args(["top"]), setting) == Exit.OK
    text = capsys.readouterr().out
    assert "nothing runs here" in text
    assert "1500.00" in text
    assert await top._draw(office, parser.parse_args(["top", "--json"]), setting) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["status"] is None
    assert told["overview"]["money"][0]["gross"]["amount"] == 150_000
