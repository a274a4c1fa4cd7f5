"""`pointsman sim`: the options, and ledgers added up."""

import json
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit

STARTED = '{"kind":"started","at":"","name":"alpha","format":"f","layout":1}\n'
CLOSED = (
    '{"kind":"settlement","at":"","mid":"m","tid":"t","batch":"000001","debit_minor":500,'
    '"credit_minor":100,"debit_count":1,"credit_count":1,"results":"11","uploaded":0}\n'
)


def test_help_names_the_three(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["sim", "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert all(word in text for word in ("acquirer", "terminal", "ledger"))


def test_ledgers_of_both_kinds_are_added_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(STARTED)
    (tmp_path / "t.jsonl").write_text(CLOSED)
    files = [str(tmp_path / "a.jsonl"), str(tmp_path / "t.jsonl")]
    assert main(["sim", "ledger", *files, "--json"]) == Exit.OK
    found = json.loads(capsys.readouterr().out)
    assert found["settled_minor"] == {"acquirer": 0, "terminal": 400}
    assert main(["sim", "ledger", *files]) == Exit.OK
    assert "settled m/t" in capsys.readouterr().out


def test_a_ledger_that_is_none_is_told_by_file_and_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "g.jsonl").write_text("garbage\n")
    assert main(["sim", "ledger", str(tmp_path / "g.jsonl")]) == Exit.FAILED
    assert "g.jsonl:1" in capsys.readouterr().err
    assert main(["sim", "ledger", str(tmp_path / "none")]) == Exit.NOT_FOUND
