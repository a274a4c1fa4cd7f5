"""The connection to hardware: answers find their command in any order; a lost one is told."""

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from pointsman.hsm.commands import HsmUnavailable
from pointsman.hsm.hostlink import FAILURES_MAX, IN_FLIGHT_MAX, RECONNECT_S, HostLink


async def commands(stream: trio.abc.Stream, count: int) -> list[bytes]:
    """Read so many commands, header included."""
    buffer, found = b"", list[bytes]()
    while len(found) < count:
        buffer += bytes(await stream.receive_some())
        while len(buffer) >= 2 and len(buffer) >= 2 + int.from_bytes(buffer[:2]):
            size = int.from_bytes(buffer[:2])
            found.append(buffer[2 : 2 + size])
            buffer = buffer[2 + size :]
    return found


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2) + message


class Bench:
    """A link whose other ends the test holds."""

    def __init__(self) -> None:
        self.ends: list[trio.abc.Stream] = []
        self.link = HostLink(self.dial)

    async def dial(self) -> trio.abc.Stream:
        near, far = memory_stream_pair()
        self.ends.append(far)
        return near


async def test_answers_in_another_order_find_their_commands(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0
    bench, told = Bench(), dict[bytes, bytes]()

    async def ask(data: bytes) -> None:
        told[data] = (await bench.link.ask(b"B20001" + data)).data

    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.link.run)
        async with trio.open_nursery() as asking:
            for number in range(5):
                asking.start_soon(ask, b"%d" % number)
            await trio.testing.wait_all_tasks_blocked()
            found = await commands(bench.ends[0], 5)
            for command in reversed(found):
                await bench.ends[0].send_all(framed(command[:4] + b"B300" + command[-1:]))
        nursery.cancel_scope.cancel()
    assert told == {b"%d" % n: b"%d" % n for n in range(5)}


@pytest.mark.parametrize("answer", [b"", b"\x00\x01", b"\xff\xff", framed(b"0001XX00")])
async def test_lost_or_strange_answers_are_told_and_the_next_link_works(
    answer: bytes, autojump_clock: MockClock
) -> None:
    assert autojump_clock.autojump_threshold == 0
    bench = Bench()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.link.run)

        async def spoil() -> None:
            await trio.testing.wait_all_tasks_blocked()
            await commands(bench.ends[0], 1)
            if answer:
                await bench.ends[0].send_all(answer)
            await bench.ends[0].aclose()

        nursery.start_soon(spoil)
        with pytest.raises(HsmUnavailable):
            await bench.link.ask(b"NC")
        await trio.sleep(1)

        async def serve() -> None:
            (command,) = await commands(bench.ends[1], 1)
            await bench.ends[1].send_all(framed(command[:4] + b"ND00ok"))

        nursery.start_soon(serve)
        assert (await bench.link.ask(b"NC")).data == b"ok"
        nursery.cancel_scope.cancel()


async def test_commands_in_flight_are_bounded(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0
    bench = Bench()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.link.run)
        for _ in range(IN_FLIGHT_MAX + 10):
            nursery.start_soon(bench.link.ask, b"NC")
        await trio.testing.wait_all_tasks_blocked()
        found = await commands(bench.ends[0], IN_FLIGHT_MAX)
        assert len({command[:4] for command in found}) == IN_FLIGHT_MAX
        with trio.move_on_after(1):
            await commands(bench.ends[0], 1)
            pytest.fail("more commands than the limit are on their way")
        nursery.cancel_scope.cancel()


async def test_header_is_as_long_as_the_site_says(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0
    bench = Bench()
    bench.link = HostLink(bench.dial, 8)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.link.run)
        nursery.start_soon(bench.link.ask, b"NC")
        await trio.testing.wait_all_tasks_blocked()
        (found,) = await commands(bench.ends[0], 1)
        assert found == b"00000001NC"
        await bench.ends[0].send_all(framed(b"00000001ND00"))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    for size in (1, 256):
        with pytest.raises(ValueError, match="header"):
            HostLink(bench.dial, size)


async def test_nobody_waits_for_hardware_that_stays_away(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial() -> trio.abc.Stream:
        raise OSError("nobody listens")

    link = HostLink(dial)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run)
        await trio.sleep(FAILURES_MAX * RECONNECT_S)
        asked_at = trio.current_time()
        with pytest.raises(HsmUnavailable, match="away"):
            await link.ask(b"NC")
        assert trio.current_time() == asked_at
        nursery.cancel_scope.cancel()


async def test_numbers_begin_anew_before_they_outgrow_the_header(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0
    bench = Bench()
    bench.link._number = 9_998
    async with trio.open_nursery() as nursery:
        nursery.start_soon(bench.link.run)
        for _ in range(3):
            nursery.start_soon(bench.link.ask, b"NC")
            await trio.testing.wait_all_tasks_blocked()
        found = await commands(bench.ends[0], 3)
        nursery.cancel_scope.cancel()
    assert found == [b"9999NC", b"0000NC", b"0001NC"]
