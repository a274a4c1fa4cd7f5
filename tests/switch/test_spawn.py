"""A child dies with its parent, however the parent dies (switch/spawn.py)."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import trio

from pointsman.switch import spawn

PARENT = """
import signal, sys, time
from pointsman.switch import spawn
sleeps = [sys.executable, "-c", "import time; time.sleep(600)"]
child = spawn.start(sleeps, [], None, signal.SIGTERM)
print(child.pid, flush=True)
time.sleep(600)
"""
GONE_WITHIN_S = 10.0  # a bound for a broken machine, not a measurement


def test_child_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
    assert select.select([child], [], [], GONE_WITHIN_S)[0] == [child]
    os.close(child)


async def test_end_of_a_child_is_seen_and_its_words_are_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    program = "import os, sys; print('out', flush=True); os.write(2, b'err'); sys.exit(7)"
    with log.open("ab") as output:
        child = spawn.start([sys.executable, "-c", program], [], output, signal.SIGTERM)
    with trio.fail_after(GONE_WITHIN_S):
        await spawn.exited(child)
    assert child.wait() == 7
    assert log.read_bytes() == b"out\nerr"


async def test_child_inherits_only_what_it_is_given() -> None:
    kept, given = os.pipe(), os.pipe()
    program = f"import os; os.write({given[1]}, b'yes'); os.fstat({kept[0]})"
    child = spawn.start([sys.executable, "-c", program], [given[1]], None, signal.SIGTERM)
    os.close(given[1])
    with trio.fail_after(GONE_WITHIN_S):
        await spawn.exited(child)
    assert child.wait() == 1  # fstat on what it did not get
    assert os.read(given[0], 8) == b"yes"
    for descriptor in (*kept, given[0]):
        os.close(descriptor)
