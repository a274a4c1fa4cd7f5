"""A terminal's connection at its worker, and the journal that tells the witness what it tells."""

from random import Random

import trio
from trio.testing import MockClock

from pointsman.codecs.framing import Envelope, get_framing
from pointsman.sim.world.chance import Faults, Trace
from pointsman.sim.world.network import End, Network
from pointsman.sim.world.process import Process, spared
from pointsman.sim.world.workerseams import DOORS, INTERNATIONAL, TERMINALS, TerminalEnd
from tests.sim.world.worlds import faults

BODY = bytes(range(40))
HEADER = bytes.fromhex("603100311003")
TPDU = bytes.fromhex("6005010000")
IN_FLIGHT_MAX = 2


class Line:
    """A terminal on a line to a worker; `frames` are those that the worker took."""

    def __init__(self, drawn: Faults) -> None:
        self.network = Network(Random(1), drawn, Trace())
        self.worker = Process("worker 0", spared)
        self.frames: list[bytes] = []
        self.taken: list[bool] = []
        self.ends: list[End] = []
        self.network.listen("house", self.ends.append)

    async def open(self, nursery: trio.Nursery) -> tuple[End, TerminalEnd]:
        terminal = Process("terminal", spared)
        near = await self.network.dial(terminal, "house", "house", self.worker)
        end = TerminalEnd(self.ends[-1], IN_FLIGHT_MAX)
        nursery.start_soon(end.run, lambda _end, frame: self.frames.append(frame))
        return near, end


def frame() -> bytes:
    return get_framing(DOORS[TERMINALS]).reply(Envelope(TPDU, HEADER, BODY), BODY)


async def received(end: End, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await end.receive()
    return data


def test_doors_have_framings_that_there_are() -> None:
    assert {get_framing(name).name for name in DOORS.values()} == set(DOORS.values())
    assert set(DOORS) == {TERMINALS, INTERNATIONAL}


async def test_only_so_many_requests_are_taken_before_answers_go(
    autojump_clock: MockClock,
) -> None:
    line = Line(faults())
    async with trio.open_nursery() as nursery:
        near, end = await line.open(nursery)
        await near.send_all(frame() * 5)
        await trio.sleep(60)
        assert len(line.frames) == IN_FLIGHT_MAX
        end.put(frame(), line.taken.append)
        await trio.sleep(60)
        assert len(line.frames) == IN_FLIGHT_MAX + 1
        end.drop()
        await trio.sleep(60)
        assert len(line.frames) == IN_FLIGHT_MAX + 2
        nursery.cancel_scope.cancel()
    assert line.taken == [True]


async def test_an_answer_that_was_taken_in_parts_arrives_whole(autojump_clock: MockClock) -> None:
    line = Line(faults(short_write=1.0))
    async with trio.open_nursery() as nursery:
        near, end = await line.open(nursery)
        for _ in range(3):
            end.put(frame(), line.taken.append)
            assert await received(near, len(frame())) == frame()
        nursery.cancel_scope.cancel()
    assert line.taken == [True] * 3


async def test_a_terminal_that_has_gone_takes_nothing(autojump_clock: MockClock) -> None:
    line = Line(faults())
    async with trio.open_nursery() as nursery:
        near, end = await line.open(nursery)
        near.reset()
        await trio.sleep(1)
        end.put(frame(), line.taken.append)
        nursery.cancel_scope.cancel()
    assert line.taken == [False]


async def test_a_dead_worker_notes_no_delivery(autojump_clock: MockClock) -> None:
    line = Line(faults())
    async with trio.open_nursery() as nursery:
        _, end = await line.open(nursery)
        line.worker.alive = False
        end.put(frame(), line.taken.append)
        nursery.cancel_scope.cancel()
    assert line.taken == []
