"""The command that runs seeds: its lists, its lines, its exit code."""

import json
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.sim_world import parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"), [("7", [7]), ("7,9", [7, 9]), ("7-9,12", [7, 8, 9, 12])]
)
def test_seeds_are_numbers_lists_and_ranges(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "7-", "-7", "9-7", "1-99999"])
def test_what_is_no_list_of_seeds_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no seed"):
        parse_seeds(text)


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
