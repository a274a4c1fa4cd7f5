"""``pointsman merchant list`` and its like: what the API tells; an act is done once and audited."""

import argparse
import json
from pathlib import Path

import pytest
import trio

from pointsman.cli import nouns
from pointsman.cli.noun_table import NOUNS
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.console.office import Office
from pointsman.console.rights import Role
from pointsman.directory import DataDirectory
from tests.console.browser import furnished, person
from tests.console.test_reconciled import SETTLED, reconciled
from tests.store.house import MID, TIDS, transaction, worker

TID = TIDS[0]
SETTING = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    nouns.add_noun(parser.add_subparsers(), words[0])
    return parser.parse_args(words)


async def ran(office: Office, *words: str) -> int:
    return await nouns._told(office, parsed(*words), SETTING)


async def test_each_list_is_that_of_the_api(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    async with worker(database) as house:
        for stan in (1, 2, 3):
            await house.approve(transaction(stan, amount=150_000))
    await reconciled(database, SETTLED)
    admin = await person(office, Role.PLATFORM_ADMIN)
    clerk = await person(office, Role.OPERATOR)
    place = {"mid": MID, "name": "Quay", "city": "Shanghai"}
    await admin.send("POST", "/v1/outlets", place, key="o")
    key = {"name": "till", "role": "operator", "scopes": ["reports:view"]}
    await admin.send("POST", "/v1/api_keys", key, key="k")
    payment = (await admin.get("/v1/payments")).json["data"][0]["id"]
    asked = await clerk.send("POST", "/v1/refunds", {"payment": payment, "reason": "x"}, key="r")
    assert asked.status == 202, asked.text
    for name, noun in NOUNS.items():
        by_api = (await admin.get(noun.path)).json["data"]
        assert by_api or name == "link", name  # no worker holds one here
        assert await ran(office, name, "list", "--json") == Exit.OK
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [by_age(line) for line in lines] == [by_age(line) for line in by_api], name
        assert await ran(office, name, "list", "--limit", "1") == Exit.OK
        assert len(capsys.readouterr().out.splitlines()) == min(1, len(by_api))


def by_age(line: dict[str, object]) -> dict[str, object]:
    """Return a line without what a moment changes."""
    return {name: value for name, value in line.items() if name != "as_of"}


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
    assert await ran(office, "terminal", "show", f"{MID}/00000000") == Exit.NOT_FOUND
    capsys.readouterr()
    assert await ran(office, "terminal", "show", TID) == Exit.USAGE
    assert "MID/TID is wanted" in capsys.readouterr().err
    assert await ran(office, "day", "show", "tomorrow") == Exit.USAGE
    await reconciled(database, SETTLED)
    assert await ran(office, "recon", "show", f"alpha/{SETTLED}/CNY", "--json") == Exit.OK
    assert '"state": "differs"' in capsys.readouterr().out
    assert await ran(office, "recon", "show", "alpha") == Exit.USAGE
    assert await ran(office, "recon", "show", f"beta/{SETTLED}/CNY") == Exit.NOT_FOUND
    assert await ran(office, "role", "show", "merchant_staff") == Exit.OK
    assert "terminals:activate" in capsys.readouterr().out
    assert await ran(office, "role", "show", "king") == Exit.NOT_FOUND
    assert await ran(office, "refund", "show", "ref_x") == Exit.NOT_FOUND
    assert await ran(office, "outlet", "show", "out_x") == Exit.NOT_FOUND
    assert await ran(office, "approval", "show", "apr_x") == Exit.NOT_FOUND


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


async def test_an_act_is_tried_and_its_reason_is_kept(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    place = f"{MID}/{TID}"
    assert await ran(office, "terminal", "suspend", place, "--dry-run") == Exit.OK
    assert "would be suspended" in capsys.readouterr().out
    why = ("--reason", "reported stolen", "--yes", "--json")
    assert await ran(office, "terminal", "suspend", place, *why) == Exit.OK
    assert json.loads(capsys.readouterr().out)["active"] is False
    admin = await person(office, Role.PLATFORM_ADMIN)
    (row,) = (await admin.get("/v1/audit_events?act=terminals:suspend")).json["data"]
    assert row["reason"] == "reported stolen"


async def test_what_is_watched_is_told_again_until_somebody_ends_it() -> None:
    told: list[int] = []
    with trio.CancelScope() as scope:

        async def job() -> None:
            await trio.lowlevel.checkpoint()
            told.append(len(told))
            if len(told) == 3:
                scope.cancel()

        await nouns.again(job, 0.0)
    assert told == [0, 1, 2]
