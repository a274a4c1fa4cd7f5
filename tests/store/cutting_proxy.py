"""A proxy before PostgreSQL's socket that cuts a connection at a chosen moment.

It stands for a network that fails between a commit and its answer. PostgreSQL's protocol is not
looked into: what the client writes at once is a statement, what comes back is its answer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import trio


class Cut(Enum):
    """What happens to the next statement."""

    NONE = "pass everything"
    BEFORE = "the statement never reaches the server"
    AFTER = "the server carries it out, its answer is lost"
    LATE = "the client loses its connection, and later the server gets the statement"


class CuttingProxy:
    """Passes bytes until `cut` is set; then cuts once and passes again."""

    def __init__(self, server_socket: str) -> None:
        self.cut = Cut.NONE
        self.cuts = 0
        self._server_socket = server_socket
        self._losing: set[trio.SocketStream] = set()
        self._left_behind: list[tuple[trio.SocketStream, bytes]] = []

    async def handle(self, client: trio.SocketStream) -> None:
        server = await trio.open_unix_socket(self._server_socket)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._pass_on, server, client, nursery.cancel_scope)
                await self._statements(client, server)
                nursery.cancel_scope.cancel()
        finally:
            kept = any(server is left for left, _ in self._left_behind)
            with trio.CancelScope(shield=True):
                await client.aclose()
                if not kept:
                    await server.aclose()

    async def _statements(self, client: trio.SocketStream, server: trio.SocketStream) -> None:
        try:
            async for data in client:
                cut, self.cut = self.cut, Cut.NONE
                if cut is Cut.NONE:
                    await server.send_all(data)
                    continue
                self.cuts += 1
                if cut is Cut.AFTER:
                    self._losing.add(server)
                    await server.send_all(data)
                    await trio.sleep_forever()  # until the answer came and was dropped
                elif cut is Cut.LATE:
                    self._left_behind.append((server, bytes(data)))
                return
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return

    async def deliver_late(self) -> bool:
        """Bring what was held back to the server; say whether the server still took it."""
        server, data = self._left_behind.pop()
        try:
            await server.send_all(data)
            with trio.move_on_after(1):
                return await server.receive_some() != b""
        except trio.BrokenResourceError:
            return False
        finally:
            await server.aclose()
        return True

    async def forget(self) -> None:
        """Close what was held back and never delivered."""
        while self._left_behind:
            await self._left_behind.pop()[0].aclose()

    async def _pass_on(
        self, server: trio.SocketStream, client: trio.SocketStream, scope: trio.CancelScope
    ) -> None:
        """Bring answers to the client, but not the one that is to be lost."""
        try:
            async for data in server:
                if server in self._losing:
                    break
                await client.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()


@asynccontextmanager
async def cutting_proxy(url: str, directory: Path) -> AsyncIterator[tuple[CuttingProxy, str]]:
    """Run a proxy; gives it and the address that leads through it."""
    (where,) = parse_qs(urlsplit(url).query)["host"]
    proxy = CuttingProxy(f"{where}/.s.PGSQL.5432")
    listener = trio.socket.socket(trio.socket.AF_UNIX)
    await listener.bind(str(directory / ".s.PGSQL.5432"))
    listener.listen(20)
    through = url.split("?", maxsplit=1)[0] + "?host=" + quote(str(directory), safe="")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, proxy.handle, [trio.SocketListener(listener)])
        yield proxy, through
        nursery.cancel_scope.cancel()
    await proxy.forget()
