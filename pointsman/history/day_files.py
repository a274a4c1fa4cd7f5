"""The files of the history's settled days on the disk, the same as a house writes them.

A shell. settlement/disk.py waits for the disk after each file; a history that is cut short is begun
anew, so that it need not. What the files say is settlement/files.py.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path


async def put_down(root: Path, day: date, files: Mapping[str, bytes]) -> Path:
    """Write the files of a day as settlement/disk.py does, but for the waits for the disk."""
    directory = root / day.isoformat()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        file = directory / name
        file.write_bytes(content)
        file.chmod(0o600)
    return directory
