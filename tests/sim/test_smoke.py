"""The smoke run's own parts; the run as a whole is `make smoke`."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from pointsman.sim import smoke
from pointsman.sim.smoke import SmokeRun
from tests.sim.test_demo_world import plan


def refuse(_argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    log.write_text("pointsman: the database cannot be used\n")
    return subprocess.Popen([sys.executable, "-c", "raise SystemExit(1)"])


async def test_a_run_that_cannot_start_is_not_ok_and_says_why(tmp_path: Path) -> None:
    said: list[str] = []
    found = await SmokeRun(plan(tmp_path), refuse, said.append).run()
    assert found["ok"] is False
    assert "the database cannot be used" in str(found["failure"])
    failed = found["failed_checks"]
    assert isinstance(failed, list)
    assert {"no_failure", "every_worker_killed", "drained", "batches_closed"} <= set(failed)
    assert found["leftover_processes"] == 0


def test_bytes_below_a_directory_tell_every_change(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.csv").write_text("1")
    before = smoke._bytes_below(tmp_path)
    assert smoke._bytes_below(tmp_path) == before
    (tmp_path / "a" / "one.csv").write_text("2")
    assert smoke._bytes_below(tmp_path) != before
    (tmp_path / "a" / "one.csv").write_text("1")
    (tmp_path / "two.csv").write_text("")
    assert smoke._bytes_below(tmp_path) != before


def test_what_is_open_is_what_is_owed_and_under_way() -> None:
    assert smoke._open({"owed": 2, "in_flight": 1}) == 3
