"""One house at a time in a data directory: an flock that dies with its holder.

A shell. The supervisor holds the lock while it runs; commands that start the database themselves
(`import`, `settle` on a house that is not running) take it for that time. What lies where is told
in directory.py.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES = 10  # `holder` takes a shared lock for an instant: that must not refuse a start
_PAUSE_S = 0.05


class DirectoryInUseError(RuntimeError):
    """The data directory is run by another process; `pid` is its id, 0 where it is unknown."""

    def __init__(self, path: Path, pid: int) -> None:
        self.pid = pid
        super().__init__(f"data directory {path.parent} is in use by process {pid or '(unknown)'}")


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock file `path` (its directory must exist); raises `DirectoryInUseError`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """Return the process id that holds the lock file, None where nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid_in(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path) -> None:
    for tries_left in reversed(range(_TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not tries_left:
                raise DirectoryInUseError(path, _pid_in(descriptor)) from None
            time.sleep(_PAUSE_S)
        else:
            return


def _pid_in(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else 0
