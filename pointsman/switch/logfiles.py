"""The children's log files: kept below a size, a few old ones beside the current.

A shell. A child writes to its file directly (opened for appending), so that a stopped supervisor
cannot hold it up; a file that is too long is copied aside and cut to nothing. What is logged, and
what never is, is said in log.py.
"""

import os
import shutil
from pathlib import Path

import trio

from pointsman import log

LOG_SIZE_MAX = 16 * 1024 * 1024
LOG_OLD_FILES_MAX = 3  # worker-0.log.1 is the youngest
LOOK_EVERY_S = 2.0


async def rotate_for_ever(directory: Path) -> None:
    """Look at the log files of `directory` every two seconds."""
    while True:
        await trio.sleep(LOOK_EVERY_S)
        try:
            await trio.to_thread.run_sync(rotate, directory, LOG_SIZE_MAX)
        except OSError as error:  # a full disk, say: the logs stay as they are, the house runs on
            log.get().warning("logs_not_rotated", directory=directory.name, code=error.errno)


def rotate(directory: Path, size_max: int) -> None:
    """Copy aside and empty each log file in `directory` that is longer than `size_max`."""
    for path in sorted(directory.glob("*.log")):
        if path.stat().st_size > size_max:
            _shift(path)


def _shift(path: Path) -> None:
    for number in range(LOG_OLD_FILES_MAX - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    # What is written between the copy and this line is lost: a few lines of a log, no record.
    os.truncate(path, 0)
