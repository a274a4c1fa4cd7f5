"""Files of a day onto the disk: whole or not at all, and the same whoever is killed on the way.

Each file is written under a temporary name, synced and renamed, then the directory is synced; the
manifest comes last. A lock keeps two writers apart. What the files hold is in files.py.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path

import trio

_LOCK = ".lock"
_PART = ".part"


def _nothing(_step: str) -> None:
    pass


async def publish_aside(root: Path, day: date, files: Mapping[str, bytes]) -> Path:
    """Do `publish` in a thread, to its end: a sync to disk may take seconds."""
    return await trio.to_thread.run_sync(partial(publish, root, day, files))


def publish(
    root: Path, day: date, files: Mapping[str, bytes], step: Callable[[str], None] = _nothing
) -> Path:
    """Write the files of one day below `root` and return their directory.

    A file that has its bytes already is left alone; what is in the directory and not in `files` is
    removed if it is a leftover of an earlier attempt. `step` is called before each act, so that a
    test can stop there. Raises OSError.
    """
    directory = root / day.isoformat()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(root):
        step("make directory")
        directory.mkdir(mode=0o700, exist_ok=True)
        _sync_directory(root)
        for leftover in sorted(directory.glob(f"*{_PART}")):
            step("remove leftover")
            leftover.unlink()
        for name, content in files.items():
            _write(directory, name, content, step)
    return directory


def _write(directory: Path, name: str, content: bytes, step: Callable[[str], None]) -> None:
    target = directory / name
    if target.is_file() and target.read_bytes() == content:
        return
    part = directory / (name + _PART)
    step(f"write {name}")
    with part.open("wb") as file:
        half = len(content) // 2
        file.write(content[:half])
        step(f"write on {name}")
        file.write(content[half:])
        file.flush()
        step(f"sync {name}")
        os.fsync(file.fileno())
    part.chmod(0o600)
    step(f"rename {name}")
    part.replace(target)
    step(f"sync directory after {name}")
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the lock of all day files; its own file stays, since removing it would race."""
    descriptor = os.open(root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
