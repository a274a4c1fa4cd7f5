"""The command that runs seeds: its lists, its lines, its exit code."""

import json
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit
from pointsman.cli.sim_world import parse_seeds
from tests.simulation.planted import tell_before_the_commit


@pytest.mark.parametrize(
    ("text", "seeds"), [("7", [7]), ("7,9", [7, 9]), ("7-9,12", [7, 8, 9, 12])]
)
def test_seeds_are_numbers_lists_and_ranges(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["", "x", "7-", "-7", "9-7", "7,", "1-99999", "1-2-3", "٣", "9" * 19]
)
def test_what_is_no_list_of_seeds_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no list"):
        parse_seeds(text)
    assert main(["sim", "world", f"--seeds={text}"]) == Exit.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "no list" in told.err


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "nan", "inf", "1441"])
def test_what_is_no_number_of_minutes_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "world", "--seeds", "7", f"--minutes={text}"]) == Exit.USAGE
    assert "above 0" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--trace", "--record", "--only"])
def test_a_file_that_does_not_fit_is_refused_before_anything_runs(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("no JSON")
    assert main(["sim", "world", "--seeds", "7", option, str(wrong)]) == Exit.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "wrong.json" in told.err


def test_fresh_seeds_are_told_and_end_with_enough_transactions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--seeds", "fresh", "--minutes", "0.2", "--transactions", "1", "--json"]
    assert main(["sim", "world", *options]) == 0
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert f"fresh seeds from {lines[0]['seed']} on" in told.err
    assert sum(line["transactions"] for line in lines) >= 1
    assert all(line["transactions"] == 0 for line in lines[:-1])


def test_a_seed_that_breaks_a_promise_tells_how_to_repeat_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_before_the_commit(monkeypatch.setattr)
    assert main(["sim", "world", "--seeds", "1", "--minutes", "0.5", "--json"]) == Exit.FAILED
    told = capsys.readouterr()
    assert json.loads(told.out)["violations"] > 0
    assert "seed 1: to repeat it: pointsman sim world --seeds 1 --minutes 0.5\n" in told.err


def test_a_reduced_seed_is_repeated_with_its_own_minutes_and_terminals(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reduced = tmp_path / "reduced.json"
    reduced.write_text(
        json.dumps(
            {"seed": 3, "chaos_s": 15.0, "terminals": 1, "decisions": [["pieces", 1]], "more": 1}
        )
    )
    assert main(["sim", "world", "--only", str(reduced), "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["seed"], line["plan"]["terminals"]) == (3, 1)
    assert line["simulated_s"] < 60
    assert set(line["faults"]) <= {"pieces"}
    for wrong in (b"{}", b"x"):
        reduced.write_bytes(wrong)
        assert main(["sim", "world", "--only", str(reduced)]) == Exit.USAGE
    assert main(["sim", "world", "--only", str(tmp_path / "none")]) == Exit.USAGE


def test_each_seed_is_one_line_and_is_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, traces = tmp_path / "record.json", tmp_path / "trace"
    arguments = ["--seeds", "3,4", "--minutes", "0.2", "--json", "--record", str(record)]
    assert main(["sim", "world", *arguments, "--trace", str(traces)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["seed"] for line in lines] == [3, 4]
    assert all(line["violations"] == 0 for line in lines)
    assert json.loads(record.read_bytes())["seeds"] == 2
    assert sorted(path.name for path in traces.iterdir()) == ["seed-3.txt", "seed-4.txt"]
