"""`pointsman sim acquirer` as a process: listens, obeys its input, says what it has settled."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit
from pointsman.cli.sim_acquirer import _say_settled

ARGV = (sys.executable, "-m", "pointsman", "sim", "acquirer", "--listen", "127.0.0.1:0", "--json")


def test_it_listens_and_stops_when_its_input_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [*ARGV, "--control", "--ledger", str(tmp_path / "a.jsonl")],
        input="mood silent:1\nmood wrong\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    listening, stopped = (json.loads(line) for line in done.stdout.splitlines())
    assert listening["event"] == "listening"
    assert listening["port"] > 0
    assert stopped == {"event": "stopped", "name": "alpha", "settled_minor": {}}
    assert "'wrong' is not NAME:CHANCE" in done.stderr
    assert (tmp_path / "a.jsonl").read_text().count("started") == 1


def test_a_person_reads_what_counts_in_the_currency_s_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = argparse.Namespace(json=False, name="alpha")
    _say_settled(arguments, {("898100053310001", "156"): 1250})
    assert capsys.readouterr().out == (
        "alpha stopped; what counts for each merchant:\n  898100053310001        12.50 CNY\n"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ("--mood", "loud:1"),
        ("--format", "nothing"),
        ("--framing", "nothing"),
        ("--listen", "127.0.0.1:x"),
        ("--zpk", "0123XY"),
    ],
)
def test_wrong_options_are_told_in_one_line(
    wrong: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = str(tmp_path / "a.jsonl")
    assert main(["sim", "acquirer", "--ledger", ledger, *wrong]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_busy_port_is_told(tmp_path: Path) -> None:
    one = subprocess.Popen(
        [*ARGV, "--control", "--ledger", str(tmp_path / "a.jsonl")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with one:
        assert one.stdout is not None
        port = json.loads(one.stdout.readline())["port"]
        ledger = str(tmp_path / "b.jsonl")
        code = main(["sim", "acquirer", "--listen", f"127.0.0.1:{port}", "--ledger", ledger])
        assert code == Exit.UNAVAILABLE
        one.communicate("stop\n", timeout=30)
