"""All terminal connections of one worker: waits for their sockets, sweeps them, counts them.

Sockets are accepted by the supervisor (supervisor.py) and arrive over a control socket. One task
waits for all that have bytes, one sends all answers: no task for a connection, since a turn of the
loop and a change of what the kernel watches cost as much as the bytes themselves. What one
connection does with its turns is connection.py.
"""

import select
import socket
from collections.abc import Callable
from typing import Final

import trio

from pointsman import log
from pointsman.codecs.framing import Framing
from pointsman.config import Limits
from pointsman.metrics import Metrics
from pointsman.switch.connection import Connection
from pointsman.switch.gathering import Gathering

_SWEEP_S: Final = 1.0
READY_MAX: Final = 32  # connections read in one turn: HSM and journal begin while others are read


class Terminals:
    """Serves terminal connections while `run` does; the `Exchange` of all of them."""

    def __init__(
        self, limits: Limits, metrics: Metrics, gathering: Gathering | None = None
    ) -> None:
        self.connections: set[Connection] = set()
        self._limits = limits
        self._metrics = metrics
        self._gathering = gathering or Gathering()
        # Level-triggered and registered once for each connection; Trio waits for it alone.
        self._epoll = select.epoll()
        self._listening: dict[int, Connection] = {}
        self._dirty: dict[Connection, None] = {}
        self._stuck: dict[Connection, trio.CancelScope] = {}
        self._lot = trio.lowlevel.ParkingLot()
        self._nursery: trio.Nursery | None = None

    async def run(self) -> None:
        """Read, answer, and end connections that overstay, until cancelled."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(self._read)
                nursery.start_soon(self._send)
                await self._sweep()
        finally:
            self._nursery = None
            for connection in list(self.connections):
                connection.close("stopped")
            self._epoll.close()

    def serve(
        self,
        sock: socket.socket,
        listener: str,
        framing: Framing,
        on_frame: Callable[[Connection, bytes], None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Serve one accepted socket; `on_end` is called once when it has ended."""
        gauge = self._metrics.terminal_connections.labels(listener)

        def ended(connection: Connection, reason: str) -> None:
            self.connections.discard(connection)
            self._dirty.pop(connection, None)
            if connection in self._stuck:
                self._stuck[connection].cancel()
            gauge.dec()
            if reason == "frame":
                self._metrics.terminal_errors.labels(listener, "frame").inc()
                log.get().info("terminal_frame_refused", listener=listener, reason="length")
            on_end()

        sock.setblocking(False)
        gauge.inc()
        now = trio.current_time()
        connection = Connection(
            sock, listener, framing, self._limits, self, on_frame=on_frame, on_end=ended, now=now
        )
        self.connections.add(connection)

    # ------------------------------------------------------- what connections ask of us (Exchange)

    def listen(self, connection: Connection) -> None:
        """Read this connection whenever it has bytes."""
        descriptor = connection.sock.fileno()
        self._listening[descriptor] = connection
        self._epoll.register(descriptor, select.EPOLLIN)

    def pause(self, connection: Connection) -> None:
        """Read this connection no more."""
        descriptor = connection.sock.fileno()
        del self._listening[descriptor]
        self._epoll.unregister(descriptor)

    def wake(self, connection: Connection) -> None:
        """Give the connection its turn when everything that is ready now was looked at."""
        if not self._dirty:
            self._lot.unpark()
        self._dirty[connection] = None

    def wait_writable(self, connection: Connection) -> None:
        """Go on with the connection when its peer reads again."""
        if connection not in self._stuck and self._nursery is not None:
            self._stuck[connection] = trio.CancelScope()
            self._nursery.start_soon(self._until_writable, connection)

    # --------------------------------------------------------------------------------------- tasks

    async def _read(self) -> None:
        full = False
        while True:
            if full:  # more is waiting already
                await trio.lowlevel.checkpoint()
            elif not await self._gathering.rest():
                await trio.lowlevel.wait_readable(self._epoll.fileno())
            now = trio.current_time()
            found = self._epoll.poll(0, READY_MAX)
            for descriptor, _ in found:
                # One connection's frame may have ended another.
                connection = self._listening.get(descriptor)
                if connection is not None:
                    connection.receive(now)
            self._gathering.note(len(found))
            full = len(found) == READY_MAX

    async def _send(self) -> None:
        while True:
            dirty, self._dirty = self._dirty, {}
            for connection in dirty:
                connection.turn()
            if self._dirty:
                await trio.lowlevel.checkpoint()
            else:
                await self._lot.park()

    async def _until_writable(self, connection: Connection) -> None:
        try:
            with self._stuck[connection]:
                await trio.lowlevel.wait_writable(connection.sock)
        finally:
            del self._stuck[connection]
        if not connection.closed:
            connection.turn()

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(_SWEEP_S)
            now = trio.current_time()
            for connection in [one for one in self.connections if one.overstayed(now)]:
                self._metrics.terminal_errors.labels(connection.listener, "timeout").inc()
                connection.close()
