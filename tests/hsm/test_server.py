"""The HSM process: roles, hostile bytes, hygiene, its store, and its end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.hsm import commands as c
from pointsman.hsm.wire import FrameReader, read_answers
from tests.hsm.processes import PASSPHRASE, HsmProcess, hsm


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


def connect(process: HsmProcess, role: str = "switch") -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(10)
    link.connect(str(process.sockets / f"{role}.sock"))
    return link


def answers(link: socket.socket, data: bytes, count: int = 1) -> list[c.Answer | None]:
    link.sendall(data)
    reader = FrameReader()
    found: list[c.Answer | None] = []
    while len(found) < count:
        received = link.recv(65_536)
        assert received, "the HSM hung up"
        for payload in reader.feed(received):
            found += [answer for _, answer in read_answers(payload)]
    return found


def test_process_is_not_dumpable_and_writes_no_core(running: HsmProcess) -> None:
    proc = Path("/proc") / str(running.process.pid)
    limits = (proc / "limits").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    # A process that is not dumpable belongs to root in /proc, whoever runs it.
    assert (proc / "mem").stat().st_uid == 0


def test_wrong_passphrase_ends_the_process(running: HsmProcess, tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, PASSPHRASE[:-1])
    os.close(write_end)
    argv = [sys.executable, "-m", "pointsman", "hsm", "serve", "--store", str(running.store)]
    argv += ["--socket-dir", str(tmp_path), "--passphrase-fd", str(read_end), "--instance", "7"]
    done = subprocess.run(argv, pass_fds=(read_end,), capture_output=True, check=False, timeout=30)
    os.close(read_end)
    assert done.returncode == 1
    last = json.loads(done.stderr.splitlines()[-1])
    assert last["event"] == "hsm_not_opened"
    assert not list(tmp_path.glob("*.sock"))


def test_hsm_ends_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from tests.hsm.processes import HsmProcess\n"
        "one = HsmProcess(pathlib.Path(sys.argv[1]) / 'run', pathlib.Path(sys.argv[1]) / 'store')\n"
        "one.wait_until_it_listens()\n"
        "print(one.process.pid, flush=True)\n"
        "import os, signal\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False, timeout=30
    )
    pid = int(done.stdout)
    for _ in range(100):
        try:
            state = (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        import time  # noqa: PLC0415

        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the HSM outlived its parent")
