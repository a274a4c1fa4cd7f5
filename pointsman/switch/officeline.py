"""A worker's local socket for the back office: one order a connection, from our own user alone.

A shell. The kernel says who connects (SO_PEERCRED, unix(7)): that stands in the place of a MAC.
What is done with an order is refunddesk.py; frames are pointsman/handover.py.
"""

import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import trio

from pointsman import handover, log
from pointsman.handover import RefundAnswer, RefundOrder

LINES_MAX: Final = 32
"""Orders under way at once; more wait at the socket."""
BACKLOG: Final = 64
ORDER_S: Final = 5.0
"""How long a connection may take to say its order."""
_CREDENTIALS: Final = "3i"  # pid, uid, gid
_MODE: Final = 0o600

Refund = Callable[[RefundOrder], Awaitable[str]]


async def serve(
    path: Path,
    refund: Refund,
    *,
    uid: int | None = None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Listen at `path` until cancelled; orders of another user than `uid` (ours) are refused."""
    ours = os.getuid() if uid is None else uid
    with trio.socket.from_stdlib_socket(_listener(path)) as listener:
        places = trio.Semaphore(LINES_MAX)
        try:
            async with trio.open_nursery() as nursery:
                task_status.started()
                while True:
                    await places.acquire()
                    line, _ = await listener.accept()
                    nursery.start_soon(_serve_one, line, refund, places, ours)
        finally:
            _remove(path)


def _listener(path: Path) -> socket.socket:
    """Return a socket that listens at `path`; nobody else listens there: we are the one worker."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # a worker may be started by hand
    _remove(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    listener.bind(str(path))
    path.chmod(_MODE)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _serve_one(
    line: trio.socket.SocketType, refund: Refund, places: trio.Semaphore, ours: int
) -> None:
    """Take one order, answer it; whatever is wrong with the line ends this line alone."""
    try:
        with line:
            size = struct.calcsize(_CREDENTIALS)
            raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
            _, peer, _ = struct.unpack(_CREDENTIALS, raw)
            if peer != ours:
                log.get().warning("office_refused", user=peer)
                return
            with trio.fail_after(ORDER_S):
                prefix = await _exactly(line, handover.SIZE_BYTES)
                order = handover.order_of(await _exactly(line, handover.size_of(prefix)))
            code = await refund(order)
            data = handover.frame(RefundAnswer(code))
            while data:
                data = data[await line.send(data) :]
    except (OSError, EOFError, trio.TooSlowError, handover.FrameTooLargeError) as fault:
        log.get().info("office_line_ended", reason=type(fault).__name__)
    except msgspec.DecodeError:
        log.get().warning("office_order_unreadable")
    finally:
        places.release()


async def _exactly(line: trio.socket.SocketType, size: int) -> bytes:
    """Return so many bytes; raises EOFError where the line ends before."""
    data = b""
    while len(data) < size:
        more = await line.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data
