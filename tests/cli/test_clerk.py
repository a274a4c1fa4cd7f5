"""``pointsman clerk`` as a process: it works on the database it is given and ends by SIGTERM."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.cli import main
from tests.cli.houses import DEMO, Place, place


@pytest.fixture
def here(tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]) -> Place:
    found = place(tmp_path, database, capsys)
    found.config.write_text(found.config.read_text() + "[metrics]\nclerk = 0\n")
    return found


def test_clerk_anchors_the_journal_and_ends_by_sigterm(here: Place) -> None:
    _, dry = here.json("import", str(DEMO))
    here.json("import", str(DEMO), "--commit", dry["token"])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pointsman", "clerk"),
            *("--data", str(here.data), "--config", str(here.config)),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            event = json.loads(process.stderr.readline())
            assert (event["event"], event["process"]) == ("heads_anchored", "clerk")
            assert event["count"] >= 1
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_a_second_clerk_says_that_its_port_is_taken(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = place(tmp_path, database, capsys)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found.config.write_text(found.config.read_text() + f"[metrics]\nclerk = {port}\n")
        words = ["clerk", "--data", str(found.data), "--config", str(found.config)]
        assert main(words) == 1
    assert "metrics.clerk" in capsys.readouterr().err
