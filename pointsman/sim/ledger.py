"""A ledger on disk: one JSON object a line, only ever added to, durable before anybody goes on.

A shell. ``write`` returns when the row is on the disk; rows that wait together share one fsync in a
thread. What the rows mean is said where they are made. A line that a crash cut short is dropped at
the next opening: nobody acted on it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import msgspec
import trio

PERMISSIONS: Final = 0o600
SEARCH_STEP_BYTES: Final = 65_536


class LedgerError(ValueError):
    """A ledger with a line that is not one of its rows; the text names file and line."""


Row = TypeVar("Row", bound=msgspec.Struct)


class Ledger(Generic[Row]):
    """One open ledger file; one process writes it."""

    def __init__(self, path: Path, decoder: msgspec.json.Decoder[Row]) -> None:
        self._path = path
        self._decoder = decoder
        self._encoder = msgspec.json.Encoder()
        self._lock = trio.Lock()
        self._lines: list[bytes] = []
        self._added = 0
        self._durable = 0
        self._fd = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, PERMISSIONS)
        _drop_torn_line(self._fd)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._write_out(self._take())
        os.close(self._fd)

    def rows(self) -> Iterator[Row]:
        """Read every row that is on the disk, oldest first; raises LedgerError."""
        return read_rows(self._path, self._decoder)

    def add(self, row: Row) -> None:
        """Queue a row behind the others; durable after the next ``flush`` or at closing."""
        self._lines.append(self._encoder.encode(row) + b"\n")
        self._added += 1

    async def write(self, row: Row) -> None:
        """Queue a row and wait until it and all before it are on the disk."""
        self.add(row)
        await self.flush()

    async def flush(self) -> None:
        """Wait until all that was queued so far is on the disk."""
        ticket = self._added
        async with self._lock:
            if self._durable >= ticket:
                return  # whoever held the lock before took our rows along
            # Taken here: what another task adds while the thread writes is for the next flush.
            reached, lines = self._added, self._take()
            with trio.CancelScope(shield=True):  # half a write helps nobody, and it is short
                await trio.to_thread.run_sync(self._write_out, lines)
            self._durable = reached

    def _take(self) -> list[bytes]:
        lines, self._lines = self._lines, []
        return lines

    def _write_out(self, lines: list[bytes]) -> None:
        data = memoryview(b"".join(lines))
        while data:
            data = data[os.write(self._fd, data) :]
        if lines:
            os.fsync(self._fd)


def read_rows(path: Path, decoder: msgspec.json.Decoder[Row]) -> Iterator[Row]:
    """Read the rows of a ledger file, oldest first; raises LedgerError."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return  # being written, or cut short by a crash
            try:
                yield decoder.decode(line)
            except msgspec.MsgspecError as error:
                raise LedgerError(f"{path}:{number}: {error}") from None


def _drop_torn_line(fd: int) -> None:
    size = end = os.fstat(fd).st_size
    while end > 0:
        start = max(0, end - SEARCH_STEP_BYTES)
        at = os.pread(fd, end - start, start).rfind(b"\n")
        if at >= 0:
            end = start + at + 1
            break
        end = start
    if end != size:
        os.ftruncate(fd, end)
