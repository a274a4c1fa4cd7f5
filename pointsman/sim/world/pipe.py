"""One direction of a simulated connection: bytes in order, each with the time of its arrival.

A shell for its event alone. Delays, losses and ends are drawn in network.py.
"""

from collections import deque
from dataclasses import dataclass, field

import trio


@dataclass(slots=True)
class Pipe:
    """One direction: what was sent and has not arrived yet; None is a reset, b"" the end."""

    queue: deque[tuple[float, bytes | None]] = field(default_factory=deque)
    last_at: float = 0.0
    news: trio.Event = field(default_factory=trio.Event)

    def put(self, at: float, data: bytes | None) -> None:
        """Queue what arrives at `at`, or after what was sent before."""
        self.last_at = max(self.last_at, at)
        self.queue.append((self.last_at, data))
        self.news.set()
