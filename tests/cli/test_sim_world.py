"""``pointsman sim world``: which seeds, one line for each, what it writes, how it ends."""

import json
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit
from pointsman.cli.sim_world import SEEDS_MAX, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("7", [7]), ("7,9", [7, 9]), ("7-9", [7, 8, 9]), ("1, 4-5", [1, 4, 5])],
)
def test_seeds_are_a_number_a_list_or_a_range(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "7,", "-3", "7-", "9-7", "1_0", "٣", f"0-{SEEDS_MAX}"])
def test_what_is_no_list_of_seeds_is_a_usage_error(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sim", "world", f"--seeds={text}"]) == Exit.USAGE
    assert "--seeds" in capsys.readouterr().err


def test_each_seed_is_one_line_and_its_trace_and_figures_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, trace = tmp_path / "record.json", tmp_path / "trace"
    where = ["--trace", str(trace), "--record", str(record)]
    code = main(["sim", "world", "--seeds", "3,4", "--minutes", "0.2", "--json", *where])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == Exit.OK
    assert [(line["seed"], line["violations"]) for line in lines] == [(3, 0), (4, 0)]
    assert json.loads(record.read_text())["seeds"] == 2
    assert (trace / "seed-3.txt").read_text().count("\n") > 10
