"""A connection's bytes: they come and go, a full one takes none, a closed one wakes its waiters."""

import socket

import pytest
import trio
from trio.testing import MockClock

from pointsman.switch.gathering import BUSY_FRAMES, WINDOW_S, Gathering
from pointsman.switch.wire import RECEIVE_SIZE, SocketWire, dial


async def test_bytes_arrive_and_the_end_is_empty() -> None:
    ours, theirs = socket.socketpair()
    wire = SocketWire(ours)
    theirs.sendall(b"hello")
    assert await wire.receive() == b"hello"
    theirs.close()
    assert await wire.receive() == b""
    wire.close()
    wire.close()  # twice harms nobody


async def test_a_full_connection_takes_nothing_until_the_peer_reads() -> None:
    ours, theirs = socket.socketpair()
    wire = SocketWire(ours)
    written = 0
    while count := wire.send_some(b"x" * 65_536):
        written += count
    with trio.move_on_after(0.01) as still_full:
        await wire.wait_writable()
    assert still_full.cancelled_caught
    while written > 0:
        written -= len(theirs.recv(65_536))
    with trio.fail_after(5):
        await wire.wait_writable()
    assert wire.send_some(b"y") == 1
    theirs.close()
    wire.close()


async def test_closing_wakes_who_waits() -> None:
    ours, theirs = socket.socketpair()
    wire = SocketWire(ours)
    woken = trio.Event()

    async def wait() -> None:
        with pytest.raises(trio.ClosedResourceError):
            await wire.receive()
        woken.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(wait)
        await trio.testing.wait_all_tasks_blocked()
        wire.close()
        with trio.fail_after(5):
            await woken.wait()
    theirs.close()


async def test_a_dialled_connection_is_kept_alive_and_sends_at_once() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listeners[0].socket.getsockname()
    wire = await dial(host, port)
    assert isinstance(wire, SocketWire)
    ours = wire._socket
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
    wire.close()
    await listeners[0].aclose()


async def test_nobody_there_is_an_os_error() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listeners[0].socket.getsockname()
    await listeners[0].aclose()
    with pytest.raises(OSError, match=str(port)):
        await dial(host, port)


async def test_a_busy_workers_bytes_are_read_together_at_the_next_moment(
    autojump_clock: MockClock,
) -> None:
    gathering = Gathering()
    gathering.note(BUSY_FRAMES)
    await trio.sleep(WINDOW_S)
    gathering.note(1)
    ours, theirs = socket.socketpair()
    wire = SocketWire(ours, gathering)
    theirs.sendall(b"one")
    got: list[bytes] = []

    async def receive() -> None:
        got.append(await wire.receive())

    async with trio.open_nursery() as nursery:
        await gathering.rest()  # a moment has just passed
        nursery.start_soon(receive)
        await trio.testing.wait_all_tasks_blocked()
        theirs.sendall(b"two")
    assert got == [b"onetwo"]
    theirs.close()
    wire.close()


async def test_more_than_one_read_is_not_waited_for(autojump_clock: MockClock) -> None:
    gathering = Gathering()
    gathering.note(BUSY_FRAMES)
    await trio.sleep(WINDOW_S)
    gathering.note(1)
    ours, theirs = socket.socketpair()
    wire = SocketWire(ours, gathering)
    theirs.sendall(bytes(RECEIVE_SIZE + 1))
    assert len(await wire.receive()) == RECEIVE_SIZE
    began = trio.current_time()
    assert len(await wire.receive()) == 1
    assert trio.current_time() == began
    theirs.close()
    wire.close()
