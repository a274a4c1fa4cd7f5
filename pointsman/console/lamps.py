"""Fetches the workers' metrics pages for the links' lamps: plain HTTP on this machine.

A shell. A page that does not come in time is left out, and what was fetched is kept for a moment,
so that a hundred readers cost the workers as much as one. What it means is in linklook.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import h11
import trio

from pointsman.console import linklook
from pointsman.effects import Effects

FETCH_S: Final = 1.0
KEPT_S: Final = 2.0
PAGE_SIZE_MAX: Final = 4 * 2**20
_PIECE_SIZE: Final = 65_536

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: `pages` of `expected` workers answered."""

    links: Sequence[linklook.Link]
    lines: Sequence[linklook.Line]
    pages: int
    expected: int


class Lamps:
    """The links of this machine's workers; `addresses` is empty where metrics are turned off."""

    def __init__(self, addresses: Sequence[Address], echo_s: float, effects: Effects) -> None:
        self.echo_s = echo_s
        self._addresses = addresses
        self._effects = effects
        self._turn = trio.Lock()
        self._kept: Look | None = None
        self._good_until = -1.0

    async def look(self) -> Look:
        """Return what the metrics say now, at most KEPT_S old."""
        async with self._turn:
            if self._kept is None or trio.current_time() > self._good_until:
                self._kept = await self._fetched()
                self._good_until = trio.current_time() + KEPT_S
            return self._kept

    async def _fetched(self) -> Look:
        pages: list[str] = []

        async def one(address: Address) -> None:
            with trio.move_on_after(FETCH_S):
                page = await _page(address)
                if page is not None and linklook.is_readable(page):
                    pages.append(page)

        async with trio.open_nursery() as nursery:
            for address in self._addresses:
                nursery.start_soon(one, address)
        links, lines = linklook.read(pages, self._effects.now().timestamp())
        return Look(links, lines, len(pages), len(self._addresses))


async def _page(address: Address) -> str | None:
    """Return a metrics page, None where none is to be had."""
    host, port = address
    try:
        async with await trio.open_tcp_stream(host, port) as stream:
            talk = h11.Connection(h11.CLIENT)
            head = [("host", f"{host}:{port}"), ("connection", "close")]
            request = h11.Request(method="GET", target="/metrics", headers=head)
            data = talk.send(request)
            assert data is not None
            await stream.send_all(data + (talk.send(h11.EndOfMessage()) or b""))
            body = b""
            while True:
                match talk.next_event():
                    case h11.NEED_DATA:
                        talk.receive_data(await stream.receive_some(_PIECE_SIZE))
                    case h11.Response(status_code=status) if status != 200:  # noqa: PLR2004
                        return None
                    case h11.Data(data=piece):
                        body += piece
                        if len(body) > PAGE_SIZE_MAX:
                            return None
                    case h11.EndOfMessage():
                        return body.decode()
                    case h11.ConnectionClosed():
                        return None
                    case _:
                        pass
    except (OSError, trio.BrokenResourceError, h11.RemoteProtocolError, UnicodeDecodeError):
        return None
