"""Commands on a simulator's standard input: what each word does, what is refused."""

import os
from pathlib import Path

import pytest

from pointsman.sim.acquirer import AcquirerOptions, AcquirerSim
from pointsman.sim.commands import CommandError, obey_acquirer, obey_terminals, read_commands
from pointsman.sim.fleet import Fleet
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import WEIGHTS
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.moods import Moods
from pointsman.sim.tally import Summary
from pointsman.sim.terminal_options import Control, TerminalOptions


def new_fleet(tmp_path: Path) -> Fleet:
    return Fleet([], TerminalOptions(), Control(), tmp_path / "t.jsonl", 7, lambda _: None)


def test_terminals_obey(tmp_path: Path) -> None:
    fleet = new_fleet(tmp_path)
    said: list[Summary] = []
    for line in ("pause", "flows void:3,echo", "rate 2.5", "settle", "settle", "status", ""):
        assert obey_terminals(line, fleet, said.append)
    control = fleet.control
    assert (control.paused, control.rate, control.settlements) == (True, 2.5, 2)
    assert control.weights == {Flow.VOID: 3, Flow.ECHO: 2}
    assert len(said) == 1
    assert obey_terminals("resume", fleet, said.append)
    assert obey_terminals("flows default", fleet, said.append)
    assert not control.paused
    assert control.weights == WEIGHTS
    assert not obey_terminals("stop", fleet, said.append)


@pytest.mark.parametrize("line", ["dance", "flows nothing", "rate fast", "rate -1", "rate nan"])
def test_what_terminals_do_not_know_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(CommandError):
        obey_terminals(line, new_fleet(tmp_path), lambda _: None)


def test_an_acquirer_obeys(tmp_path: Path) -> None:
    keys = ZoneKeys(bytes(16), bytes(16))
    ledger = tmp_path / "a.jsonl"
    options = AcquirerOptions("alpha", "127.0.0.1", 0, "ascii87-hexbitmap", "ascii4", keys, ledger)
    sim = AcquirerSim(options, lambda _: None)
    assert obey_acquirer("mood silent:1", sim)
    assert sim.host.moods != Moods()
    assert obey_acquirer("mood none", sim)
    assert sim.host.moods == Moods()
    assert obey_acquirer("cut-over 0229", sim)
    assert sim.host.day == "0229"
    assert not obey_acquirer("stop", sim)
    for line in ("mood loud:1", "dance", "cut-over", "cut-over 0230", "cut-over +123"):
        with pytest.raises(CommandError):
            obey_acquirer(line, sim)


async def test_lines_are_read_until_the_input_ends() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"pause\nflows echo\r\nstat")
    os.write(writing, b"us\nunfinished")
    os.close(writing)
    lines = [line async for line in read_commands(reading)]
    os.close(reading)
    assert lines == ["pause", "flows echo", "status"]


async def test_a_line_without_end_ends_the_reading() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"x" * 5_000)
    lines = [line async for line in read_commands(reading)]
    os.close(reading)
    os.close(writing)
    assert lines == []
