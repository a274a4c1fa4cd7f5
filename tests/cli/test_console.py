"""The command: a console that is off says so; a port that is taken is no console."""

import socket
from pathlib import Path

import pytest

from pointsman.cli import main
from pointsman.cli.options import Exit


def run(directory: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("POINTSMAN_CONSOLE_PORT", str(port))
    return main(["console", "--data", str(directory)])


def test_a_console_that_is_off_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, 0, monkeypatch) == Exit.USAGE
    assert "console.port is 0" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(tmp_path, taken.getsockname()[1], monkeypatch) == Exit.FAILED
    assert "console.port" in capsys.readouterr().err
