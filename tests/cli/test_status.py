"""Status is believed only while its writer runs (cli/status.py)."""

import json
import os
from pathlib import Path

import pytest

from pointsman import cli
from pointsman.cli.options import Exit
from pointsman.directory import DataDirectory
from pointsman.switch.lock import hold
from pointsman.switch.status import (
    HouseState,
    ListenerStatus,
    ProcessState,
    ProcessStatus,
    Status,
    encode,
)


def house(root: Path, *, pid: int, state: HouseState = HouseState.READY) -> DataDirectory:
    directory = DataDirectory(root, os.getuid())
    directory.run.mkdir()
    status = Status(
        state=state,
        pid=pid,
        version="0.1.0",
        data=str(root),
        written_at="2026-01-01T00:00:00.000+00:00",
        listeners=[ListenerStatus("terminals", "127.0.0.1", 8583, 7)],
        processes=[ProcessStatus("worker-0", ProcessState.READY, 99, 2, -9, 7, 9583)],
        metrics_host="127.0.0.1",
        metrics_port=9582,
    )
    directory.status.write_bytes(encode(status))
    return directory


def test_running_house_is_told_for_people_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = house(tmp_path, pid=os.getpid())
    with hold(directory.lock):
        assert cli.main(["status", "--data", str(tmp_path)]) == Exit.OK
        text = capsys.readouterr().out
        assert "terminals 127.0.0.1 port 8583, 7 connections" in text
        assert "http://127.0.0.1:9582/metrics" in text
        assert cli.main(["status", "--json", "--data", str(tmp_path)]) == Exit.OK
        told = json.loads(capsys.readouterr().out)
        assert told["processes"][0]["name"] == "worker-0"
        assert told["processes"][0]["exit_code"] == -9


def test_house_that_is_not_ready_fails_the_command(tmp_path: Path) -> None:
    directory = house(tmp_path, pid=os.getpid(), state=HouseState.STARTING)
    with hold(directory.lock):
        assert cli.main(["status", "--data", str(tmp_path)]) == Exit.FAILED


def test_file_of_a_house_that_ended_is_not_believed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = house(tmp_path, pid=1)
    assert cli.main(["status", "--data", str(tmp_path)]) == Exit.UNAVAILABLE
    assert f"nothing runs in {tmp_path}" in capsys.readouterr().err
    with hold(directory.lock):  # another house has begun, and has told nothing yet
        assert cli.main(["status", "--data", str(tmp_path)]) == Exit.UNAVAILABLE
