"""``pointsman serve`` starts a whole house, and says in one line why it cannot (cli/serve.py)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pointsman.cli.options import Exit
from pointsman.cli.serve import make_directories
from pointsman.directory import DataDirectory
from pointsman.switch.listeners import listen
from pointsman.switch.lock import hold
from pointsman.switch.status import decode

BOUND_S = 60.0  # for a broken machine, not a measurement
FREE = {
    "POINTSMAN_TERMINALS_PORT": "0",
    "POINTSMAN_METRICS_SUPERVISOR": "0",
    "POINTSMAN_METRICS_WORKERS": "0",
    "POINTSMAN_METRICS_CLERK": "0",
    "POINTSMAN_CONSOLE_PORT": "0",
}


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POINTSMAN_")}
    return kept | FREE | changes


def pointsman(root: Path, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pointsman", words[0], "--data", str(root), *words[1:]],
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND_S,
    )


@contextmanager
def serving(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "pointsman", "serve", "--data", str(root)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL) as house:
        try:
            assert pointsman(root, "status", "--wait", str(BOUND_S / 2)).returncode == Exit.OK
            yield house
        finally:
            house.kill()


def runs(pid: int | None) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_house_starts_from_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    root = tmp_path / "data"
    directory = DataDirectory(root, os.getuid())
    with serving(root) as house:
        status = decode(directory.status.read_bytes())
        names = [process.name for process in status.processes]
        assert names == ["postgres", "hsm-0", "worker-0", "worker-1", "clerk"]
        second = pointsman(root, "serve")
        assert second.returncode == Exit.FAILED
        assert second.stderr == (
            f"pointsman: data directory {root} is in use by process {house.pid}\n"
        )
        house.send_signal(signal.SIGTERM)
        assert house.wait(BOUND_S) == Exit.OK
    assert not [process.name for process in status.processes if runs(process.pid)]
    assert directory.root.stat().st_mode & 0o077 in {0, 0o011}
    assert directory.hsm.stat().st_mode & 0o777 == 0o700
    assert directory.passphrase_file.stat().st_mode & 0o777 == 0o600


def test_busy_port_is_told_before_anything_starts(tmp_path: Path) -> None:
    with listen("127.0.0.1", 0, key="") as taken:
        port = str(taken.getsockname()[1])
        done = pointsman(tmp_path, "serve", POINTSMAN_METRICS_CLERK=port)
    assert done.returncode == Exit.FAILED
    assert done.stderr.startswith(f"pointsman: cannot listen on 127.0.0.1 port {port}: ")
    assert done.stderr.endswith("change metrics.clerk (or POINTSMAN_METRICS_CLERK)\n")
    assert not (tmp_path / "postgres").exists()


def test_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://someone:secret@127.0.0.1:1/nothing"
    done = pointsman(tmp_path, "serve", POINTSMAN_DATABASE_URL=url)
    assert done.returncode == Exit.UNAVAILABLE
    assert done.stderr.startswith("pointsman: the database cannot be used: ")
    assert "secret" not in done.stderr


def test_directories_of_somebody_else_are_refused(tmp_path: Path) -> None:
    make_directories(DataDirectory(tmp_path, os.getuid()))
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        make_directories(DataDirectory(tmp_path, os.getuid() + 1))


def test_directories_are_made_twice_without_harm(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "a" / "b", os.getuid())
    make_directories(directory)
    make_directories(directory)
    with hold(directory.lock):
        assert directory.lock.exists()
