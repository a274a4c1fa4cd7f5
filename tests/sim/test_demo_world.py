"""The demo's world: settings and site it writes, what it says when the house does not start."""

import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from pointsman.config import parse as parse_settings
from pointsman.sim import demo_world
from pointsman.sim.demo_processes import ProgramFailedError
from pointsman.sim.demo_world import Plan, world
from pointsman.site.file import parse as parse_site
from pointsman.switch.lock import hold


def plan(data: Path, *, free_ports: bool = True) -> Plan:
    return Plan(
        data=data,
        seed=7,
        free_ports=free_ports,
        host_s=2.0,
        switch_s=4.0,
        terminal_s=6.0,
        retry_s=1.0,
        request_life_s=3.0,
        rate=40.0,
        lanes=2,
    )


@pytest.mark.parametrize("free_ports", [True, False])
def test_the_settings_are_settings(tmp_path: Path, free_ports: bool) -> None:
    found = parse_settings(demo_world._settings(plan(tmp_path, free_ports=free_ports)), {})
    assert found.workers.count == 2
    assert (found.timers.host_s, found.timers.switch_s, found.timers.terminal_s) == (2, 4, 6)
    assert found.timers.reversal_retry_s == 1
    assert (found.terminals.port == 0) is free_ports
    assert (found.metrics.workers == 0) is free_ports


def test_the_site_is_a_site_with_the_ports_in_use(tmp_path: Path) -> None:
    text = (Path(demo_world.__file__).parent / "demo_site.toml").read_text()
    site = tomllib.loads(text)
    written = demo_world._site_text(plan(tmp_path), site, {"alpha": 1111, "beta": 2222})
    found = tomllib.loads(written)["acquirers"]
    assert [found[name]["address"] for name in ("alpha", "beta")] == [
        "127.0.0.1:1111",
        "127.0.0.1:2222",
    ]
    assert {one["request_life_s"] for one in found.values()} == {3.0}
    parse_site(written)


def names(directory: Path) -> list[str]:
    return sorted(one.name for one in directory.iterdir())


async def test_a_second_demo_leaves_the_first_ones_files_alone(tmp_path: Path) -> None:
    def nothing(_arguments: Sequence[str], _log: Path) -> subprocess.Popen[bytes]:
        raise AssertionError

    with hold(tmp_path / "lock"):
        with pytest.raises(ProgramFailedError, match="a demo runs in"):
            async with world(plan(tmp_path), nothing, lambda _name, _event: None):
                pass
        assert names(tmp_path) == ["lock"]


def test_fixed_ports_are_those_of_the_site(tmp_path: Path) -> None:
    assert demo_world._port(plan(tmp_path, free_ports=False), "127.0.0.1:9101") == 9101
    assert demo_world._port(plan(tmp_path), "127.0.0.1:9101") != 9101


async def test_a_house_that_does_not_start_is_told_and_nothing_stays(tmp_path: Path) -> None:
    def refuse(_argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        log.write_text("pointsman: port 8583 is busy\n")
        return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])

    with pytest.RaisesGroup(ProgramFailedError, flatten_subgroups=True) as found:
        async with world(plan(tmp_path), refuse, lambda _name, _event: None):
            raise AssertionError("it never starts")
    assert "port 8583 is busy" in str(found.value.exceptions)
    assert sorted(path.name for path in (tmp_path / "acquirers").iterdir()) == [
        "alpha.jsonl",
        "beta.jsonl",
    ]
