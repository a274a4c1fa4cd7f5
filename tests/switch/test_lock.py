"""One house at a time in a data directory (switch/lock.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.switch.lock import DirectoryInUseError, hold, holder

HOLD = """
import sys
from pathlib import Path
from pointsman.switch.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_second_house_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(lock) == other.pid
        with pytest.raises(DirectoryInUseError, match=f"in use by process {other.pid}"), hold(lock):
            pass
        other.kill()
        other.wait()
        with hold(lock):  # it died without a word: its lock died with it
            assert holder(lock) == os.getpid()


def test_nobody_holds_a_directory_that_was_left_or_never_was(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert holder(lock) is None
    with hold(lock):
        pass
    assert holder(lock) is None
