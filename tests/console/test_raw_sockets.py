"""Hostile bytes on the console's port, over real sockets: odd heads, odd lengths, odd targets.

Each is refused, or answered as the one request that it is; the process goes on, and a request that
is hidden in another is never answered. Forms and JSON are test_hostile.py.
"""

from contextlib import AsyncExitStack, suppress
from pathlib import Path

import trio

from tests.console.test_service import answers, serving

HIDDEN = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"
TOLD = b"pointsman_http_requests_total"
POST = b"POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
GET = b"GET /v1/me HTTP/1.1\r\nhost: x\r\n"
SILENT = 300
CHUNKED = POST + b"transfer-encoding: chunked\r\n"
SMUGGLERS = {
    "CL and TE": CHUNKED + b"content-length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "TE and CL": POST
    + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    + HIDDEN,
    "two lengths": POST + b"content-length: 0\r\ncontent-length: 40\r\n\r\n" + HIDDEN,
    "two lengths in one": POST + b"content-length: 0, 40\r\n\r\n" + HIDDEN,
    "length with a sign": POST + b"content-length: -1\r\n\r\n" + HIDDEN,
    "length in hex": POST + b"content-length: 0x10\r\n\r\n" + HIDDEN,
    "length with a gap": POST + b"content-length: 1 0\r\n\r\n" + HIDDEN,
    "length beyond 64 bits": POST + b"content-length: " + b"9" * 30 + b"\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two codings": POST + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding twice": CHUNKED + b"transfer-encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding with a tab": POST + b"transfer-encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a fold": POST + b"x: a\r\n content-length: 40\r\ncontent-length: 0\r\n\r\nG" + HIDDEN,
    "a chunk of sign": CHUNKED + b"\r\n-1\r\n" + HIDDEN,
    "a chunk of hex": CHUNKED + b"\r\n0x5\r\nabcde\r\n0\r\n\r\nX" + HIDDEN,
    "a chunk beyond 64 bits": CHUNKED + b"\r\n" + b"F" * 30 + b"\r\n" + HIDDEN,
    "a chunk without its end": CHUNKED + b"\r\n1\r\nabcdef" + HIDDEN,
    "a chunk's long extension": CHUNKED
    + b"\r\n1;"
    + b"x" * 200_000
    + b"\r\na\r\n0\r\n\r\nX"
    + HIDDEN,
    "NUL in a name": GET + b"x\x00y: 1\r\n\r\n" + HIDDEN,
    "return in a value": GET + b"x: a\rcontent-length: 3\r\n\r\n" + HIDDEN,
    "two hosts": b"GET /v1/me HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n" + HIDDEN,
    "no host": b"GET /v1/me HTTP/1.1\r\n\r\n" + HIDDEN,
    "no version": b"GET /v1/me\r\n\r\n" + HIDDEN,
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300) + HIDDEN,
}
ALONE = {
    "upgrade to HTTP/2": (GET + b"upgrade: h2c\r\nconnection: upgrade\r\n\r\n", b" 401 "),
    "upgrade to a web socket": (
        (
            b"GET /v1/stream HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ),
        b" 4",
    ),
    "a path upwards": (b"GET /static/../../pyproject.toml HTTP/1.1\r\nhost: x\r\n\r\n", b" 404 "),
    "a path upwards, encoded": (
        b"GET /static/%2e%2e/%2e%2e/pyproject.toml HTTP/1.1\r\nhost: x\r\n\r\n",
        b" 404 ",
    ),
    "NUL in a path": (b"GET /static/ui.css%00.png HTTP/1.1\r\nhost: x\r\n\r\n", b" 404 "),
    "half a character": (b"GET /v1/merchants/%ff%c0%80 HTTP/1.1\r\nhost: x\r\n\r\n", b" 401 "),
    "TRACE": (b"TRACE /v1/me HTTP/1.1\r\nhost: x\r\ncookie: a=b\r\n\r\n", b" 405 "),
    "another method": (b"PROPFIND /v1/me HTTP/1.1\r\nhost: x\r\n\r\n", b" 405 "),
    "many parameters": (
        b"GET /sign-in?" + b"&".join(b"a%d=1" % n for n in range(5_000)) + b" HTTP/1.1\r\n"
        b"host: x\r\n\r\n",
        b" 4",
    ),
}


async def said(port: int, data: bytes) -> bytes:
    """Send bytes; return what comes until the other side closes, resets or is silent."""
    got = b""
    async with await trio.open_tcp_stream("127.0.0.1", port) as line:
        with trio.move_on_after(1.0), suppress(trio.BrokenResourceError):
            await line.send_all(data)
        with trio.move_on_after(1.0), suppress(trio.BrokenResourceError):
            while more := await line.receive_some():
                got += more
    return got


async def test_a_request_that_is_hidden_in_another_is_never_answered(
    database: str, tmp_path: Path
) -> None:
    async with serving(database, tmp_path) as port:
        assert TOLD in await said(port, HIDDEN)

        async def refused(name: str, data: bytes) -> None:
            got = await said(port, data)
            assert TOLD not in got, name
            assert b"HTTP/1.1 2" not in got, name
            assert b"Traceback" not in got, name

        async with trio.open_nursery() as nursery:
            for name, data in SMUGGLERS.items():
                nursery.start_soon(refused, name, data)
        assert await answers(port)


async def test_odd_requests_are_answered_as_what_they_are(database: str, tmp_path: Path) -> None:
    async with serving(database, tmp_path) as port:
        for name, (data, status) in ALONE.items():
            got = await said(port, data)
            assert status in got.split(b"\r\n", 1)[0], (name, got[:200])
            assert b"[project]" not in got
            assert b"a=b" not in got
        assert await answers(port)


async def test_requests_behind_one_another_are_answered_in_their_order(
    database: str, tmp_path: Path
) -> None:
    async with serving(database, tmp_path) as port:
        paths = [b"/health/live", b"/v1/me", b"/nowhere", b"/health/ready"] * 10
        data = b"".join(b"GET %s HTTP/1.1\r\nhost: x\r\n\r\n" % path for path in paths)
        got = await said(port, data)
        codes = [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]]
        assert codes == [b"200", b"401", b"404", b"200"] * 10


async def test_many_who_say_nothing_disturb_nobody(database: str, tmp_path: Path) -> None:
    async with serving(database, tmp_path) as port, AsyncExitStack() as lines:
        for number in range(SILENT):
            line = await lines.enter_async_context(await trio.open_tcp_stream("127.0.0.1", port))
            if number % 2:  # half of them begin a body and stop
                await line.send_all(POST + b"content-length: 60000\r\n\r\n{")
        assert await answers(port)
        assert b" 401 " in await said(port, GET + b"\r\n")
