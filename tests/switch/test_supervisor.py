"""The supervisor with stand-in children: order of the end, restarts, sockets, what it tells."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from prometheus_client import CollectorRegistry

from pointsman.config import parse
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.metrics import SupervisorMetrics
from pointsman.switch.child import ChildSpec, Handover
from pointsman.switch.listeners import listen
from pointsman.switch.roster import House
from pointsman.switch.status import HouseState, ProcessState, decode
from pointsman.switch.supervisor import Supervisor

BOUND_S = 60.0  # for a broken machine, not a measurement

# A worker that echoes what its terminals say, and on SIGTERM notes the time of its end. It is not
# ready while its file NAME.hold exists.
WORKER = """
import os, signal, socket, sys, threading, time
name, directory, control = sys.argv[1], sys.argv[2], socket.socket(fileno=int(sys.argv[-1]))
def end(*_):
    with open(os.path.join(directory, name + ".end"), "w") as file:
        file.write(str(time.monotonic_ns()))
    os._exit(0)
signal.signal(signal.SIGTERM, end)
def serve(label, connection):
    with connection:
        while data := connection.recv(512):
            connection.sendall(name.encode() + b":" + data)
    control.send(b"closed" + bytes(1) + label)
while os.path.exists(os.path.join(directory, name + ".hold")):
    time.sleep(0.01)
control.send(b"ready")
while True:
    label, descriptors, _, _ = socket.recv_fds(control, 512, 1)
    if not label:
        break
    connection = socket.socket(fileno=descriptors[0])
    threading.Thread(target=serve, args=(label, connection), daemon=True).start()
"""
OTHER = """
import os, signal, sys, time
def end(*_):
    with open(os.path.join(sys.argv[2], sys.argv[1] + ".end"), "w") as file:
        file.write(str(time.monotonic_ns()))
    os._exit(0)
signal.signal(signal.SIGTERM, end)
open(os.path.join(sys.argv[2], sys.argv[1] + ".up"), "w").close()
time.sleep(600)
"""
DEAF = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.path.join(sys.argv[2], sys.argv[1] + ".up"), "w").close()
time.sleep(600)
"""


class Place:
    """One stand-in house in a temporary directory."""

    def __init__(self, root: Path, *, clerk: str = OTHER) -> None:
        self.directory = DataDirectory(root, os.getuid())
        for path in (self.directory.run, self.directory.logs):
            path.mkdir()
        self.registry = CollectorRegistry()
        self.listening = listen("127.0.0.1", 0, key="terminals.port")
        self.port: int = self.listening.getsockname()[1]
        house = House(
            database=None,
            hsms=[self.other("hsm-0", OTHER)],
            workers=[self.worker(f"worker-{number}") for number in range(2)],
            clerks=[self.other("clerk", clerk)],
        )
        self.supervisor = Supervisor(
            house,
            {"terminals": self.listening},
            config=parse("[limits]\nconnections_max = 10\n", {}),
            directory=self.directory,
            metrics=SupervisorMetrics(self.registry),
            effects=Effects(),
        )

    def worker(self, name: str) -> ChildSpec:
        argv = (sys.executable, "-c", WORKER, name, str(self.directory.root))
        return ChildSpec(name, argv, Handover.CONTROL, death_signal=signal.SIGKILL)

    def other(self, name: str, program: str) -> ChildSpec:
        up = self.directory.root / f"{name}.up"
        argv = (sys.executable, "-c", program, name, str(self.directory.root))
        return ChildSpec(name, argv, ready=up.exists if program is OTHER else None)

    def value(self, metric: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(metric, labels)

    def ended(self) -> list[str]:
        files = self.directory.root.glob("*.end")
        return [file.stem for file in sorted(files, key=lambda file: int(file.read_text() or 0))]

    async def until(self, true: Callable[[], object]) -> None:
        while not true():  # noqa: ASYNC110 - another process's doing
            await trio.sleep(0.01)

    async def until_ready(self) -> None:
        await self.until(
            lambda: (
                self.directory.status.exists()
                and decode(self.directory.status.read_bytes()).state is HouseState.READY
            )
        )

    async def echo(self, data: bytes) -> bytes:
        stream = await trio.open_tcp_stream("127.0.0.1", self.port)
        async with stream:
            await stream.send_all(data)
            return bytes(await stream.receive_some())


@asynccontextmanager
async def running(place: Place) -> AsyncIterator[Place]:
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(place.supervisor.run)
            await place.until_ready()
            yield place
            place.supervisor.ask_to_stop()


async def test_house_becomes_ready_serves_and_ends_in_order(tmp_path: Path) -> None:
    async with running(Place(tmp_path)) as place:
        answers = {await place.echo(b"hello") for _ in range(4)}
        assert answers == {b"worker-0:hello", b"worker-1:hello"}
        gone = {"name": "worker-0"}
        await place.until(lambda: place.value("pointsman_worker_connections", **gone) == 0)
    # Nobody may lose HSM or database while a request is in flight: the workers end first.
    assert set(place.ended()[:2]) == {"worker-0", "worker-1"}
    assert place.ended()[2:] == ["clerk", "hsm-0"]
    last = decode(place.directory.status.read_bytes())
    assert last.state is HouseState.STOPPING
    assert {process.state for process in last.processes} == {ProcessState.STOPPED}
    with pytest.raises(OSError, match="attempts to connect"):
        await place.echo(b"anybody?")


async def test_killed_worker_is_replaced_while_the_other_serves(tmp_path: Path) -> None:
    async with running(Place(tmp_path)) as place:
        status = decode(place.directory.status.read_bytes())
        victim = next(p for p in status.processes if p.name == "worker-0")
        assert victim.pid is not None
        hold = place.directory.root / "worker-0.hold"
        hold.touch()
        os.kill(victim.pid, signal.SIGKILL)
        starts = {"name": "worker-0"}
        await place.until(lambda: place.value("pointsman_process_up", **starts) == 0)
        assert await place.echo(b"still") == b"worker-1:still"
        hold.unlink()
        await place.until(lambda: place.value("pointsman_process_up", **starts) == 1)
        assert place.value("pointsman_process_starts_total", **starts) == 2
        assert {await place.echo(b"again") for _ in range(4)} == {
            b"worker-0:again",
            b"worker-1:again",
        }


async def test_file_and_targets_tell_where_everything_is(tmp_path: Path) -> None:
    async with running(Place(tmp_path)) as place:
        status = decode(place.directory.status.read_bytes())
        assert status.pid == os.getpid()
        assert [p.name for p in status.processes] == ["hsm-0", "worker-0", "worker-1", "clerk"]
        assert [(one.name, one.port) for one in status.listeners] == [("terminals", place.port)]
        targets = json.loads((place.directory.run / "targets.json").read_bytes())
        assert "127.0.0.1:9582" in [group["targets"][0] for group in targets]


async def test_second_signal_does_not_wait_for_a_deaf_child(tmp_path: Path) -> None:
    place = Place(tmp_path, clerk=DEAF)
    started_at = trio.current_time()
    with trio.fail_after(BOUND_S):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(place.supervisor.run)
            await place.until_ready()
            await place.until((place.directory.root / "clerk.up").exists)  # deaf from now on
            os.kill(os.getpid(), signal.SIGTERM)
            await place.until(lambda: len(place.ended()) == 2)
            os.kill(os.getpid(), signal.SIGINT)
    assert trio.current_time() - started_at < BOUND_S
    assert "clerk" not in place.ended()


async def test_house_runs_on_where_its_status_cannot_be_written(tmp_path: Path) -> None:
    async with running(Place(tmp_path)) as place:
        new = place.directory.status.with_name("supervisor.json.new")
        new.mkdir()  # as a full disk would: the file cannot be written
        status = decode(place.directory.status.read_bytes())
        victim = next(p.pid for p in status.processes if p.name == "worker-0")
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        starts = {"name": "worker-0"}
        await place.until(lambda: place.value("pointsman_process_starts_total", **starts) == 2)
        assert await place.echo(b"well?") in {b"worker-0:well?", b"worker-1:well?"}
        new.rmdir()


SUPERVISOR = """
import sys, trio
from pathlib import Path
sys.path.insert(0, {here!r})
import test_supervisor
from pointsman import log
log.setup("supervisor", quiet=True)
trio.run(test_supervisor.Place(Path(sys.argv[1])).supervisor.run)
"""


def test_killed_supervisor_leaves_no_child_behind(tmp_path: Path) -> None:
    program = SUPERVISOR.format(here=str(Path(__file__).parent))
    directory = DataDirectory(tmp_path, os.getuid())
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) as supervisor:
        deadline = time.monotonic() + BOUND_S
        while not directory.status.exists() or b'"ready"' not in directory.status.read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        while decode(directory.status.read_bytes()).state is not HouseState.READY:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        processes = decode(directory.status.read_bytes()).processes
        supervisor.kill()
    for process in processes:
        while _runs(process.pid, process.name):
            assert time.monotonic() < deadline, process.name
            time.sleep(0.01)


def _runs(pid: int | None, name: str) -> bool:
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
