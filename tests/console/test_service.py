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
from pointsman.console.app import make_app
from pointsman.console.http1 import serve
from pointsman.directory import DataDirectory
from pointsman.hsm.client import HsmClient
from tests.console.browser import EFFECTS, furnished

WAIT_S = 60.0


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


async def test_a_head_without_end_is_refused_and_disturbs_nobody(
    database: str, tmp_path: Path
) -> None:
    async with serving(database, tmp_path) as port:
        got = await said(port, b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 200_000)
        assert got.count(b"HTTP/1.1 2") == 0
        many = b"".join(b"x-%d: a\r\n" % number for number in range(20_000))
        got = await said(port, b"GET / HTTP/1.1\r\nhost: x\r\n" + many + b"\r\n")
        assert got.count(b"HTTP/1.1 2") == 0
        assert await answers(port)


async def test_a_head_that_drips_is_not_waited_for(database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    office = await furnished(database)
    found = service.settings(Config(console=Console(port=port)), idle_s=0.5)
    async with trio.open_nursery() as nursery:
        stop = trio.Event()
        nursery.start_soon(serve, make_app(office), found, stop.wait)
        with trio.fail_after(WAIT_S):
            while not await answers(port):  # noqa: ASYNC110
                await trio.sleep(0.05)
            async with await trio.open_tcp_stream("127.0.0.1", port) as line:
                closed = trio.Event()

                async def drip() -> None:
                    for byte in b"GET / HTTP/1.1\r\nhost: " + b"x" * 4000:
                        try:
                            await line.send_all(bytes([byte]))
                        except trio.BrokenResourceError:
                            return
                        await trio.sleep(0.02)

                async def listen() -> None:
                    while await line.receive_some():
                        pass
                    closed.set()

                nursery.start_soon(drip)
                nursery.start_soon(listen)
                await trio.sleep(0.1)
                assert await answers(port)  # the others are served meanwhile
                await closed.wait()
        stop.set()
