"""``pointsman tail`` tells each payment that changes after it began, masked, and ends when told."""

import argparse
import json
from pathlib import Path

import pytest
import trio

from pointsman.cli import tail
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.directory import DataDirectory
from tests.console.browser import furnished
from tests.store.house import transaction, worker


async def test_payments_are_told_as_they_come(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await furnished(database)
    parser = argparse.ArgumentParser()
    tail.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["tail", "--count", "2", "--json"])
    setting = Setting(Config(), DataDirectory(Path("/nowhere"), 0), None)
    ends = []

    async def follow() -> None:
        ends.append(await tail._follow(office, arguments, setting))

    async with worker(database) as house:
        await house.approve(transaction(1))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(follow)
            stan = 1
            while not ends:  # how soon it looks is its own affair
                stan += 1
                await house.approve(transaction(stan))
                await trio.sleep(0.05)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert ends == [Exit.OK]
    assert len(lines) == 2
    assert "000001" not in {line["stan"] for line in lines}
    assert all(line["state"] in {"approved", "sending"} for line in lines)
