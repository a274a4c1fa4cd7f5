"""The network of a run: order within a connection, and each accident as TCP would show it."""

from random import Random

import pytest
import trio
from trio.testing import MockClock

from pointsman.sim.world.chance import Faults, Trace
from pointsman.sim.world.network import CONNECT_HANGS_S, End, Network
from pointsman.sim.world.process import Process, SeamCount, spared
from tests.sim.world.worlds import faults

HOST, WORKER = "alpha", "alpha/0"


class Peers:
    """A worker and an acquirer on one network; `far` are the acquirer's ends."""

    def __init__(self, weather: Faults, delay_s: float = 0.01) -> None:
        self.network = Network(Random(1), weather, Trace(), delay_s)
        self.worker = Process("worker 0", spared)
        self.host = Process("acquirers", spared)
        self.far: list[End] = []
        self.network.listen(HOST, self.far.append)

    async def dial(self) -> tuple[End, End]:
        near = await self.network.dial(self.worker, HOST, WORKER, self.host)
        return near, self.far[-1]


async def received(end: End, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await end.receive()
    return data


async def test_bytes_arrive_whole_and_in_order_however_they_are_cut(
    autojump_clock: MockClock,
) -> None:
    peers = Peers(faults(pieces=1.0, short_write=0.5, slow_network=0.3))
    near, far = await peers.dial()
    sent = [bytes([number]) * 40 for number in range(30)]
    for one in sent:
        await near.send_all(one)
    assert await received(far, 30 * 40) == b"".join(sent)
    near.close()
    assert await far.receive() == b""


async def test_nobody_answers_where_nobody_listens_or_the_peer_is_dead(
    autojump_clock: MockClock,
) -> None:
    peers = Peers(faults())
    with pytest.raises(ConnectionRefusedError):
        await peers.network.dial(peers.worker, "beta", "beta/0", peers.host)
    peers.host.alive = False
    with pytest.raises(ConnectionRefusedError):
        await peers.dial()


async def test_a_connection_that_hangs_ends_in_a_timeout(autojump_clock: MockClock) -> None:
    peers = Peers(faults(connect_hangs=1.0))
    with pytest.raises(TimeoutError):
        await peers.dial()
    assert trio.current_time() >= CONNECT_HANGS_S


async def test_a_reset_lets_a_part_through_and_breaks_both_sides(
    autojump_clock: MockClock,
) -> None:
    peers = Peers(faults())
    near, far = await peers.dial()
    peers.network.faults = faults(reset=1.0)
    assert near.send_some(b"x" * 100) < 101
    with pytest.raises(BrokenPipeError):
        near.send_some(b"more")
    with pytest.raises(ConnectionResetError):
        await received(far, 101)


async def test_a_partition_holds_bytes_back_one_way(autojump_clock: MockClock) -> None:
    peers = Peers(faults())
    near, far = await peers.dial()
    until = peers.network.partitioned_until[WORKER] = trio.current_time() + 30
    near.send_some(b"held")
    far.send_some(b"through")
    assert await near.receive() == b"through"
    assert trio.current_time() < until
    assert await far.receive() == b"held"
    assert trio.current_time() >= until


async def test_who_dies_silently_leaves_a_half_open_line_until_it_is_healed(
    autojump_clock: MockClock,
) -> None:
    peers = Peers(faults(silent_death=1.0))
    near, far = await peers.dial()
    peers.worker.alive = False
    peers.network.died(peers.worker)
    with trio.move_on_after(3600) as waited:
        await far.receive()
    assert waited.cancelled_caught, "it hears nothing"
    assert peers.network.half_open == [near]
    peers.network.heal()
    with pytest.raises(ConnectionResetError):
        await far.receive()


async def test_what_a_dead_process_sends_goes_nowhere(autojump_clock: MockClock) -> None:
    seams = SeamCount(crash_before=frozenset({1}), counting=True)
    peers = Peers(faults())
    peers.worker = Process("worker 0", _die, seams)
    near, far = await peers.dial()
    assert near.send_some(b"never") == 5, "it does not know"
    with trio.move_on_after(60) as waited:
        await far.receive()
    assert waited.cancelled_caught
    assert seams.passed == [f"send {WORKER}"]


def _die(process: Process, _why: str) -> None:
    process.alive = False
