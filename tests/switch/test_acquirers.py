"""One session with an acquirer, against a scripted host on the other end of a socket pair."""

import itertools
import math
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.codecs.framing import get_framing
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.switch.acquirers import AcquirerLink
from pointsman.switch.inflight import Expected, Reason
from pointsman.switch.traffic import Answered, Broken, HostResult, Lane, NotSent, Silent
from pointsman.switch.wire import SocketWire, dial
from tests.switch.host_peer import (
    ALPHA,
    CODEC,
    FRAMING,
    HostPeer,
    Reply,
    Script,
    answer_to,
    ask,
    link_to,
    new_metrics,
    obedient,
    sale_request,
    signed_on,
    wire_bytes,
)


@asynccontextmanager
async def running(script: Script = obedient) -> AsyncIterator[tuple[HostPeer, AcquirerLink]]:
    """A link that is signed on at a host that follows the script."""
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, script)
        link = link_to(peer)
        nursery.start_soon(link.run)
        await signed_on(link)
        yield peer, link
        nursery.cancel_scope.cancel()


def silent_on_payments(message: Message) -> list[Reply] | None:
    return obedient(message) if message.mti == "0800" else []


async def test_a_link_signs_on_before_it_carries_anything(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery)
        link = link_to(peer)
        assert await ask(link, sale_request()) == NotSent("not signed on")
        nursery.start_soon(link.run)
        await signed_on(link)
        result = await ask(link, sale_request())
        assert isinstance(result, Answered)
        assert result.message[39] == "00"
        assert peer.types() == ["0800/001", "0200"]
        nursery.cancel_scope.cancel()


async def test_many_requests_share_the_line_and_get_their_own_answers(
    autojump_clock: MockClock,
) -> None:
    held: list[Message] = []

    def backwards(message: Message) -> list[Reply] | None:
        if message.mti == "0800":
            return obedient(message)
        held.append(message)
        return [answer_to(m) for m in reversed(held)] if len(held) == 5 else []

    async with running(backwards) as (_peer, link):
        results: dict[str, HostResult] = {}

        async def one(stan: str, amount: str) -> None:
            results[stan] = await ask(link, sale_request(stan, amount=amount))

        async with trio.open_nursery() as nursery:
            for number in range(1, 6):
                nursery.start_soon(one, f"{number:06d}", f"{number:012d}")
        for number in range(1, 6):
            result = results[f"{number:06d}"]
            assert isinstance(result, Answered)
            assert result.message[4] == f"{number:012d}"


async def test_silence_ends_the_wait_at_the_host_timer(autojump_clock: MockClock) -> None:
    async with running(silent_on_payments) as (_peer, link):
        started = trio.current_time()
        assert await ask(link, sale_request(answer_s=30)) == Silent()
        assert math.isclose(trio.current_time() - started, 30, abs_tol=0.1)


async def test_a_late_answer_is_told_apart_and_given_to_nobody(autojump_clock: MockClock) -> None:
    late: list[tuple[str, Expected | None, Reason]] = []
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, silent_on_payments)
        link = link_to(peer, on_late=lambda m, e, r: late.append((m[39], e, r)))
        nursery.start_soon(link.run)
        await signed_on(link)
        request = sale_request(answer_s=2)
        assert await ask(link, request) == Silent()
        await peer.say(answer_to(peer.heard[-1]))
        await trio.sleep(0.1)
        assert late == [("00", request.expected, Reason.LATE)]
        nursery.cancel_scope.cancel()


async def test_an_answer_of_another_amount_leaves_the_request_waiting(
    autojump_clock: MockClock,
) -> None:
    def wrong_then_right(message: Message) -> list[Reply] | None:
        if message.mti == "0800":
            return obedient(message)
        return [answer_to(message, {4: "000000090000"}), answer_to(message)]

    async with running(wrong_then_right) as (_peer, link):
        result = await ask(link, sale_request())
        assert isinstance(result, Answered)
        assert result.message[4] == "000000010000"


async def test_a_lost_connection_puts_what_was_begun_in_doubt_at_once(
    autojump_clock: MockClock,
) -> None:
    def hang_up(message: Message) -> list[Reply] | None:
        return obedient(message) if message.mti == "0800" else None

    async with running(hang_up) as (peer, link):
        started = trio.current_time()
        assert await ask(link, sale_request()) == Broken("closed by peer")
        assert trio.current_time() - started < 1
        assert not link.usable
        await signed_on(link)
        assert peer.connections == 2


async def test_reconnecting_waits_longer_each_time(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, refuses=True)
        tried: list[float] = []

        async def failing(host: str, port: int) -> SocketWire:
            tried.append(trio.current_time())
            raise ConnectionRefusedError

        link = AcquirerLink(
            ALPHA,
            0,
            codec=CODEC,
            framing=FRAMING,
            metrics=new_metrics(),
            effects=Effects(),
            timers=Timers(),
            dial=failing,
        )
        assert peer.connections == 0
        nursery.start_soon(link.run)
        await trio.sleep(200)
        nursery.cancel_scope.cancel()
    waits = [later - earlier for earlier, later in itertools.pairwise(tried)]
    for wait, about in zip(waits, [1, 2, 4, 8, 16, 32, 60], strict=False):
        assert about * 0.89 <= wait <= about * 1.11
    assert len(waits) >= 6


async def test_a_request_past_its_time_is_not_sent(autojump_clock: MockClock) -> None:
    async with running() as (peer, link):
        request = sale_request(within_s=-0.001)
        assert await ask(link, request) == NotSent("too late")
        assert "0200" not in peer.types()


async def test_a_peer_that_does_not_read_is_dropped_and_what_waited_never_left(
    autojump_clock: MockClock,
) -> None:
    taken_max = [10_000]

    class Narrow(SocketWire):
        """Takes a few bytes and is full for good."""

        def send_some(self, data: bytes) -> int:
            count = super().send_some(data[: taken_max[0]])
            taken_max[0] -= count
            return count

        async def wait_writable(self) -> None:
            await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, silent_on_payments)
        peer.wire = Narrow
        link = link_to(peer)
        nursery.start_soon(link.run)
        await signed_on(link)
        taken_max[0] = 20  # the next message is begun and never finished
        results: list[HostResult] = []
        link.send(sale_request("000001"), results.append)
        await trio.sleep(0.1)
        link.send(sale_request("000002"), results.append)
        await trio.sleep(2.1)
        assert results == [NotSent("too late")]
        await trio.sleep(8)
        assert results[1] == Broken("peer does not read")
        nursery.cancel_scope.cancel()


async def test_requests_beyond_the_limit_are_refused_at_once(autojump_clock: MockClock) -> None:
    async with running(silent_on_payments) as (_peer, link):
        results: list[HostResult] = []
        for number in range(1, 10):
            link.send(sale_request(f"{number:06d}"), results.append)
        assert results == [NotSent("too many in flight")]
        assert not link.usable
        # What is owed has room of its own.
        link.send(sale_request("000100", lane=Lane.REVERSAL), results.append)
        assert len(results) == 1


async def test_a_key_in_use_asks_for_another_number(autojump_clock: MockClock) -> None:
    async with running(silent_on_payments) as (_peer, link):
        results: list[HostResult] = []
        link.send(sale_request("000007"), results.append)
        link.send(sale_request("000007"), results.append)
        assert results == [NotSent("key in use")]


async def test_five_time_outs_open_the_breaker_and_one_trial_closes_it(
    autojump_clock: MockClock,
) -> None:
    talks = [False]

    def script(message: Message) -> list[Reply] | None:
        if message.mti == "0800" or talks[0]:
            return obedient(message)
        return []

    async with running(script) as (peer, link):
        for number in range(1, 6):
            assert await ask(link, sale_request(f"{number:06d}", answer_s=1)) == Silent()
        assert await ask(link, sale_request("000006")) == NotSent("breaker open")
        await trio.sleep(0.2)
        assert peer.types()[-1] == "0800/301"
        assert link.usable  # half-open: the echo was answered
        talks[0] = True
        results: list[HostResult] = []
        link.send(sale_request("000007"), results.append)
        link.send(sale_request("000008"), results.append)
        assert results == [NotSent("breaker open")]
        await trio.sleep(0.2)
        assert isinstance(results[1], Answered)
        assert isinstance(await ask(link, sale_request("000009")), Answered)


async def test_two_missed_echoes_drop_the_connection(autojump_clock: MockClock) -> None:
    def deaf_to_echo(message: Message) -> list[Reply] | None:
        return [] if message.get(70) == "301" else obedient(message)

    async with running(deaf_to_echo) as (peer, link):
        await trio.sleep(ALPHA.echo_s + 21)
        assert peer.types()[:3] == ["0800/001", "0800/301", "0800/301"]
        await trio.sleep(3)
        assert peer.connections == 2
        assert link.signed_on


async def test_an_unsolicited_cut_over_is_answered_and_passed_on(autojump_clock: MockClock) -> None:
    days: list[tuple[str, str]] = []
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery)
        link = link_to(peer, on_day=lambda acquirer, day: days.append((acquirer, day)))
        nursery.start_soon(link.run)
        await signed_on(link)
        await peer.say(("0800", {7: "0315021530", 11: "900201", 15: "0316", 70: "201"}))
        await trio.sleep(0.1)
        assert days == [("alpha", "0316")]
        assert peer.heard[-1].mti == "0810"
        assert peer.heard[-1].fields.copy() == {
            7: "0315021530",
            11: "900201",
            15: "0316",
            39: "00",
            70: "201",
        }
        nursery.cancel_scope.cancel()


async def test_stopping_waits_for_answers_then_signs_off(autojump_clock: MockClock) -> None:
    waiting: list[Message] = []

    def slow(message: Message) -> list[Reply] | None:
        if message.mti == "0800":
            return obedient(message)
        waiting.append(message)
        return []

    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, slow)
        link = link_to(peer)
        nursery.start_soon(link.run)
        await signed_on(link)
        results: list[HostResult] = []
        link.send(sale_request("000001"), results.append)
        await trio.sleep(0.1)
        nursery.start_soon(link.stop)
        await trio.sleep(1)
        link.send(sale_request("000002"), results.append)
        assert results == [NotSent("stopping")]
        await peer.say(answer_to(waiting[0]))
        await trio.sleep(1)
        assert isinstance(results[1], Answered)
        assert peer.types() == ["0800/001", "0200", "0800/002"]
        nursery.cancel_scope.cancel()


async def test_stopping_a_link_that_cannot_connect_ends_at_once(autojump_clock: MockClock) -> None:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, refuses=True)
        link = link_to(peer)
        nursery.start_soon(link.run)
        await trio.sleep(30)
        with trio.fail_after(0.5):
            await link.stop()


async def test_a_refused_sign_on_is_tried_again_later(autojump_clock: MockClock) -> None:
    def moody(message: Message) -> list[Reply] | None:
        code = "00" if len(peers[0].heard) > 2 else "96"
        return [answer_to(message, {39: code})]

    peers: list[HostPeer] = []
    async with trio.open_nursery() as nursery:
        peers.append(HostPeer(nursery, moody))
        link = link_to(peers[0])
        nursery.start_soon(link.run)
        await signed_on(link)
        assert peers[0].connections == 3
        nursery.cancel_scope.cancel()


async def test_a_host_that_refuses_sign_on_is_asked_ever_more_rarely(
    autojump_clock: MockClock,
) -> None:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, lambda message: [answer_to(message, {39: "96"})])
        nursery.start_soon(link_to(peer).run)
        await trio.sleep(125)
        assert peer.connections == 8  # waits of 1, 2, 4, 8, 16, 32 and 60 s between
        assert len({message[11] for message in peer.heard}) == 8
        nursery.cancel_scope.cancel()


async def test_garbage_in_a_good_frame_harms_nobody_else(autojump_clock: MockClock) -> None:
    async with running() as (peer, link):
        assert peer.stream is not None
        await peer.stream.send_all(b"00040200")
        await trio.sleep(0.1)
        assert isinstance(await ask(link, sale_request()), Answered)
        assert peer.connections == 1


async def test_a_stream_that_cannot_be_cut_is_dropped(autojump_clock: MockClock) -> None:
    async with running() as (peer, link):
        assert peer.stream is not None
        await peer.stream.send_all(b"GET / HTTP/1.1\r\n")
        await trio.sleep(0.1)
        assert not link.signed_on
        await signed_on(link)
        assert peer.connections == 2


async def test_a_framing_with_headers_is_refused_when_the_link_is_made() -> None:
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery)
        with pytest.raises(ValueError, match="cups46"):
            AcquirerLink(
                replace(ALPHA, framing="cups46"),
                0,
                codec=CODEC,
                framing=get_framing("cups46"),
                metrics=new_metrics(),
                effects=Effects(),
                timers=Timers(),
                dial=peer.dial,
            )


class Moody:
    """A host that answers, is silent, hangs up, answers twice, wrongly or somebody else's, late."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.answered: set[str] = set()
        self.held: list[Message] = []

    def __call__(self, message: Message) -> list[Reply] | None:
        if message.mti == "0800":
            return obedient(message) if self.chance.random() < 0.95 else []
        replies = self.replies(message)
        self.answered.update(fields[11] for mti, fields in replies or [] if mti == "0210")
        return replies

    def replies(self, message: Message) -> list[Reply] | None:
        right = answer_to(message)
        match self.chance.choice(["ok", "ok", "ok", "silent", "hang up", "twice", "wrong", "late"]):
            case "ok":
                return [right]
            case "silent":
                return []
            case "hang up":
                return None
            case "twice":
                return [right, right]
            case "wrong":
                return [answer_to(message, {4: "000000000001"}), ("0410", right[1])]
            case _:
                self.held.append(message)
                return [answer_to(self.held.pop(self.chance.randrange(len(self.held))))]


async def moody_day(seed: int) -> tuple[dict[str, list[HostResult]], set[str], Moody]:
    """Send 300 requests through a line that chops writes; return results, what was heard, host."""
    chance = random.Random(seed)
    moody = Moody(chance)

    class Chopping(SocketWire):
        """Takes a few bytes at a time."""

        def send_some(self, data: bytes) -> int:
            return super().send_some(data[: chance.randrange(400)])

    results: dict[str, list[HostResult]] = {}
    async with trio.open_nursery() as nursery:
        peer = HostPeer(nursery, moody, wire=Chopping)
        link = link_to(peer)
        nursery.start_soon(link.run)
        await signed_on(link)
        for number in range(1, 301):
            stan = f"{number:06d}"
            results[stan] = []
            request = sale_request(stan, answer_s=2, amount=f"{number:012d}")
            link.send(request, results[stan].append)
            await trio.sleep(chance.choice([0, 0, 0, 0.05, 0.5]))
        await trio.sleep(10)
        nursery.cancel_scope.cancel()
    return results, {m[11] for m in peer.heard if m.mti == "0200"}, moody


async def test_whatever_the_host_does_no_result_lies(autojump_clock: MockClock) -> None:
    """P8, and the rule of the handed-over byte."""
    endings: Counter[type] = Counter()
    for seed in range(8):
        results, heard, moody = await moody_day(seed)
        for stan, got in results.items():
            assert len(got) == 1, f"seed {seed}: one result each"
            endings[type(got[0])] += 1
            match got[0]:
                case NotSent():
                    assert stan not in heard, f"seed {seed}: what was called unsent had left"
                case Answered(message):
                    assert stan in moody.answered, f"seed {seed}"
                    assert (message[11], message[4]) == (stan, stan.rjust(12, "0")), f"seed {seed}"
                case Silent() | Broken():
                    pass  # in doubt: it may have been heard or not
    assert set(endings) == {NotSent, Answered, Silent, Broken}, "every ending was met"


async def test_a_real_connection_carries_a_sale() -> None:
    async def host(stream: trio.SocketStream) -> None:
        reader = FRAMING.reader()
        async for data in stream:
            for frame in reader.feed(bytes(data)):
                for reply in obedient(CODEC.decode(frame)) or []:
                    await stream.send_all(wire_bytes(reply))

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, host, listeners)
        port = listeners[0].socket.getsockname()[1]
        link = AcquirerLink(
            replace(ALPHA, host="127.0.0.1", port=port),
            0,
            codec=CODEC,
            framing=FRAMING,
            metrics=new_metrics(),
            effects=Effects(),
            timers=Timers(),
            dial=dial,
        )
        nursery.start_soon(link.run)
        with trio.fail_after(5):
            await signed_on(link)
            assert isinstance(await ask(link, sale_request()), Answered)
        nursery.cancel_scope.cancel()
