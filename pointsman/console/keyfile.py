"""The key file of the back office in the data directory, made at the first start.

A shell: reads and writes one file. What is sealed with it is in seal.py. Losing the file makes
every person enrol again; nothing about money depends on it.
"""

import os
from pathlib import Path

from pointsman.console.seal import KEY_SIZE
from pointsman.effects import Effects

NAME = "console.key"
_MODE = 0o600


class KeyFileError(Exception):
    """The key file cannot be used; the text says why."""


def load(root: Path, effects: Effects) -> bytes:
    """Return the key of this data directory, made where there is none."""
    path = root / NAME
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyFileError(f"cannot make {path}: {error.strerror}") from None
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(effects.random_bytes(KEY_SIZE).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileError(f"{path} may be read by others: chmod 600 it")
        key = bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError):
        raise KeyFileError(f"cannot read {path}") from None
    if len(key) != KEY_SIZE:
        raise KeyFileError(f"{path} does not hold {KEY_SIZE} bytes")
    return key
