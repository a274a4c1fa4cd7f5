"""Terminal connections: bytes in, frames out, and the limits of one peer.

A connection reads frames and hands each to the conductor; answers are put on the connection that
asked, in any order. It knows framing and sockets, no payment. Sockets are accepted by the
supervisor (supervisor.py) and arrive over a control socket; what a frame means is found in
conductor.py.
"""

import socket
from collections import deque
from collections.abc import Callable

import trio

from pointsman import log
from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import Framing
from pointsman.config import Limits
from pointsman.metrics import Metrics

_RECEIVE_SIZE = 65_536
_SWEEP_S = 1.0

Taken = Callable[[bool], None]


class Connection:
    """One terminal's TCP connection: at most `in_flight_per_connection` requests unanswered.

    Each frame that was handed over must be answered by `put` or given up by `drop`, once.
    """

    def __init__(
        self, sock: socket.socket, listener: str, framing: Framing, limits: Limits, outbox: "Outbox"
    ) -> None:
        self.listener = listener
        self.framing = framing
        self.in_flight = 0
        self.closed = False
        self._sock = sock
        self._limits = limits
        self._outbox = outbox
        self._queue: deque[tuple[bytes, Taken | None]] = deque()
        self._resume = trio.Event()
        self._reader_scope = trio.CancelScope()
        self._writer_scope = trio.CancelScope()
        self._last_s = trio.current_time()
        self._frame_started_s: float | None = None

    async def run(self, on_frame: Callable[["Connection", bytes], None]) -> str:
        """Read until the peer hangs up or a limit is passed; return the reason for the end."""
        reason = "limit"
        try:
            with self._reader_scope:
                reason = await self._read(on_frame)
        except OSError:
            reason = "reset"
        self.close()
        return reason

    def put(self, frame: bytes, taken: Taken | None = None) -> None:
        """Send an answer; `taken` is told whether the peer's socket took at least one byte."""
        self.drop()
        if self.closed:
            if taken is not None:
                taken(False)
            return
        self._queue.append((frame, taken))
        self._outbox.wake(self)

    def drop(self) -> None:
        """Give up one frame that gets no answer."""
        self.in_flight -= 1
        self._resume.set()

    def flush(self) -> None:
        """Send what is queued in one call, as far as the socket takes it."""
        if self.closed or not self._queue:
            return
        try:
            sent = self._sock.send(b"".join(part for part, _ in self._queue))
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close()
            return
        while self._queue and sent > 0:
            part, taken = self._queue[0]
            if taken is not None:
                taken(True)
            if sent < len(part):
                self._queue[0] = (part[sent:], None)
                break
            sent -= len(part)
            self._queue.popleft()
        if not self._queue:
            self._resume.set()
            return
        if self.unsent_bytes > self._limits.send_queue_bytes_max:
            self.close()
        else:
            self._outbox.wait_writable(self)

    @property
    def unsent_bytes(self) -> int:
        """How many bytes of answers the peer's socket has not taken."""
        return sum(len(part) for part, _ in self._queue)

    def overstayed(self, now: float) -> bool:
        """Tell whether the peer passed a limit: half a frame too long, or nothing for too long."""
        if self._frame_started_s is not None and now - self._frame_started_s > self._limits.frame_s:
            return True
        return self.in_flight == 0 and now - self._last_s > self._limits.idle_s

    def close(self) -> None:
        """End the connection; answers still queued are told as not taken."""
        if self.closed:
            return
        self.closed = True
        for _, taken in self._queue:
            if taken is not None:
                taken(False)
        self._queue.clear()
        self._reader_scope.cancel()
        self._writer_scope.cancel()
        self._sock.close()

    async def writable(self) -> bool:
        """Wait until the peer reads again, send, and tell whether something is still unsent."""
        if self.closed:
            return False
        self._writer_scope = trio.CancelScope()
        with self._writer_scope:
            await trio.lowlevel.wait_writable(self._sock)
            self.flush()
        return bool(self._queue) and not self.closed

    async def _read(self, on_frame: Callable[["Connection", bytes], None]) -> str:
        reader = self.framing.reader()
        while True:
            await trio.lowlevel.wait_readable(self._sock)
            try:
                data = self._sock.recv(_RECEIVE_SIZE)
            except BlockingIOError:
                continue
            if not data:
                # A peer may close its half after the request: what it waits for is still sent.
                while self.in_flight > 0 or self._queue:
                    await self._next_answer()
                return "closed"
            self._last_s = trio.current_time()
            try:
                frames = reader.feed(data)
            except FrameError as fault:
                for frame in fault.frames:
                    await self._hand_over(frame, on_frame)
                return "frame"
            if reader.pending == 0:
                self._frame_started_s = None
            elif frames or self._frame_started_s is None:
                self._frame_started_s = self._last_s
            for frame in frames:
                await self._hand_over(frame, on_frame)

    async def _hand_over(
        self, frame: bytes, on_frame: Callable[["Connection", bytes], None]
    ) -> None:
        while self.in_flight >= self._limits.in_flight_per_connection or self._queue:
            await self._next_answer()
        self.in_flight += 1
        on_frame(self, frame)

    async def _next_answer(self) -> None:
        self._resume = trio.Event()
        await self._resume.wait()


class Outbox:
    """Sends the answers of all connections: one task, woken once for all that is queued by then."""

    def __init__(self) -> None:
        self._dirty: dict[Connection, None] = {}
        self._stuck: dict[Connection, None] = {}
        self._lot = trio.lowlevel.ParkingLot()
        self._nursery: trio.Nursery | None = None

    def wake(self, connection: Connection) -> None:
        """Let the connection's queue be flushed at the next turn of the loop."""
        self._dirty[connection] = None
        self._lot.unpark()

    def wait_writable(self, connection: Connection) -> None:
        """Go on with the connection when its peer reads again."""
        if connection not in self._stuck and self._nursery is not None:
            self._stuck[connection] = None
            self._nursery.start_soon(self._until_writable, connection)

    async def run(self) -> None:
        """Flush until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            while True:
                dirty, self._dirty = self._dirty, {}
                for connection in dirty:
                    connection.flush()
                if not self._dirty:
                    await self._lot.park()

    async def _until_writable(self, connection: Connection) -> None:
        try:
            while await connection.writable():
                pass
        except OSError:
            connection.close()
        finally:
            del self._stuck[connection]


class Terminals:
    """All terminal connections of one worker: serves them, sweeps them, counts them."""

    def __init__(self, limits: Limits, metrics: Metrics) -> None:
        self.connections: set[Connection] = set()
        self._limits = limits
        self._metrics = metrics
        self._outbox = Outbox()

    async def run(self) -> None:
        """Send answers and end connections that overstay, until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._outbox.run)
            while True:
                await trio.sleep(_SWEEP_S)
                now = trio.current_time()
                for connection in [one for one in self.connections if one.overstayed(now)]:
                    self._metrics.terminal_errors.labels(connection.listener, "timeout").inc()
                    connection.close()

    async def serve(
        self,
        sock: socket.socket,
        listener: str,
        framing: Framing,
        on_frame: Callable[[Connection, bytes], None],
    ) -> None:
        """Serve one accepted socket until it ends."""
        sock.setblocking(False)
        connection = Connection(sock, listener, framing, self._limits, self._outbox)
        self.connections.add(connection)
        gauge = self._metrics.terminal_connections.labels(listener)
        gauge.inc()
        try:
            reason = await connection.run(on_frame)
        finally:
            connection.close()
            self.connections.discard(connection)
            gauge.dec()
        if reason == "frame":
            self._metrics.terminal_errors.labels(listener, "frame").inc()
            log.get().info("terminal_frame_refused", listener=listener, reason="length")
