"""Lamps: pages are fetched once for many readers; a worker that is away is left out."""

import trio

from pointsman.console.lamps import Lamps
from pointsman.effects import Effects
from tests.console.test_linklook import page

ECHO_S = 60.0


async def serve(answer: bytes, asked: list[bytes], stream: trio.SocketStream) -> None:
    async with stream:
        asked.append(await stream.receive_some(4096))
        await stream.send_all(answer)


async def look_at(answer: bytes, looks: int = 1) -> tuple[Lamps, list[bytes]]:
    asked: list[bytes] = []
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listener.socket.getsockname()[1]

        async def one(stream: trio.SocketStream) -> None:
            await serve(answer, asked, stream)

        nursery.start_soon(trio.serve_listeners, one, [listener])
        lamps = Lamps([("127.0.0.1", port)], ECHO_S, Effects())
        for _ in range(looks):
            await lamps.look()
        nursery.cancel_scope.cancel()
    return lamps, asked


def http(body: str, status: str = "200 OK") -> bytes:
    data = body.encode()
    return f"HTTP/1.0 {status}\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data


async def test_readers_share_what_was_fetched() -> None:
    lamps, asked = await look_at(http(page()), looks=5)
    assert len(asked) == 1
    assert asked[0].startswith(b"GET /metrics ")
    look = await lamps.look()
    assert (look.pages, look.expected) == (1, 1)
    assert [one.name for one in look.links] == ["alpha/0"]


async def test_what_is_no_page_of_metrics_is_left_out() -> None:
    for answer in (
        http("sorry", "503 no"),
        b"not http\r\n\r\n",
        b"",
        http("\udcff".encode("utf-8", "surrogateescape").decode("latin-1")),
    ):
        lamps, _ = await look_at(answer)
        assert (await lamps.look()).links == []


async def test_a_worker_that_is_away_is_told_as_missing() -> None:
    look = await Lamps([("127.0.0.1", 1)], ECHO_S, Effects()).look()
    assert (look.pages, look.expected) == (0, 1)


async def test_without_metrics_nothing_is_expected() -> None:
    look = await Lamps([], ECHO_S, Effects()).look()
    assert (look.pages, look.expected) == (0, 0)
