"""Real HSM processes for tests: started as the supervisor starts them, stopped at the end."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSPHRASE = b"a passphrase for tests alone"
START_S = 60.0  # at most; a machine that is full starts a process slowly


class HsmProcess:
    """One HSM process over a store and a socket directory."""

    def __init__(self, sockets: Path, store: Path, *more: str) -> None:
        self.sockets = sockets
        self.store = store
        read_end, write_end = os.pipe()
        os.write(write_end, PASSPHRASE + b"\n")
        os.close(write_end)
        argv = [sys.executable, "-m", "pointsman", "hsm", "serve"]
        argv += ["--socket-dir", str(sockets), "--store", str(store)]
        argv += ["--passphrase-fd", str(read_end), *more]
        self.process = subprocess.Popen(
            argv, pass_fds=(read_end,), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        os.close(read_end)

    def wait_until_it_listens(self, name: str = "switch.sock") -> None:
        """Wait until the socket takes a connection."""
        end = time.monotonic() + START_S
        while not _listens(self.sockets / name):
            assert self.process.poll() is None, "the HSM ended"
            assert time.monotonic() < end, "the HSM does not listen"
            time.sleep(0.01)

    def stop(self) -> bytes:
        """End it and return what it wrote to standard error."""
        self.process.terminate()
        _, written = self.process.communicate(timeout=START_S)
        return written

    def kill(self) -> None:
        """End it at once; its sockets stay, and nobody listens."""
        self.process.kill()
        self.process.communicate(timeout=START_S)


@contextmanager
def hsm(directory: Path, *more: str) -> Iterator[HsmProcess]:
    """Run an HSM below a directory."""
    started = HsmProcess(directory / "run", directory / "store", *more)
    try:
        started.wait_until_it_listens()
        yield started
    finally:
        if started.process.poll() is None:
            started.stop()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as link:
        return link.connect_ex(str(path)) == 0
