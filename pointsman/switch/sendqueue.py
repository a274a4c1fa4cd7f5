"""What waits to be written on one connection, and how far the writing has come.

A message can be given up exactly as long as none of its bytes was handed over; after that it may
have reached the peer. Network messages go first, the rest in the order in which it was queued. The
socket and the reasons are acquirers.py.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from msgspec import Struct

WRITE_SIZE_MAX: Final = 65_536  # bytes joined into one write

Item = TypeVar("Item")


class _Frame(Struct, Generic[Item], frozen=True):
    data: bytes
    not_after: float
    item: Item | None  # None: a network message that nobody asks after


@dataclass(slots=True)
class SendQueue(Generic[Item]):
    """Frames in order; the caller writes what `gather` gives and tells `taken` how much went.

    Between `gather` and its `taken` nothing may be put.
    """

    _network: deque[_Frame[Item]] = field(default_factory=deque)
    _frames: deque[_Frame[Item]] = field(default_factory=deque)
    _begun: _Frame[Item] | None = None
    _rest: bytes = b""

    def __bool__(self) -> bool:
        return bool(self._rest or self._network or self._frames)

    def put_network(self, data: bytes) -> None:
        """Queue a network message before everything that was not begun."""
        self._network.append(_Frame(data, float("inf"), None))

    def put(self, data: bytes, not_after: float, item: Item) -> None:
        """Queue a message; it is not begun after `not_after`."""
        self._frames.append(_Frame(data, not_after, item))

    def drop_stale(self, now: float) -> list[Item]:
        """Take out what was not begun in time."""
        if all(frame.not_after >= now for frame in self._frames):
            return []
        stale = [frame for frame in self._frames if frame.not_after < now]
        self._frames = deque(frame for frame in self._frames if frame.not_after >= now)
        return [frame.item for frame in stale if frame.item is not None]

    def gather(self) -> bytes:
        """Return what should be written next, joined; empty when nothing waits."""
        parts = [self._rest] if self._rest else []
        size = len(self._rest)
        for frames in (self._network, self._frames):
            for frame in frames:
                if size >= WRITE_SIZE_MAX:
                    break
                parts.append(frame.data)
                size += len(frame.data)
        return b"".join(parts)

    def taken(self, count: int) -> list[Item]:
        """Note that `count` bytes of `gather` were handed over; return whose last byte went."""
        gone: list[Item] = []
        while count > 0:
            if not self._rest:
                self._begun = (self._network or self._frames).popleft()
                self._rest = self._begun.data
            if count < len(self._rest):
                self._rest = self._rest[count:]
                break
            count -= len(self._rest)
            self._rest = b""
            if self._begun is not None and self._begun.item is not None:
                gone.append(self._begun.item)
            self._begun = None
        return gone

    def clear(self) -> list[Item]:
        """Forget everything: the connection is gone; return what was not begun."""
        unsent = [frame.item for frame in self._frames if frame.item is not None]
        self._network.clear()
        self._frames.clear()
        self._begun, self._rest = None, b""
        return unsent
