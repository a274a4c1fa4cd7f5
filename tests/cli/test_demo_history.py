"""The demo's past is made once, with cards that its own HSM opens; what was cut short is seen."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trio

from pointsman.cli import demo_history
from pointsman.cli.house import house
from pointsman.cli.options import Exit, Setting
from pointsman.config import Config
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import Opened, OpenPan
from pointsman.hsm.listener import socket_name
from pointsman.hsm.policy import Role
from pointsman.sim.cards import card_of
from pointsman.switch.listeners import listen
from tests.sim.test_demo_world import plan

SEALED = """
select id, card_cipher, first6, last4 from transactions
where card_cipher is not null order by id limit 5
"""


def test_a_past_is_made_once_and_its_cards_can_be_opened(tmp_path: Path) -> None:
    told: list[str] = []
    world = replace(plan(tmp_path), site="demo_town.toml")
    assert demo_history.make_once(world, told.append, days=2) == Exit.OK
    assert not demo_history.is_unfinished(tmp_path)
    assert told[0] == "making 2 days of history, once"
    again: list[str] = []
    assert demo_history.make_once(world, again.append) == Exit.OK
    assert again == []
    setting = Setting(Config(data=str(tmp_path)), DataDirectory(tmp_path, os.getuid()), None)
    with house(setting, with_hsm=True, may_make=False) as found:
        with psycopg.connect(found.database_url) as connection:
            rows = connection.execute(SEALED).fetchall()
        opened = trio.run(_opened, setting, rows)
    for (_, _, first6, last4), pan in zip(rows, opened, strict=True):
        assert card_of(pan) is not None
        assert (pan[:6], pan[-4:]) == (first6, last4)
    assert len(rows) == 5


async def _opened(setting: Setting, rows: list[tuple[Any, ...]]) -> list[str]:  # Any: columns
    found: list[str] = []
    hsm = HsmClient(str(setting.directory.hsm_sockets / socket_name(Role.SWITCH)))
    async with trio.open_nursery() as nursery:
        await nursery.start(hsm.run)
        for row, cipher, *_ in rows:
            answer = await hsm.ask(OpenPan(cipher, row), trio.current_time() + 10)
            assert isinstance(answer, Opened)
            found.append(answer.pan)
        nursery.cancel_scope.cancel()
    return found


def test_no_past_is_made_where_a_port_of_the_demo_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen("127.0.0.1", 0, key="") as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("POINTSMAN_TERMINALS_PORT", str(port))
        told: list[str] = []
        world = plan(tmp_path, free_ports=False)
        assert demo_history.make_once(world, told.append) == Exit.FAILED
    said = capsys.readouterr().err
    assert f"port {port}: Address already in use; change terminals.port" in said
    assert "POINTSMAN_TERMINALS_PORT" in said
    assert (told, (tmp_path / "postgres").exists()) == ([], False)
    assert not demo_history.is_unfinished(tmp_path)


def test_what_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    assert not demo_history.is_unfinished(tmp_path)
    (tmp_path / demo_history.UNFINISHED).touch()
    assert demo_history.is_unfinished(tmp_path)
