"""The client against real HSM processes, and against peers that are silent, slow or gone."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from pointsman.hsm import commands as c
from pointsman.hsm.client import CIRCUIT_FAILURES, CIRCUIT_PROBE_S, HsmClient
from pointsman.hsm.commands import HsmUnavailable, MacMethod
from pointsman.hsm.wire import FrameReader, frame, read_requests
from tests.hsm.laboratory import PAN
from tests.hsm.processes import HsmProcess, hsm

ROW = b"row"


def is_up(client: HsmClient) -> bool:
    return client.is_up


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HsmProcess]:
    with hsm(tmp_path_factory.mktemp("hsm")) as process:
        yield process


async def test_answers_come_to_whom_they_belong(running: HsmProcess) -> None:
    client = HsmClient(str(running.sockets / "switch.sock"), timeout_s=10)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        tmk = await client.ask(c.NewKey("TMK", "T1"), trio.current_time() + 5)
        assert isinstance(tmk, c.KeyMade)
        keys = await client.ask(c.NewTerminalKeys(tmk.block, "003"), trio.current_time() + 5)
        assert isinstance(keys, c.TerminalKeys)
        answers: dict[int, object] = {}
        all_there = trio.Event()

        def note(number: int, answer: object) -> None:
            answers[number] = answer
            if len(answers) == 500:
                all_there.set()

        for number in range(500):
            make = c.MacMake(keys.tak, MacMethod.CUP_ECB, b"message %d" % number)
            client.submit(
                c.Inbound(None, make),
                trio.current_time() + 10,
                partial(note, number),
            )
        assert client.waiting == 500
        await all_there.wait()
        macs = {answer.mac for answer in answers.values() if isinstance(answer, c.InboundDone)}
        assert len(macs) == 500
        assert client.waiting == 0
        assert client.is_up
        first = answers[0]
        assert isinstance(first, c.InboundDone)
        assert first.mac is not None
        check = c.MacCheck(keys.tak, MacMethod.CUP_ECB, b"message 0", first.mac)
        again = await client.ask(c.Inbound(check), trio.current_time() + 5)
        assert again == c.InboundDone(mac_ok=True)
        nursery.cancel_scope.cancel()


async def test_restart_with_the_same_store_opens_what_was_sealed(tmp_path: Path) -> None:
    client = HsmClient(str(tmp_path / "run" / "switch.sock"), timeout_s=10)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        with hsm(tmp_path) as first:
            request = c.Outbound(seal=c.PanSeal(PAN, ROW))
            done = await client.ask(request, trio.current_time() + 10)
            assert isinstance(done, c.OutboundDone)
            assert done.cipher is not None
            first.kill()
        with hsm(tmp_path):
            opened = await client.ask(c.OpenPan(done.cipher, ROW), trio.current_time() + 10)
            assert opened == c.Opened(PAN)
            nursery.cancel_scope.cancel()


async def test_another_process_takes_over_when_one_dies(tmp_path: Path) -> None:
    names = ("switch.sock", "switch-1.sock")
    with hsm(tmp_path) as first:
        second = HsmProcess(first.sockets, first.store, "--instance", "1")
        second.wait_until_it_listens(names[1])
        client = HsmClient([str(first.sockets / name) for name in names], timeout_s=10)
        async with trio.open_nursery() as nursery:
            await nursery.start(client.run)
            token = await client.ask(c.TokenOf(PAN), trio.current_time() + 10)
            first.kill()
            for _ in range(20):
                assert await client.ask(c.TokenOf(PAN), trio.current_time() + 10) == token
            nursery.cancel_scope.cancel()
        second.stop()


async def test_deadline_is_kept_when_nobody_answers(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial(_: str) -> trio.abc.Stream:
        near, far = memory_stream_pair()
        silent.append(far)
        return near

    silent: list[trio.abc.Stream] = []
    client = HsmClient("nowhere", timeout_s=2.0, dial=dial)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        for _ in range(CIRCUIT_FAILURES):
            asked_at = trio.current_time()
            with pytest.raises(HsmUnavailable, match="deadline"):
                await client.ask(c.TokenOf(PAN), asked_at + 0.5)
            assert 0.5 <= trio.current_time() - asked_at < 0.6
        assert not is_up(client)
        with pytest.raises(HsmUnavailable, match="deadline"):  # the probe
            await client.ask(c.TokenOf(PAN), trio.current_time() + 0.5)
        with pytest.raises(HsmUnavailable, match="circuit"):
            await client.ask(c.TokenOf(PAN), trio.current_time() + 0.5)
        await trio.sleep(CIRCUIT_PROBE_S)

        async def answer_one() -> NoReturn:
            reader = FrameReader()
            while True:
                for payload in reader.feed(bytes(await silent[0].receive_some())):
                    numbers = [number for number, _ in read_requests(payload)]
                    await silent[0].send_all(frame([(n, c.Token(b"t")) for n in numbers]))

        nursery.start_soon(answer_one)
        assert await client.ask(c.TokenOf(PAN), trio.current_time() + 0.5) == c.Token(b"t")
        assert is_up(client)
        nursery.cancel_scope.cancel()


async def test_timeout_of_the_client_bounds_any_deadline(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial(_: str) -> trio.abc.Stream:
        await trio.sleep_forever()
        raise AssertionError

    client = HsmClient("nowhere", timeout_s=1.0, dial=dial)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        asked_at = trio.current_time()
        with pytest.raises(HsmUnavailable):
            await client.ask(c.TokenOf(PAN), asked_at + 60)
        assert trio.current_time() - asked_at < 1.1
        nursery.cancel_scope.cancel()


async def test_what_waits_when_the_client_stops_is_told(autojump_clock: MockClock) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial(_: str) -> trio.abc.Stream:
        raise OSError("nobody listens")

    told: list[object] = []
    client = HsmClient("nowhere", dial=dial)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        client.submit(c.TokenOf(PAN), trio.current_time() + 2, told.append)
        assert told == []
        nursery.cancel_scope.cancel()
    assert isinstance(told[0], HsmUnavailable)
