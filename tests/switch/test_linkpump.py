"""Bytes in become frames however they arrive; a stalled, cut or lost connection says why."""

import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.switch.linkmetrics import LinkMetrics
from pointsman.switch.linkpump import WRITE_STALL_S, HostFrames, Wake, read_frames, write_queued
from pointsman.switch.traffic import Traffic
from pointsman.switch.wire import SocketWire
from tests.switch.host_peer import CODEC, FRAMING, new_metrics, wire_bytes

FRAMES = HostFrames(CODEC, FRAMING)
ECHO = ("0800", {7: "0315021530", 11: "900301", 70: "301"})
Got = TypeVar("Got")


def counts() -> LinkMetrics:
    return LinkMetrics(new_metrics(), "alpha", "alpha/0", Effects())


@pytest.mark.parametrize("step", [1, 3, 61, 10_000])
async def test_frames_survive_any_chopping(step: int) -> None:
    ours, theirs = socket.socketpair()
    stream = wire_bytes(ECHO) * 3
    seen: list[str] = []

    async def send() -> None:
        peer = trio.SocketStream(trio.socket.from_stdlib_socket(theirs))
        async with peer:
            for start in range(0, len(stream), step):
                await peer.send_all(stream[start : start + step])

    wire = SocketWire(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        ended = await read_frames(
            wire, FRAMES, counts(), lambda frame: seen.append(FRAMES.message(frame).mti)
        )
    wire.close()
    assert (seen, ended) == (["0800"] * 3, "closed by peer")


async def test_what_was_whole_before_a_bad_length_still_counts() -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(wire_bytes(ECHO) + b"99999999")
    seen: list[bytes] = []
    wire = SocketWire(ours)
    assert await read_frames(wire, FRAMES, counts(), seen.append) == "framing"
    assert len(seen) == 1
    theirs.close()
    wire.close()


async def test_a_reset_connection_is_lost_to_both_ways() -> None:
    async def ended(way: Callable[[SocketWire], Awaitable[Got]]) -> Got:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        ours = socket.create_connection(listeners[0].socket.getsockname())
        theirs = await listeners[0].accept()
        # Linger 0 makes the close a reset.
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await theirs.aclose()
        wire = SocketWire(ours)
        try:
            return await way(wire)
        finally:
            wire.close()
            await listeners[0].aclose()

    async def write(wire: SocketWire) -> str:
        traffic = Traffic(1)
        traffic.put_network(wire_bytes(ECHO))
        return await write_queued(wire, traffic, counts(), Wake())

    assert await ended(write) == "connection lost"
    lost = await ended(lambda wire: read_frames(wire, FRAMES, counts(), lambda _frame: None))
    assert lost == "connection lost"


async def test_a_peer_that_reads_nothing_is_given_up(autojump_clock: MockClock) -> None:
    class Full(SocketWire):
        """Takes nothing, for good."""

        def send_some(self, data: bytes) -> int:
            assert data
            return 0

        async def wait_writable(self) -> None:
            await trio.sleep_forever()

    ours, theirs = socket.socketpair()
    traffic = Traffic(1)
    traffic.put_network(b"0000")
    before = trio.current_time()
    wire = Full(ours)
    assert await write_queued(wire, traffic, counts(), Wake()) == "peer does not read"
    assert trio.current_time() - before == WRITE_STALL_S
    wire.close()
    theirs.close()


async def test_a_wake_before_the_wait_is_not_lost() -> None:
    wake = Wake()
    wake.set()
    with trio.fail_after(1):
        await wake.wait()


@pytest.mark.parametrize("name", ["ascii4", "len2", "tpdu", "len2-inclusive"])
def test_a_message_passes_through_every_plain_framing(name: str) -> None:
    frames = HostFrames(CODEC, get_framing(name))
    (frame,) = frames.framing.reader().feed(frames.say(*ECHO))
    assert frames.message(frame).fields == ECHO[1]


@pytest.mark.parametrize("name", ["cups46", "visa", "dial14", "tpdu-header"])
def test_framings_with_headers_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        HostFrames(CODEC, get_framing(name))
