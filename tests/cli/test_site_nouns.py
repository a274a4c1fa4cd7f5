"""``pointsman route list`` and its like: what stands in the site and in closed days."""

import argparse
import json
from pathlib import Path

import pytest

from pointsman import cli
from pointsman.cli import site_nouns
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.console.office import Office
from pointsman.directory import DataDirectory
from pointsman.store.pool import Pool
from tests.console.browser import furnished
from tests.store.house import MID

SETTING = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)


async def ran(office: Office, *words: str) -> int:
    parser = argparse.ArgumentParser()
    site_nouns.add_noun(parser.add_subparsers(), words[0])
    return await site_nouns.told(office, parser.parse_args(words), SETTING)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_is_a_command() -> None:
    for name in site_nouns.NOUNS:
        assert cli.COMMANDS[name].module == "site_nouns"


async def test_routes_limits_and_files_are_told_and_what_is_not_there_is_not_found(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    owner = Pool(database)
    await owner.rows(
        'update merchants set rules = \'{"day_minor_max": 500000, "night": ""}\' where mid = %s',
        (MID,),
    )
    await owner.rows(
        "insert into day_files values ('2026-11-20', 'alpha.csv', %s, 120)", ("a" * 64,)
    )
    owner.close()
    assert await ran(office, "route", "list", "--json") == Exit.OK
    told = lines(capsys)
    assert {"mid": MID, "acquirer": "alpha", "priority": 1, "schemes": ["all"]} in told
    assert await ran(office, "limit", "show", MID, "--json") == Exit.OK
    assert lines(capsys) == [{"mid": MID, "currency": "CNY", "day_minor_max": 500000}]
    assert await ran(office, "limit", "list") == Exit.OK
    assert "day_minor_max=500000" in capsys.readouterr().out
    assert await ran(office, "file", "show", "2026-11-20", "--json") == Exit.OK
    assert [one["name"] for one in lines(capsys)] == ["alpha.csv"]
    for noun, name in (("route", "0" * 15), ("limit", "0" * 15), ("file", "2026-11-19")):
        assert await ran(office, noun, "show", name) == Exit.NOT_FOUND, noun


async def test_a_prefix_says_whose_cards_begin_with_it(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    assert await ran(office, "bin", "show", "622202", "--json") == Exit.OK
    assert lines(capsys)[0]["scheme"] == "CUP"
    assert await ran(office, "bin", "show", "0000") == Exit.NOT_FOUND
    assert await ran(office, "bin", "show", "62x") == Exit.USAGE
    assert await ran(office, "bin", "list", "--json") == Exit.OK
    assert len(lines(capsys)) > 10
