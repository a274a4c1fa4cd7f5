"""While the demo's past is made its address says how far it is; afterwards it is the console's."""

import trio

from pointsman.cli.demo_waiting import SIGN, Waiting


async def asked(port: int, request: bytes) -> str:
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    async with stream:
        await stream.send_all(request)
        return b"".join([data async for data in stream]).decode()


async def test_the_page_says_how_far_the_history_is_and_moves_on() -> None:
    waiting = Waiting("0 / 90")
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waiting.serve, listeners)
        waiting.told = "12 / 90"
        page = await asked(port, b"GET /payments HTTP/1.1\r\nHost: x\r\n\r\n")
        assert page.startswith("HTTP/1.1 503 ")
        assert f"{SIGN}: 12 / 90\r\n" in page
        assert 'day <b class="told">12 / 90</b>' in page
        assert "第 <b" in page
        head, _, body = page.partition("\r\n\r\n")
        assert f"Content-Length: {len(body.encode())}\r\n" in head
        assert "default-src 'none'" in head
        script = await asked(port, b"GET /waiting.js HTTP/1.1\r\n\r\n")
        assert script.startswith("HTTP/1.1 200 ")
        assert SIGN in script
        assert "style" not in page
        assert "<script>" not in page
        assert (await asked(port, b"HEAD / HTTP/1.1\r\n\r\n")).endswith("\r\n\r\n")
        nursery.cancel_scope.cancel()


async def test_who_says_nothing_or_goes_away_holds_nobody_up() -> None:
    waiting = Waiting("1 / 90")
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(waiting.serve, listeners)
        silent = await trio.open_tcp_stream("127.0.0.1", port)
        async with await trio.open_tcp_stream("127.0.0.1", port) as gone:
            await gone.send_all(b"GET")
        assert "503" in await asked(port, b"GET / HTTP/1.1\r\n\r\n")
        await silent.aclose()
        nursery.cancel_scope.cancel()


def test_a_request_without_an_end_is_answered_and_not_collected() -> None:
    assert b" 503 " in Waiting("1 / 90").answer(b"x" * 20_000)
