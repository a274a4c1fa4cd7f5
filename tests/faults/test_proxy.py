"""The proxy's faults, each seen from both ends of a connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from tests.faults.line_faults import (
    BlackHole,
    CutAfterRequest,
    Delay,
    Doubled,
    Fault,
    Refuse,
    Reset,
    SingleBytes,
    Stall,
    SwapAnswers,
    Together,
    Way,
)
from tests.faults.proxy import Proxy

QUESTION, ANSWER = b"\x00\x05hello", b"\x00\x05world"


class Far:
    """The side that is dialled: remembers what it hears on each connection."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.streams: list[trio.SocketStream] = []
        self.news = trio.Event()

    async def serve(self, stream: trio.SocketStream) -> None:
        self.streams.append(stream)
        number = len(self.heard)
        self.heard.append(b"")
        try:
            while data := await stream.receive_some(100):
                self.heard[number] += data
                self.news.set()
                self.news = trio.Event()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass

    async def until(self, *heard: bytes) -> None:
        with trio.fail_after(5):
            while sorted(self.heard) != sorted(heard):
                await self.news.wait()


@asynccontextmanager
async def leg(fault: Fault) -> AsyncIterator[tuple[Proxy, trio.SocketStream, Far]]:
    far = Far()
    proxy = Proxy("len2", 7)
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(trio.serve_tcp, far.serve, 0)
        proxy.target = listeners[0].socket.getsockname()[1]
        proxy.spoil(fault)
        nursery.start_soon(proxy.run)
        async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as near:
            yield proxy, near, far
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("fault", [Delay(0.02, 0.01), SingleBytes(), Together()])
async def test_what_is_late_or_in_pieces_still_arrives_whole(fault: Fault) -> None:
    async with leg(fault) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION)
        await far.streams[0].send_all(ANSWER)
        got = b""
        while len(got) < len(ANSWER):
            got += await near.receive_some(100)
        assert got == ANSWER
        assert proxy.heal() >= 2


async def test_a_black_hole_swallows_one_way_and_healing_ends_the_connection() -> None:
    async with leg(BlackHole(Way.ANSWERING)) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION)
        await far.streams[0].send_all(ANSWER)
        with trio.fail_after(5):
            while not proxy.hits:  # noqa: ASYNC110  (a counter, no event)
                await trio.sleep(0.001)
        assert proxy.heal() == 1
        assert await near.receive_some(100) == b""


async def test_what_a_stall_held_arrives_when_it_ends() -> None:
    async with leg(Stall(Way.ANSWERING)) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION)
        await far.streams[0].send_all(ANSWER)
        with trio.fail_after(5):
            while not proxy.hits:  # noqa: ASYNC110  (a counter, no event)
                await trio.sleep(0.001)
        assert proxy.heal() == 1
        assert await near.receive_some(100) == ANSWER


async def test_a_line_that_refuses_cuts_what_stands_and_what_comes() -> None:
    async with leg(Delay(0.0, 0.0)) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION)
        proxy.spoil(Refuse())
        assert await near.receive_some(100) == b""
        async with await trio.open_tcp_stream("127.0.0.1", proxy.port) as another:
            assert await another.receive_some(100) == b""
        assert proxy.heal() == 2
        assert far.heard == [QUESTION]


async def test_a_reset_loses_the_piece_and_the_connection() -> None:
    async with leg(Reset(1.0)) as (proxy, near, far):
        await near.send_all(QUESTION)
        assert await near.receive_some(100) == b""
        assert far.heard in ([], [b""])
        assert proxy.heal() == 1


async def test_a_request_arrives_and_its_answer_finds_the_connection_cut() -> None:
    async with leg(CutAfterRequest(1.0)) as (proxy, near, far):
        await near.send_all(QUESTION)
        assert await near.receive_some(100) == b""
        await far.until(QUESTION)
        assert proxy.heal() == 1


async def test_two_answers_change_places_and_none_is_lost() -> None:
    async with leg(SwapAnswers()) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION)
        await far.streams[0].send_all(b"\x00\x03one\x00\x03two\x00\x05three")
        got = b""
        while len(got) < 10:
            got += await near.receive_some(100)
        assert got == b"\x00\x03two\x00\x03one"
        assert proxy.heal() == 1
        await far.streams[0].send_all(b"\x00\x04four")
        while len(got) < 23:
            got += await near.receive_some(100)
        assert got.endswith(b"\x00\x04four\x00\x05three")


async def test_a_doubled_connection_says_everything_twice() -> None:
    async with leg(Doubled()) as (proxy, near, far):
        await near.send_all(QUESTION)
        await far.until(QUESTION, QUESTION)
        for stream in far.streams:
            await stream.send_all(ANSWER)
        assert await near.receive_some(100) == ANSWER
        assert proxy.heal() == 1
