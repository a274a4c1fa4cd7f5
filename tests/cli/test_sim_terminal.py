"""`pointsman sim terminal` as a process against a scripted switch."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from pointsman.cli import main
from pointsman.cli.options import Exit
from tests.sim.scripted import Switch, switch

ARGV = (sys.executable, "-m", "pointsman", "sim", "terminal", "--json", "--timeout", "0.3")


Finished = subprocess.CompletedProcess[bytes]


async def run(made: Switch, *options: str, stdin: bytes = b"") -> Finished:
    return await trio.run_process(
        [*ARGV, "--port", str(made.port), *options],
        stdin=stdin,
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )


def events(done: Finished) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_it_makes_its_count_settles_and_tells_a_summary(tmp_path: Path) -> None:
    async with switch() as made:
        ledger = str(tmp_path / "t.jsonl")
        done = await run(
            made, "--count", "2", "--settle", "--ledger", ledger, "--flows", "sale-chip"
        )
    assert done.returncode == Exit.OK
    told = events(done)
    assert [one["event"] for one in told] == ["done", "done", "summary"]
    assert (told[-1]["approved"], told[-1]["settlements"]) == (2, 1)
    assert b"6216261000000000018" not in done.stdout


async def test_a_person_reads_words_and_amounts(tmp_path: Path) -> None:
    async with switch() as made:
        done = await trio.run_process(
            [word for word in ARGV if word != "--json"]
            + ["--port", str(made.port), "--count", "2", "--flows", "sale-chip", "--settle"]
            + ["--ledger", str(tmp_path / "t.jsonl")],
            capture_stdout=True,
            check=False,
        )
    text = done.stdout.decode()
    assert "{" not in text
    first, *rest = text.splitlines()
    assert re.search(r" sale-chip +\d+\.\d\d CNY \d{6}\*{5,}\d{4} +00 ", first)
    assert rest[1] == "2 transactions: 2 approved, 0 declined"
    assert any(line == "1 batches closed (0 unequal), 0 to go" for line in rest)
    assert "  sale-chip        2 approved" in rest


async def test_many_terminals_come_from_a_file(tmp_path: Path) -> None:
    rows = [{"mid": "898100053310001", "tid": f"1234567{n}"} for n in range(3)]
    (tmp_path / "many.json").write_text(json.dumps(rows))
    async with switch() as made:
        options = ("--terminals", str(tmp_path / "many.json"), "--count", "1")
        done = await run(made, *options, "--ledger", str(tmp_path / "t.jsonl"))
    assert done.returncode == Exit.OK
    assert len({one["tid"] for one in events(done)[:-1]}) == 3


async def test_it_obeys_its_input_and_stops_at_its_end(tmp_path: Path) -> None:
    async with switch() as made:
        ledger = str(tmp_path / "t.jsonl")
        done = await run(made, "--control", "--ledger", ledger, stdin=b"pause\nstatus\ndance\n")
    assert done.returncode == Exit.OK
    assert [one["event"] for one in events(done)][-2:] == ["summary", "summary"]
    assert b"commands are" in done.stderr


async def test_hostile_tells_each_result_and_8_where_one_is_wrong(tmp_path: Path) -> None:
    async with switch() as made:  # it approves whatever it can read
        done = await run(made, "--hostile", "--ledger", str(tmp_path / "t.jsonl"))
    assert done.returncode == Exit.CHECK_FAILED
    assert {one["event"] for one in events(done)} == {"hostile"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--flows", "dance"),
        ("--pipeline", "0"),
        ("--tmk", "XY"),
        ("--terminals", os.devnull),
        ("--terminals", "/nowhere"),
    ],
)
def test_wrong_options_are_told_in_one_line(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "terminal", *wrong]) == Exit.USAGE
    assert capsys.readouterr().err.count("\n") == 1
