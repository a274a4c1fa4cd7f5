"""HTTP/1.1 and nothing else on the console's port, and no connection that ends the process.

A shell. Requests whose end two readers might see at different places are answered 400 and their
connection is closed (RFC 9112, 6.1 and 6.3); offers of HTTP/2 are not taken up. What fails on one
connection ends that one. What surrounds a request that passed is frame.py.
"""

from collections.abc import Awaitable, Callable
from typing import Final, cast

import h11
import hypercorn.protocol
import hypercorn.trio.run
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.trio import serve as serve_by_hypercorn
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.typing import Framework
from starlette.types import ASGIApp

from pointsman import log

BAD_REQUEST: Final = 400
VERSION_NOT_SUPPORTED: Final = 505
_VERSIONS: Final = frozenset({b"1.0", b"1.1"})
_LENGTH, _CODING, _UPGRADE = b"content-length", b"transfer-encoding", b"upgrade"


class Connection(TCPServer):
    """One connection: what fails here is logged and ends here."""

    async def run(self) -> None:
        """Serve it to its end."""
        try:
            await super().run()
        except Exception as error:  # noqa: BLE001  # the outermost frame of its task
            # Only the kind: a text might hold what was sent.
            log.get().warning("connection_failed", error=_kinds(error))

    async def protocol_send(self, event: Event) -> None:
        """Send; another task may be closing the connection at this moment."""
        try:
            await super().protocol_send(event)
        except trio.BusyResourceError:
            await self.protocol.handle(Closed())


def _kinds(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return ",".join(sorted({_kinds(one) for one in error.exceptions}))
    return type(error).__name__


class Http1Protocol(H11Protocol):
    """One connection that speaks HTTP/1.1."""

    async def _check_protocol(self, event: h11.Request) -> None:
        """Change to no other protocol: an offer may be ignored (RFC 9110, 7.8)."""

    async def _create_stream(self, request: h11.Request) -> None:
        status = refused(request)
        if status is None:
            await super()._create_stream(request)
        else:
            await self._send_error_response(status)
            await self.send(Closed())


def refused(request: h11.Request) -> int | None:
    """Return the status of a request that is not taken, None for one that is."""
    if request.http_version not in _VERSIONS:
        return VERSION_NOT_SUPPORTED
    found = dict(request.headers)
    if _LENGTH in found and _CODING in found:
        return BAD_REQUEST
    if found.get(_UPGRADE, b"").strip().lower() == b"websocket":
        return BAD_REQUEST  # there are none here, and Hypercorn would change to them
    return None


async def serve(app: ASGIApp, config: Config, stop: Callable[[], Awaitable[None]]) -> None:
    """Serve `app` until `stop` returns."""
    # Hypercorn has no setting for either: each connection takes its classes from these names.
    hypercorn.trio.run.TCPServer = Connection  # type: ignore[attr-defined]  # its seam
    hypercorn.protocol.H11Protocol = Http1Protocol  # type: ignore[attr-defined]  # its seam
    # Hypercorn's own type of an application is narrower than ASGI's.
    await serve_by_hypercorn(cast("Framework", app), config, shutdown_trigger=stop, mode="asgi")
