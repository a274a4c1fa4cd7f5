"""Terminal connections over real sockets: frames, answers, limits."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import msgspec
import trio
from prometheus_client import CollectorRegistry
from trio.testing import MockClock

from pointsman.codecs.framing import get_framing
from pointsman.config import Limits
from pointsman.metrics import Metrics
from pointsman.switch.connection import Connection
from pointsman.switch.terminals import Terminals

FRAMING = replace(get_framing("len2"), size_max=100)
LIMITS = msgspec.structs.replace(Limits(), in_flight_per_connection=2, idle_s=30.0, frame_s=5.0)


class Peer:
    """The terminal's end, and what the switch's end handed over."""

    def __init__(self, sock: socket.socket, terminals: Terminals) -> None:
        self.sock = trio.socket.from_stdlib_socket(sock)
        self.terminals = terminals
        self.frames: list[tuple[Connection, bytes]] = []
        self.taken: list[bool] = []

    def on_frame(self, connection: Connection, frame: bytes) -> None:
        self.frames.append((connection, frame))

    def answer(self, index: int, body: bytes) -> None:
        connection, _ = self.frames[index]
        connection.put(len(body).to_bytes(2, "big") + body, self.taken.append)


@asynccontextmanager
async def serving(limits: Limits = LIMITS) -> AsyncIterator[Peer]:
    ours, theirs = socket.socketpair()
    terminals = Terminals(limits, Metrics(CollectorRegistry()))
    peer = Peer(theirs, terminals)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(terminals.run)
        terminals.serve(ours, "pos", FRAMING, peer.on_frame)
        await settle()
        yield peer
        nursery.cancel_scope.cancel()
    peer.sock.close()


async def settle() -> None:
    """Let sockets and tasks come to rest."""
    for _ in range(20):
        await trio.lowlevel.checkpoint()


def framed(*bodies: bytes) -> bytes:
    return b"".join(len(body).to_bytes(2, "big") + body for body in bodies)


async def test_frames_are_handed_over_however_the_bytes_arrive() -> None:
    async with serving() as peer:
        for byte in framed(b"one"):
            await peer.sock.send(bytes((byte,)))
            await settle()
        await peer.sock.send(framed(b"two"))
        await settle()
        assert [frame for _, frame in peer.frames] == [b"one", b"two"]


async def test_answers_go_out_in_the_order_in_which_they_are_put() -> None:
    async with serving() as peer:
        await peer.sock.send(framed(b"one", b"two"))
        await settle()
        peer.answer(1, b"second")
        peer.answer(0, b"first")
        await settle()
        assert await peer.sock.recv(100) == framed(b"second", b"first")
        assert peer.taken == [True, True]


async def test_a_third_request_waits_while_two_are_unanswered() -> None:
    async with serving() as peer:
        await peer.sock.send(framed(b"one", b"two", b"three"))
        await settle()
        assert len(peer.frames) == 2
        peer.answer(0, b"ok")
        await settle()
        assert len(peer.frames) == 3


async def test_an_answer_to_a_peer_that_is_gone_is_not_taken() -> None:
    async with serving() as peer:
        await peer.sock.send(framed(b"one"))
        await settle()
        peer.sock.close()
        peer.frames[0][0].close()
        peer.answer(0, b"late")
        await settle()
        assert peer.taken == [False]


async def test_what_a_peer_asked_before_it_closed_its_half_is_still_answered() -> None:
    async with serving() as peer:
        await peer.sock.send(framed(b"one"))
        peer.sock.shutdown(socket.SHUT_WR)
        await settle()
        peer.answer(0, b"ok")
        await settle()
        assert await peer.sock.recv(100) == framed(b"ok")
        assert await peer.sock.recv(100) == b""


async def test_a_length_over_the_maximum_ends_that_connection_alone() -> None:
    async with serving() as peer:
        await peer.sock.send(framed(b"good") + b"\xff\xff")
        await settle()
        assert [frame for _, frame in peer.frames] == [b"good"]
        assert peer.terminals.connections == set()


async def test_half_a_frame_is_not_waited_for_longer_than_its_limit(
    autojump_clock: MockClock,
) -> None:
    async with serving() as peer:
        await peer.sock.send(b"\x00\x05ab")
        await trio.sleep(LIMITS.frame_s - 1)
        assert len(peer.terminals.connections) == 1
        await peer.sock.send(b"c")  # a byte more does not buy more time
        await trio.sleep(3)
        assert peer.terminals.connections == set()
        assert peer.frames == []


async def test_a_silent_connection_ends_after_its_idle_time(autojump_clock: MockClock) -> None:
    async with serving() as peer:
        await trio.sleep(LIMITS.idle_s - 2)
        assert len(peer.terminals.connections) == 1
        await trio.sleep(5)
        assert peer.terminals.connections == set()


async def test_a_peer_that_never_reads_is_cut_at_the_limit_of_its_queue() -> None:
    limits = msgspec.structs.replace(LIMITS, in_flight_per_connection=100_000)
    big = b"x" * 90
    async with serving(limits) as peer:
        await peer.sock.send(framed(b"a"))
        await settle()
        connection = peer.frames[0][0]
        for _ in range(20_000):
            connection.in_flight += 1
            connection.put(framed(big))
            if connection.closed:
                break
            await trio.lowlevel.checkpoint()
        assert connection.closed
        assert connection.unsent_bytes == 0


async def test_answers_wait_for_a_slow_reader_and_arrive_whole() -> None:
    limits = msgspec.structs.replace(LIMITS, send_queue_bytes_max=10_000_000)
    body = bytes(range(90))
    count = 20_000
    got = b""
    async with serving(limits) as peer:
        await peer.sock.send(framed(b"a"))
        await settle()
        connection = peer.frames[0][0]
        connection.in_flight += count - 1
        for _ in range(count):
            connection.put(framed(body), peer.taken.append)
        while len(got) < count * 92:
            got += await peer.sock.recv(65_536)
        assert got == framed(body) * count
        assert peer.taken == [True] * count
