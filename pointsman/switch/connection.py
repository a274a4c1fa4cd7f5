"""One terminal connection: bytes in, frames out, and the limits of one peer.

It never waits: it is told when its socket has bytes (`receive`) or room (`flush`) and tells its
exchange what it wants to hear of. Who waits for all connections at once is terminals.py; what a
frame means is found in reception.py.
"""

import socket
from collections.abc import Callable
from typing import Final, Protocol

from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import Framing
from pointsman.config import Limits

_RECEIVE_SIZE: Final = 65_536

Taken = Callable[[bool], None]


class Exchange(Protocol):
    """What waits for a connection's socket, and gives it its turns."""

    def listen(self, connection: "Connection") -> None:
        """Call `receive` whenever there are bytes."""

    def pause(self, connection: "Connection") -> None:
        """Call it no more."""

    def wake(self, connection: "Connection") -> None:
        """Call `turn` at the next turn of the loop."""

    def wait_writable(self, connection: "Connection") -> None:
        """Call `turn` when the peer reads again."""


class Connection:
    """One terminal's TCP connection: at most `in_flight_per_connection` requests unanswered.

    Each frame that was handed over must be answered by `put` or given up by `drop`, once. `on_end`
    is told once why it ended: closed, reset, frame, limit.
    """

    __slots__ = (
        *("_backlog", "_exchange", "_frame_started_s", "_last_s", "_last_words", "_limits"),
        *("_listens", "_on_end", "_on_frame", "_queue", "_reader", "closed", "framing"),
        *("in_flight", "listener", "sock"),
    )

    def __init__(
        self,
        sock: socket.socket,
        listener: str,
        framing: Framing,
        limits: Limits,
        exchange: Exchange,
        *,
        on_frame: Callable[["Connection", bytes], None],
        on_end: Callable[["Connection", str], None],
        now: float,
    ) -> None:
        self.sock = sock
        self.listener = listener
        self.framing = framing
        self.in_flight = 0
        self.closed = False
        self._limits = limits
        self._exchange = exchange
        self._on_frame = on_frame
        self._on_end = on_end
        self._reader = framing.reader()
        self._backlog: list[bytes] = []  # frames that wait until earlier ones are answered
        self._queue: list[tuple[bytes, Taken | None]] = []
        self._last_words = ""  # why it ends when nothing is left to be done
        self._last_s = now
        self._frame_started_s: float | None = None
        self._listens = True
        exchange.listen(self)

    def receive(self, now: float) -> None:
        """Take the bytes that are there; hand over the frames that are whole."""
        try:
            data = self.sock.recv(_RECEIVE_SIZE)
        except BlockingIOError:
            return
        except OSError:
            self.close("reset")
            return
        if not data:
            # A peer may close its half after the request: what it waits for is still sent.
            self._read_no_more("closed")
            return
        self._last_s = now
        reader = self._reader
        try:
            frames = reader.feed(data)
        except FrameError as fault:
            self._backlog += fault.frames
            self._read_no_more("frame")
            return
        if reader.pending == 0:
            self._frame_started_s = None
        elif frames or self._frame_started_s is None:
            self._frame_started_s = now
        if len(frames) == 1 and not self._backlog and self._has_room():
            self.in_flight += 1
            self._on_frame(self, frames[0])
        elif frames:
            self._backlog += frames
            self._hand_over()

    def put(self, frame: bytes, taken: Taken | None = None) -> None:
        """Send an answer; `taken` is told whether the peer's socket took at least one byte."""
        self.in_flight -= 1
        if self.closed:
            if taken is not None:
                taken(False)
            return
        self._queue.append((frame, taken))
        self._exchange.wake(self)

    def drop(self) -> None:
        """Give up one frame that gets no answer."""
        self.in_flight -= 1
        if (self._backlog or self._last_words) and not self.closed:
            self._exchange.wake(self)

    def turn(self) -> None:
        """Send what is queued, then go on with what waited for it."""
        if self._queue:
            self._flush()
        if self._backlog or self._last_words:
            self._hand_over()

    @property
    def unsent_bytes(self) -> int:
        """How many bytes of answers the peer's socket has not taken."""
        return sum(len(part) for part, _ in self._queue)

    def overstayed(self, now: float) -> bool:
        """Tell whether the peer passed a limit: half a frame too long, or nothing for too long."""
        if self._frame_started_s is not None and now - self._frame_started_s > self._limits.frame_s:
            return True
        return self.in_flight == 0 and now - self._last_s > self._limits.idle_s

    def close(self, reason: str = "limit") -> None:
        """End the connection; answers still queued are told as not taken."""
        if self.closed:
            return
        self.closed = True
        self._listen(False)
        queue, self._queue = self._queue, []
        self._backlog = []
        for _, taken in queue:
            if taken is not None:
                taken(False)
        self.sock.close()
        self._on_end(self, reason)

    def _has_room(self) -> bool:
        return self.in_flight < self._limits.in_flight_per_connection and not self._queue

    def _hand_over(self) -> None:
        """Hand over what is whole, as far as the limit of unanswered requests lets it."""
        count = 0
        while count < len(self._backlog) and self._has_room():
            self.in_flight += 1
            count += 1
            self._on_frame(self, self._backlog[count - 1])
        del self._backlog[:count]
        if self.closed:
            return
        if not self._last_words:
            self._listen(not self._backlog)
        elif not self._backlog and (
            self._last_words == "frame" or not (self.in_flight or self._queue)
        ):
            self.close(self._last_words)

    def _read_no_more(self, reason: str) -> None:
        self._last_words = reason
        self._frame_started_s = None
        self._listen(False)
        self._hand_over()

    def _listen(self, wanted: bool) -> None:
        if wanted is not self._listens:
            self._listens = wanted
            if wanted:
                self._exchange.listen(self)
            else:
                self._exchange.pause(self)

    def _flush(self) -> None:
        """Send what is queued in one call, as far as the socket takes it."""
        queue = self._queue
        data = queue[0][0] if len(queue) == 1 else b"".join([part for part, _ in queue])
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close("reset")
            return
        gone = 0
        for part, taken in queue:
            if sent <= 0:
                break
            if taken is not None:
                taken(True)
            if sent < len(part):
                queue[gone] = (part[sent:], None)
                break
            sent -= len(part)
            gone += 1
        del queue[:gone]
        if not queue:
            return
        if self.unsent_bytes > self._limits.send_queue_bytes_max:
            self.close()
        else:
            self._exchange.wait_writable(self)
