"""The hardware back end: against our own front, and byte for byte against the shared messages."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock, memory_stream_pair

from pointsman.hsm import commands as c
from pointsman.hsm import hostclient
from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import HsmUnavailable, MacMethod, Refused
from pointsman.hsm.engine import Engine
from pointsman.hsm.hostcommands import COMMANDS, Front
from pointsman.hsm.hostfields import Fields
from pointsman.hsm.hostkeys import HostKeys
from pointsman.hsm.lmkvariant import KeyField, VariantLmk
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.payshield import PayshieldClient
from pointsman.hsm.payshield_front import HostReader, answer_frame
from pointsman.hsm.pinblock import encode
from pointsman.hsm.policy import Role
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.hsm.wire import FrameReader, frame, read_requests
from tests.hsm.laboratory import MAK, PAN, PIK, TMK, VECTORS, ZAK, ZMK, ZPK, Laboratory

Dial = Callable[[], Awaitable[trio.abc.Stream]]
FILE = json.loads((VECTORS / "hsm_host_messages.json").read_text())
CASES = {case["name"]: case for case in FILE["cases"]}
PAIRS = FILE["parameters"]["test_lmk_pairs_hex"]
VARIANT = VariantLmk({name: bytes.fromhex(pair) for name, pair in PAIRS.items()})


def key(key_type: str, clear: bytes) -> bytes:
    return str(VARIANT.seal(key_type, "U", clear)).encode()


async def serve_front(front: Front, stream: trio.abc.Stream) -> None:
    reader = HostReader(4)
    try:
        while data := await stream.receive_some():
            for message in reader.feed(bytes(data)):
                await stream.send_all(answer_frame(front, 4, message))
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        return


async def serve_engine(engine: Engine, stream: trio.abc.Stream) -> None:
    reader = FrameReader()
    while data := await stream.receive_some():
        for payload in reader.feed(bytes(data)):
            answers = [
                (number, engine.perform(Role.SWITCH, request))
                for number, request in read_requests(payload)
                if request
            ]
            await stream.send_all(frame(answers))


@asynccontextmanager
async def both(lab: Laboratory) -> AsyncIterator[PayshieldClient]:
    front = Front(HostKeys(lab.engine.world.random, variant=VARIANT), frozenset(COMMANDS))
    async with trio.open_nursery() as nursery:

        async def dial_front() -> trio.abc.Stream:
            near, far = memory_stream_pair()
            nursery.start_soon(serve_front, front, far)
            return near

        async def dial_engine(_: str) -> trio.abc.Stream:
            near, far = memory_stream_pair()
            nursery.start_soon(serve_engine, lab.engine, far)
            return near

        client = PayshieldClient(dial_front, HsmClient("", dial=dial_engine))
        await nursery.start(client.run)
        yield client
        nursery.cancel_scope.cancel()


def block_of(pin: str, clear: bytes) -> bytes:
    return encryptor(Algorithm.TDES, clear)(encode(0, pin, PAN))


async def test_a_sale_is_done_by_hardware_and_software_together() -> None:
    lab = Laboratory()
    body = b"0200-host-" + bytes(16) + b"-more-" + bytes(16)
    request = c.Outbound(
        c.MacCheck(lab.key("TAK", MAK), MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data")),
        c.PanSeal(PAN, b"row"),
        c.PinTranslate(key("002", PIK), key("001", ZPK), block_of("4321", PIK), PAN),
        c.HostMessage(body, 10, True, key("008", ZAK), MacMethod.X9_19, len(body) - 16, True),
    )
    async with both(lab) as client:
        answers: list[object] = []
        told = trio.Event()

        def done(answer: object) -> None:
            answers.append(answer)
            told.set()

        client.submit(request, trio.current_time() + 2, done)
        await told.wait()
        (answer,) = answers
        assert isinstance(answer, c.OutboundDone)
        assert answer.mac_ok is True
        assert answer.pin_ok is True
        assert answer.token is not None
        assert answer.host is not None
        assert answer.host[10:26] == block_of("4321", ZPK).hex().upper().encode()
        assert answer.host[-16:] == x9_19(ZAK, answer.host[:-16]).hex().upper().encode()
        assert client.is_up


async def test_answers_are_checked_and_made_by_hardware() -> None:
    zak, tak = key("008", ZAK), key("003", ZMK)
    make = c.MacMake(tak, MacMethod.X9_19, b"answer")
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        right = c.MacCheck(zak, MacMethod.X9_19, b"data", x9_19(ZAK, b"data"))
        answer = await client.ask(c.Inbound(right, make), deadline)
        assert answer == c.InboundDone(mac_ok=True, mac=x9_19(ZMK, b"answer"))
        wrong = c.MacCheck(zak, MacMethod.X9_19, b"date", x9_19(ZAK, b"data"))
        assert await client.ask(c.Inbound(wrong, make), deadline) == c.InboundDone(mac_ok=False)
        short = c.MacCheck(zak, MacMethod.X9_19_SHORT, b"d", x9_19(ZAK, b"d")[:4] + bytes(4))
        assert await client.ask(c.Inbound(short), deadline) == c.InboundDone(mac_ok=True)


async def test_bad_pin_block_and_bad_key_are_told_apart() -> None:
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        bad = c.PinTranslate(key("002", PIK), key("001", ZPK), bytes(8), PAN)
        assert await client.ask(c.Outbound(pin=bad), deadline) == c.OutboundDone(pin_ok=False)
        swapped = c.PinTranslate(key("001", PIK), key("001", ZPK), bytes(8), PAN)
        answer = await client.ask(c.Outbound(pin=swapped), deadline)
        assert answer == Refused("refused", "host command CA ended with 10")
        aes = c.PinTranslate(key("002", PIK), key("001", ZPK), bytes(16), PAN, 4, 4)
        assert isinstance(await client.ask(c.Outbound(pin=aes), deadline), Refused)


async def test_sign_in_keys_and_zone_keys_come_from_hardware() -> None:
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        sign_in = c.NewTerminalKeys(key("002", TMK), "003", method=MacMethod.X9_19)
        keys = await client.ask(sign_in, deadline)
        assert isinstance(keys, c.TerminalKeys)
        assert len(keys.field62) == 40
        pik = VARIANT.open("002", _field(keys.tpk))
        assert encryptor(Algorithm.TDES, TMK)(pik) == keys.field62[:16]
        assert encryptor(Algorithm.TDES, pik)(bytes(8))[:4] == keys.field62[16:20]
        wrapped = encryptor(Algorithm.TDES, ZMK)(ZPK)
        kcv = encryptor(Algorithm.TDES, ZPK)(bytes(8))[:3]
        made = await client.ask(c.ImportUnder(key("000", ZMK), "ZPK", wrapped, kcv), deadline)
        assert isinstance(made, c.KeyMade)
        assert VARIANT.open("001", _field(made.block)) == ZPK
        wrong = c.ImportUnder(key("000", ZMK), "ZPK", wrapped, b"\0\0\0")
        assert isinstance(await client.ask(wrong, deadline), Refused)


async def test_hardware_that_hangs_up_leaves_no_request_waiting(
    autojump_clock: MockClock,
) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial() -> trio.abc.Stream:
        raise OSError("nobody listens")

    async def dial_soft(_: str) -> trio.abc.Stream:
        raise OSError("nobody listens")

    client = PayshieldClient(dial, HsmClient("", dial=dial_soft))
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        check = c.MacCheck(key("008", ZAK), MacMethod.X9_19, b"", bytes(8))
        with pytest.raises(HsmUnavailable):
            await client.ask(c.Inbound(check), trio.current_time() + 1)
        nursery.cancel_scope.cancel()


def _field(text: bytes) -> KeyField:

    return Fields(text).key()


def test_commands_are_written_as_the_shared_messages_have_them() -> None:
    tpk, zpk = b"U8463435FC4B4DAA0C49025272C29B12C", b"U1EF828AA8F6B80EB83E19FBC373F3A85"
    made = hostclient.translate_pin(
        tpk, zpk, bytes.fromhex("6428EB94035AF53B"), "5500000253210", (0, 0)
    )
    case = CASES["CA-f0-f0-double"]
    assert made.decode() == case["in"]["request"]
    answer = hostclient.read_answer("CA", case["out"]["response"].encode())
    assert hostclient.translated_pin(answer) == bytes.fromhex("91DDDA0A7C12CFAA")
    zmk = b"U71979DEB8587E2734F1E99D5DCAEF9AC"
    wrapped = bytes.fromhex("C8E3118AFA853807EB7E92294663A5BA")
    case = CASES["A6-zpk-X-to-U"]
    assert hostclient.import_under("001", zmk, wrapped, "U").decode() == case["in"]["request"]
    case = CASES["BU-zpk"]
    assert hostclient.check_value("001", zpk).decode() == case["in"]["request"]


def test_mac_command_differs_from_the_shared_one_in_form_alone() -> None:
    # The shared message carries its data in hex, ours in binary: all other fields are the same.
    text = CASES["M6-hex-zak-pad1"]["in"]["request"]
    zak = text[10:43].encode()
    data = bytes.fromhex(text[47:])
    made = hostclient.make_mac(zak, "008", MacMethod.X9_19, data)
    assert made[:10] == b"M600131008"
    assert made[10:] == zak + f"{len(data):04X}".encode() + data
    keys = HostKeys(bytes, variant=VARIANT)
    answer = Front(keys, frozenset(COMMANDS)).answer(made)
    full = hostclient.made_mac(MacMethod.X9_19, hostclient.read_answer("M6", answer))
    assert full[:4].hex().upper() == CASES["M6-hex-zak-pad1"]["out"]["response"][4:]


@pytest.mark.parametrize("message", [b"", b"CB", b"CA00", b"CB\xff\xff", b"MB00"])
def test_answer_to_another_command_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match="another command"):
        hostclient.read_answer("CA", message)
