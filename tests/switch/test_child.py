"""A child is started, watched, restarted and stopped (switch/child.py)."""

import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from pointsman.switch.child import (
    RESTART_PAUSE_MAX_S,
    RESTART_PAUSE_S,
    Child,
    ChildSpec,
    Handover,
    pause_after,
)
from pointsman.switch.status import ProcessState

BOUND_S = 20.0  # for a broken machine, not a measurement

SLEEPS = "import time; time.sleep(600)"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
READS_SECRET = """
import os, sys, time
print(os.read(int(sys.argv[-1]), 99).decode(), sys.argv[-2], flush=True)
time.sleep(600)
"""
TALKS = """
import socket, sys
control = socket.socket(fileno=int(sys.argv[-1]))
control.send(b"ready")
data, descriptors, _, _ = socket.recv_fds(control, 512, 1)
control.send(b"closed\\0" + data)
assert control.recv(1) == b""
"""


def python(name: str, program: str, *, handover: Handover = Handover.NOTHING) -> ChildSpec:
    return ChildSpec(name, (sys.executable, "-c", program), handover)


@asynccontextmanager
async def running(child: Child) -> AsyncIterator[Child]:
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            yield child
            await child.stop(5)


async def until(true: Callable[[], object]) -> None:
    while not true():  # noqa: ASYNC110 - another process's doing
        await trio.sleep(0.005)


def arguments(pid: int | None) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_pause_doubles_up_to_its_cap() -> None:
    assert [pause_after(n) for n in range(1, 8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


@given(st.integers(0, 10_000))
def test_pause_is_always_within_its_bounds(failures: int) -> None:
    assert RESTART_PAUSE_S <= pause_after(failures) <= RESTART_PAUSE_MAX_S


async def test_killed_child_is_started_again_and_both_lives_are_counted() -> None:
    async with running(Child(python("clerk", SLEEPS), log_file=None)) as child:
        await until(lambda: child.state is ProcessState.READY)
        first = child.pid
        child.kill()
        await until(lambda: child.starts == 2 and child.state is ProcessState.READY)
        assert child.pid != first
        assert child.exit_code == -signal.SIGKILL
    assert child.state is ProcessState.STOPPED
    assert child.status().exit_code == -signal.SIGTERM


async def test_child_that_is_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "deaf.log"
    child = Child(python("deaf", DEAF), log_file=log)
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            await until(lambda: log.exists() and log.read_bytes() == b"deaf\n")
            await child.stop(0.05)
    assert child.exit_code == -signal.SIGKILL


async def test_child_that_stops_while_it_waits_for_its_restart_is_not_started() -> None:
    child = Child(python("dies", "raise SystemExit(3)"), log_file=None)
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            await until(lambda: child.state is ProcessState.WAITING)
            starts = child.starts
            await child.stop(5)
    assert (child.starts, child.exit_code) == (starts, 3)


async def test_program_that_cannot_be_started_is_tried_again() -> None:
    async with running(Child(ChildSpec("gone", ("/nonexistent",)), log_file=None)) as child:
        await until(lambda: child.starts == 2)
        assert child.pid is None


async def test_child_is_ready_when_its_look_says_so() -> None:
    looks = iter([False, False, True])
    spec = ChildSpec("hsm-0", (sys.executable, "-c", SLEEPS), ready=lambda: next(looks))
    states: list[ProcessState] = []
    child = Child(spec, log_file=None, on_change=lambda child: states.append(child.state))
    async with running(child):
        await until(lambda: child.state is ProcessState.READY)
    assert next(looks, "used up") == "used up"
    assert states == [
        ProcessState.STARTING,
        ProcessState.READY,
        ProcessState.STOPPING,
        ProcessState.STOPPED,
    ]


async def test_secret_reaches_the_child_by_a_pipe_and_not_by_its_arguments(tmp_path: Path) -> None:
    log = tmp_path / "hsm.log"
    spec = ChildSpec(
        "hsm-0",
        (sys.executable, "-c", READS_SECRET),
        Handover.PASSPHRASE,
        secret=lambda: b"open sesame",
    )
    async with running(Child(spec, log_file=log)) as child:
        await until(lambda: log.exists() and b"--passphrase-fd" in log.read_bytes())
        assert log.read_bytes().startswith(b"open sesame")
        assert b"sesame" not in arguments(child.pid)


async def test_worker_says_ready_takes_a_socket_and_tells_when_it_closed() -> None:
    heard: list[bytes] = []
    spec = python("worker-0", TALKS, handover=Handover.CONTROL)
    async with running(Child(spec, log_file=None, on_message=heard.append)) as child:
        await until(lambda: child.state is ProcessState.READY)
        assert child.control is not None
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(child.control, [b"terminals\x00127.0.0.1:9"], [theirs.fileno()])
        await until(lambda: heard)
    assert heard == [b"closed\x00terminals\x00127.0.0.1:9"]


async def test_child_of_a_cancelled_supervisor_is_reaped(tmp_path: Path) -> None:
    child = Child(python("clerk", SLEEPS), log_file=tmp_path / "log")
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(child.run)
            await until(lambda: child.state is ProcessState.READY)
            pid = child.pid
            nursery.cancel_scope.cancel()
    assert arguments(pid) == b""


@pytest.mark.parametrize("handover", [Handover.CONTROL, Handover.NOTHING])
async def test_restarts_leave_no_descriptor_behind(handover: Handover) -> None:
    async with running(Child(python("dies", "", handover=handover), log_file=None)) as child:
        await until(lambda: child.starts == 1 and child.state is ProcessState.WAITING)
        before = descriptors()
        await until(lambda: child.starts == 3 and child.state is ProcessState.WAITING)
        assert descriptors() == before
