"""The doctor finds what keeps a house from starting, and changes nothing (cli/doctor.py)."""

import json
from pathlib import Path

import pytest

from pointsman import cli
from pointsman.cli.options import Exit
from pointsman.switch.listeners import listen


def settings(tmp_path: Path, port: int, more: str = "") -> list[str]:
    file = tmp_path / "my.toml"
    file.write_text(
        f"[terminals]\nport = {port}\n[metrics]\nsupervisor = 0\nworkers = 0\nclerk = 0\n{more}"
    )
    return ["doctor", "--json", "--config", str(file), "--data", str(tmp_path / "new" / "data")]


def test_free_machine_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0, key="") as probe:
        port = probe.getsockname()[1]
    assert cli.main(settings(tmp_path, port)) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {finding["subject"] for finding in told["findings"]} >= {"data", "port", "hsm"}
    assert not (tmp_path / "new").exists()


def test_busy_port_is_a_fault_with_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with listen("127.0.0.1", 0, key="") as taken:
        assert cli.main(settings(tmp_path, taken.getsockname()[1])) == Exit.CHECK_FAILED
    told = json.loads(capsys.readouterr().out)
    faults = [finding for finding in told["findings"] if finding["verdict"] == "fault"]
    assert len(faults) == 1
    assert faults[0]["text"].endswith("change terminals.port (or POINTSMAN_TERMINALS_PORT)")


def test_live_mode_without_a_passphrase_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = settings(tmp_path, 0, "[hsm]\nmode = 'live'\n")
    assert cli.main(words) == Exit.CHECK_FAILED
    assert "hsm.passphrase_file" in capsys.readouterr().out


def test_findings_are_lines_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in settings(tmp_path, 0) if word != "--json"]
    assert cli.main(words) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert all(line.split()[0] in {"ok", "note", "fault"} for line in lines)
