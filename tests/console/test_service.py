"""The process: a first link that only we can read, HTTP/1.1 alone, and no smuggled request."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from pointsman.config import Config, Console, Database
from pointsman.console import service
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from tests.console.browser import EFFECTS

WAIT_S = 20.0


@asynccontextmanager
async def serving(url: str, root: Path) -> AsyncIterator[int]:
    """Run the console's process body on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    config = Config(database=Database(url=url), console=Console(port=port))
    directory = DataDirectory(root, os.getuid())
    operator = HsmClient(str(root / "nobody.sock"), role="operator")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(service.run, config, directory, EFFECTS, operator)
        with trio.fail_after(WAIT_S):
            while (root / service.FIRST_LINK).exists() is False or not await answers(port):  # noqa: ASYNC110
                await trio.sleep(0.05)
        yield port
        nursery.cancel_scope.cancel()


async def answers(port: int) -> bool:
    try:
        return b" 200 " in await said(port, b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
    except OSError:
        return False


async def said(port: int, data: bytes) -> bytes:
    """Send bytes; return what comes until the other side closes or is silent."""
    got = b""
    async with await trio.open_tcp_stream("127.0.0.1", port) as line:
        await line.send_all(data)
        with trio.move_on_after(1.0):
            while more := await line.receive_some():
                got += more
    return got


HEAD = b"POST /sign-in HTTP/1.1\r\nhost: x\r\n"
SMUGGLED = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nX" + SMUGGLED,
        HEAD + b"content-length: 6\r\ncontent-length: 7\r\n\r\n" + SMUGGLED,
        HEAD + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
        HEAD + b"content-length: +6\r\n\r\nabcdef" + SMUGGLED,
        b"GET / HTTP/1.1\r\nhost: x\r\nx: a\r\n b\x00\r\n\r\n" + SMUGGLED,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
async def test_a_smuggled_request_is_not_answered(
    database: str, tmp_path: Path, data: bytes
) -> None:
    async with serving(database, tmp_path) as port:
        got = await said(port, data)
        assert b"pointsman_http_requests_total" not in got
        assert got.count(b"HTTP/1.1 2") == 0
        assert await answers(port)


async def test_the_first_link_is_for_our_eyes_alone(database: str, tmp_path: Path) -> None:
    async with serving(database, tmp_path) as port:
        path = tmp_path / service.FIRST_LINK
        assert path.stat().st_mode & 0o777 == 0o600
        link = path.read_text().strip()
        target = link.partition(f":{port}")[2].encode()
        got = await said(port, b"GET " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b" 200 " in got
