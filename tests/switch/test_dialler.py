"""Dialling again and again: waits, what shortens them, and stopping in the middle."""

import socket

import trio
from trio.testing import MockClock

from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.switch.dialler import CONNECT_S, Dial, Dialler
from pointsman.switch.wire import SocketWire, Wire
from tests.switch.host_peer import ALPHA


def dialler(dial: Dial, stopping: trio.Event) -> Dialler:
    effects = Effects(random_bytes=lambda count: b"\x00" * count)
    return Dialler("alpha/0", ALPHA, dial, effects, Timers(), stopping=stopping)


async def refused(_host: str, _port: int) -> Wire:
    await trio.lowlevel.checkpoint()
    raise ConnectionRefusedError


async def never(_host: str, _port: int) -> Wire:
    await trio.sleep_forever()
    raise AssertionError


async def connected(_host: str, _port: int) -> Wire:
    await trio.lowlevel.checkpoint()
    ours, theirs = socket.socketpair()
    theirs.close()
    return SocketWire(ours)


async def waits(it: Dialler, count: int) -> list[float]:
    seen = []
    for _ in range(count):
        assert await it.connect() is None
        before = trio.current_time()
        await it.pause()
        seen.append(round(trio.current_time() - before, 1))
    return seen


async def test_waits_double_until_the_longest(autojump_clock: MockClock) -> None:
    it = dialler(refused, trio.Event())
    assert await waits(it, 8) == [0.9, 1.8, 3.6, 7.2, 14.4, 28.8, 54.0, 54.0]


async def test_a_connection_of_use_makes_the_next_wait_the_shortest(
    autojump_clock: MockClock,
) -> None:
    it = dialler(refused, trio.Event())
    await waits(it, 4)
    it.went_well()
    assert await waits(it, 2) == [0.9, 1.8]


async def test_a_peer_that_answers_nothing_is_given_up(autojump_clock: MockClock) -> None:
    before = trio.current_time()
    assert await dialler(never, trio.Event()).connect() is None
    assert trio.current_time() - before == CONNECT_S


async def test_stopping_ends_dialling_and_waiting_at_once(autojump_clock: MockClock) -> None:
    stopping = trio.Event()
    stopping.set()
    it = dialler(never, stopping)
    before = trio.current_time()
    assert await it.connect() is None
    await it.pause()
    assert trio.current_time() == before


async def test_a_connection_is_handed_over(autojump_clock: MockClock) -> None:
    wire = await dialler(connected, trio.Event()).connect()
    assert wire is not None
    wire.close()
