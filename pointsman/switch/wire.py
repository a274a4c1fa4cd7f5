"""The network seam of a link to a peer: bytes in, bytes out, over one TCP connection.

A raw non-blocking socket under Trio's readiness waits: half the cost of a stream (measured). TLS
and a simulated link are further classes of the same shape. Frames, messages and reconnecting are
acquirers.py.
"""

import socket
from typing import Final, Protocol

import trio

from pointsman.switch.gathering import Gathering

RECEIVE_SIZE: Final = 8_192  # some fifty answers: HSM and journal begin while the next are read
KEEPALIVE_IDLE_S: Final = 30
KEEPALIVE_INTERVAL_S: Final = 10
KEEPALIVE_COUNT: Final = 3
UNACKNOWLEDGED_MS: Final = 20_000  # TCP_USER_TIMEOUT: sent bytes that nobody acknowledges


class Wire(Protocol):
    """One connection. `receive`, `send_some` and `wait_writable` raise OSError when it is gone."""

    async def receive(self) -> bytes:
        """Wait for bytes; return none at the end of the connection."""
        ...

    def send_some(self, data: bytes) -> int:
        """Hand over what the connection takes now; return how many bytes, 0 when it is full."""
        ...

    async def wait_writable(self) -> None:
        """Wait until `send_some` would take something."""
        ...

    def close(self) -> None:
        """Close; whoever waits is woken with an error."""
        ...


class SocketWire:
    """A `Wire` on a connected TCP socket, which it owns from now on."""

    def __init__(self, connected: socket.socket, gathering: Gathering | None = None) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._gathering = gathering or Gathering()
        self._full = False

    async def receive(self) -> bytes:
        """Wait for bytes; return none at the end of the connection."""
        while True:
            if self._full:  # more is waiting already
                await trio.lowlevel.checkpoint()
            elif not await self._gathering.rest():
                await trio.lowlevel.wait_readable(self._socket)
            try:
                data = self._socket.recv(RECEIVE_SIZE)
            except BlockingIOError:
                self._full = False
                continue
            self._full = len(data) == RECEIVE_SIZE
            return data

    def send_some(self, data: bytes) -> int:
        """Hand over what the kernel takes now; return how many bytes."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0

    async def wait_writable(self) -> None:
        """Wait until the kernel has room."""
        await trio.lowlevel.wait_writable(self._socket)

    def close(self) -> None:
        """Close the socket and wake whoever waits for it."""
        if self._socket.fileno() >= 0:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()


async def dial(host: str, port: int, gathering: Gathering | None = None) -> Wire:
    """Connect to a peer; raises OSError. The caller bounds the time.

    The connection is read when `gathering` says.
    """
    stream = await trio.open_tcp_stream(host, port)
    connected = socket.socket(fileno=stream.socket.detach())
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_COUNT)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
    return SocketWire(connected, gathering)
