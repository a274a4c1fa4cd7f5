"""Listening sockets of the supervisor: accept a connection, hand it to a worker, keep no copy.

A shell. Which worker and how many is decided in balance.py; what a terminal says is read by the
worker (terminals.py). Every listener listens before the first child starts, so that a busy port is
told at once; until a worker is ready, connections wait in the kernel's queue.
"""

import errno
import socket
from collections.abc import Callable, Mapping

import trio

from pointsman import log
from pointsman.metrics import SupervisorMetrics
from pointsman.switch.balance import Connections, Refusal

BACKLOG = 4096  # connections that wait for us in the kernel; net.core.somaxconn caps it
ACCEPTED_IN_A_ROW_MAX = 64  # then other tasks have their turn
NO_DESCRIPTORS_PAUSE_S = 0.1
FULL_PAUSE_S = 0.02
FULL_TRIES = 50  # one second in all: a stopped worker must not hold the others' connections

_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_FULL = {errno.EAGAIN, errno.ETOOMANYREFS, errno.ENOBUFS, errno.ENOMEM}


class PortBusyError(RuntimeError):
    """A port is taken; the message names the address and the key that changes it."""

    def __init__(self, host: str, port: int, key: str, reason: str) -> None:
        variable = "POINTSMAN_" + key.upper().replace(".", "_")
        super().__init__(
            f"cannot listen on {host} port {port}: {reason}; change {key} (or {variable})"
        )


def listen(host: str, port: int, *, key: str) -> socket.socket:
    """Return a listening socket; raises `PortBusyError`, which names the setting `key`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)  # with SO_REUSEADDR it is here that a busy port shows
    except OSError as error:
        listener.close()
        raise PortBusyError(host, port, key, error.strerror or "not possible") from None
    listener.setblocking(False)
    return listener


def check_free(host: str, port: int, *, key: str) -> None:
    """Raise `PortBusyError` where a child could not listen on `port`."""
    listen(host, port, key=key).close()


def peer_text(address: tuple[str | int, ...]) -> str:
    """Return ``127.0.0.1:40001`` or ``[::1]:40001``."""
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"


def host_of(peer: str) -> str:
    """Return the host of a `peer_text`."""
    return peer.rpartition(":")[0]


class Listener:
    """One listening socket. `workers()` gives the control sockets of the workers that are ready."""

    def __init__(
        self,
        name: str,
        listening: socket.socket,
        connections: Connections,
        workers: Callable[[], Mapping[str, socket.socket]],
        metrics: SupervisorMetrics,
    ) -> None:
        self.name = name
        self.host, self.port = listening.getsockname()[:2]
        self._socket = listening
        self._connections = connections
        self._workers = workers
        self._metrics = metrics
        for refusal in Refusal:
            metrics.connections_refused.labels(name, refusal.value)

    async def run(self, worker_ready: Callable[[], trio.Event]) -> None:
        """Accept for ever; while no worker is ready, connections wait in the kernel's queue."""
        try:
            while True:
                await worker_ready().wait()
                await trio.lowlevel.wait_readable(self._socket)
                if worker_ready().is_set():
                    await self._accept_some()
        finally:
            self._socket.close()

    async def _accept_some(self) -> None:
        for _ in range(ACCEPTED_IN_A_ROW_MAX):
            try:
                accepted, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _NO_ROOM:
                    log.get().warning("accept_paused", listener=self.name, code=error.errno)
                    await trio.sleep(NO_DESCRIPTORS_PAUSE_S)
                    return
                continue  # this one connection was already gone (ECONNABORTED and its like)
            with accepted:
                await self._place(accepted, peer_text(address))

    async def _place(self, accepted: socket.socket, peer: str) -> None:
        """Give the connection to the least loaded worker that takes it, or refuse it."""
        refusal = self._connections.refusal(host_of(peer))
        if refusal is None:
            label = f"{self.name}\0{peer}".encode()
            for _ in range(FULL_TRIES):
                worker = self._offer(accepted, label)
                if worker:
                    self._connections.opened(worker, self.name, host_of(peer))
                    return
                await trio.sleep(FULL_PAUSE_S)
            refusal = Refusal.NO_WORKER
        self._metrics.connections_refused.labels(self.name, refusal.value).inc()
        log.get().info("connection_refused", listener=self.name, peer=peer, reason=refusal.value)

    def _offer(self, accepted: socket.socket, label: bytes) -> str | None:
        """Send the socket to the first worker with room for it; return that worker's name."""
        workers = self._workers()
        for name in self._connections.order(workers):
            try:
                socket.send_fds(workers[name], [label], [accepted.fileno()])
            except OSError as error:
                if error.errno not in _FULL:
                    # It just ended; its successor is not in `workers` before it is ready.
                    log.get().info("handover_failed", name=name, code=error.errno)
                continue
            return name
        return None
