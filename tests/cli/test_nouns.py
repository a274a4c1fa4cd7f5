"""``pointsman merchant list`` and its like: what the API tells; an act is done once and audited."""

import argparse
import json
from pathlib import Path

import pytest

from pointsman.cli import nouns
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.directory import DataDirectory
from tests.console.browser import furnished, person
from tests.store.house import MID, TIDS, transaction, worker

TID = TIDS[0]
SETTING = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    nouns.add_noun(parser.add_subparsers(), words[0])
    return parser.parse_args(words)


async def ran(office: Office, *words: str) -> int:
    return await nouns._told(office, parsed(*words), SETTING)


@pytest.mark.parametrize("noun", nouns.NOUNS)
async def test_each_list_is_that_of_the_api(
    noun: str, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for stan in (1, 2, 3):
            await house.approve(transaction(stan, amount=150_000))
    admin = await person(office, Role.PLATFORM_ADMIN)
    by_api = (await admin.get(nouns.NOUNS[noun].path)).json["data"]
    assert by_api
    assert await ran(office, noun, "list", "--json") == Exit.OK
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == by_api
    assert await ran(office, noun, "list", "--limit", "1") == Exit.OK
    assert len(capsys.readouterr().out.splitlines()) == 1


async def test_filters_are_those_of_the_api_and_an_unknown_one_is_refused(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=150_000))
    assert await ran(office, "transaction", "list", "state=declined") == Exit.OK
    assert capsys.readouterr().out == ""
    assert await ran(office, "transaction", "list", "state=approved") == Exit.OK
    assert "1500.00" in capsys.readouterr().out
    assert await ran(office, "transaction", "list", "colour=red") == Exit.USAGE
    assert "colour: not a filter of this list" in capsys.readouterr().err
    assert await ran(office, "transaction", "list", "limit=7") == Exit.USAGE


async def test_one_is_shown_and_a_missing_one_is_not_found(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    assert await ran(office, "merchant", "show", MID, "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out)["mid"] == MID
    assert await ran(office, "terminal", "show", f"{MID}/{TID}") == Exit.OK
    assert json.loads(capsys.readouterr().out)["tid"] == TID
    assert await ran(office, "merchant", "show", "000000000000000") == Exit.NOT_FOUND
    assert await ran(office, "day", "show", "tomorrow") == Exit.USAGE


async def test_a_terminal_is_suspended_once_and_stands_in_the_trail(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    place = f"{MID}/{TID}"
    assert await ran(office, "terminal", "suspend", place) == Exit.OK
    assert await ran(office, "terminal", "suspend", place) == Exit.CONFLICT
    assert await ran(office, "terminal", "activate", place) == Exit.OK
    assert await ran(office, "terminal", "suspend", MID) == Exit.USAGE
    assert await ran(office, "merchant", "suspend", place) == Exit.USAGE
    assert await ran(office, "merchant", "suspend", MID) == Exit.OK
    capsys.readouterr()
    admin = await person(office, Role.PLATFORM_ADMIN)
    trail = (await admin.get("/v1/audit_events")).json["data"]
    acts = [one["act"] for one in trail if one["actor"] == "command line"]
    assert acts == ["merchants:suspend", "terminals:activate", "terminals:suspend"]
