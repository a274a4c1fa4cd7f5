"""The house's workers as the back office sees them: local sockets that take orders.

A shell. A worker that does not take a connection is passed over for the next; once an order was
said, its fate is the journal's, and no other worker is asked. Frames are pointsman/handover.py.
"""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import trio

from pointsman import handover
from pointsman.handover import ABSENT, RefundOrder

CONNECT_S = 1.0
ANSWER_S = 20.0
"""After that the order is followed up by the journal's own machinery, and shown as pending."""


class Orders(Protocol):
    """Takes orders of money."""

    async def refund(self, order: RefundOrder) -> str | None:
        """Return field 39, `ABSENT` where it is not known yet, None where nobody took the order."""


class Workers:
    """Workers behind their sockets."""

    def __init__(self, sockets: Sequence[Path]) -> None:
        self._sockets = sockets

    async def refund(self, order: RefundOrder) -> str | None:
        """See Orders."""
        first = zlib.crc32(order.mid.encode()) % max(1, len(self._sockets))
        for path in (*self._sockets[first:], *self._sockets[:first]):
            line: trio.SocketStream | None = None
            with trio.move_on_after(CONNECT_S):
                try:
                    line = await trio.open_unix_socket(str(path))
                except OSError:
                    continue
            if line is not None:
                return await _said(line, order)
        return None


async def _said(line: trio.SocketStream, order: RefundOrder) -> str:
    with trio.move_on_after(ANSWER_S):
        try:
            async with line:
                await line.send_all(handover.frame(order))
                size = handover.size_of(await _exactly(line, handover.SIZE_BYTES))
                return handover.answer_of(await _exactly(line, size)).code
        except (trio.BrokenResourceError, EOFError, ValueError, msgspec.DecodeError):
            return ABSENT
    return ABSENT


async def _exactly(line: trio.SocketStream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = await line.receive_some(size - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)
