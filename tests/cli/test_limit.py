"""``pointsman limit set``: asked in a person's name, tried without a trace, decided by a second."""

import argparse
import json
from pathlib import Path

import pytest

from pointsman.cli import site_nouns
from pointsman.cli.limit import merged
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.console.office import Office
from pointsman.console.problems import Problem
from pointsman.console.rights import Role
from pointsman.directory import DataDirectory
from tests.console.browser import furnished, person
from tests.store.house import MID

SETTING = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)


async def ran(office: Office, *words: str) -> int:
    parser = argparse.ArgumentParser()
    site_nouns.add_noun(parser.add_subparsers(), "limit")
    arguments = parser.parse_args(["limit", *words])
    return await arguments.job(office, arguments, SETTING)  # type: ignore[no-any-return]  # argparse


def test_limits_are_changed_one_by_one() -> None:
    table = {"day_count_max": 5, "forbids": ["manual"], "method_max_minor": {"chip": 1}}
    words = [
        "day_count_max=",
        "forbids=refund,void",
        "method_max_minor.manual=7",
        "night=22:00-06:00",
    ]
    assert merged(table, words) == {
        "forbids": ["refund", "void"],
        "method_max_minor": {"chip": 1, "manual": 7},
        "night": "22:00-06:00",
    }
    assert table["day_count_max"] == 5
    for wrong in ("day_count_max", "=5", "a.b.c.d=5", "forbids.x=5", "a..b=1"):
        with pytest.raises(Problem):
            merged(table, [wrong])


async def test_the_exit_code_says_what_became_of_it(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    for role in (Role.PLATFORM_ADMIN, Role.OPERATOR, Role.RISK):
        await person(office, role)
    rows = await office.pool.rows("select login from users order by login")
    operator, admin, risk = (login for (login,) in rows)  # by the names of their roles
    words = ("set", MID, "day_count_max=9", "--reason", "new", "--user")
    assert await ran(office, *words, operator, "--dry-run") == Exit.OK
    assert await ran(office, *words, operator, "--json") == Exit.APPROVAL_OPENED
    told = capsys.readouterr().out.splitlines()
    assert json.loads(told[-1])["state"] == "waiting_approval"
    assert await ran(office, *words, operator) == Exit.CONFLICT
    assert await ran(office, *words, risk) == Exit.NOT_ALLOWED
    assert await ran(office, *words, "nobody") == Exit.NOT_FOUND
    assert await ran(office, "set", MID, "magic=1", *words[3:], operator) == Exit.USAGE
    assert await ran(office, "set", "0" * 15, *words[2:], operator) == Exit.NOT_FOUND
    assert await ran(office, "set", MID, "day_count_max=9", "--user", admin) == Exit.USAGE
    assert await ran(office, *words, admin) == Exit.OK  # there is no other administrator
    assert await ran(office, "show", MID, "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["day_count_max"] == 9
