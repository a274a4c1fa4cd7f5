"""The hardware back end: a sale, its parts, and what becomes of it when the hardware is away."""

import pytest
import trio
from trio.testing import MockClock

from pointsman import log
from pointsman.hsm import commands as c
from pointsman.hsm.commands import HsmUnavailable, MacMethod, Refused
from pointsman.hsm.faults import FAULTS_MAX, LIMITED
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.payshield import PayshieldClient
from tests.hsm.hardware import CASES, block_of, both, key
from tests.hsm.laboratory import MAK, PAN, PIK, ZAK, ZMK, ZPK, Laboratory


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


async def test_hardware_that_hangs_up_leaves_no_request_waiting(
    autojump_clock: MockClock,
) -> None:
    assert autojump_clock.autojump_threshold == 0

    async def dial() -> trio.abc.Stream:
        raise OSError("nobody listens")

    async def dial_soft(_: str) -> trio.abc.Stream:
        raise OSError("nobody listens")

    client = PayshieldClient(dial, "", dial=dial_soft)
    async with trio.open_nursery() as nursery:
        await nursery.start(client.run)
        check = c.MacCheck(key("008", ZAK), MacMethod.X9_19, b"", bytes(8))
        with pytest.raises(HsmUnavailable):
            await client.ask(c.Inbound(check), trio.current_time() + 1)
        nursery.cancel_scope.cancel()


async def test_pins_move_between_zones_and_from_derived_keys() -> None:
    case = CASES["G0-00001"]["in"]["request"]
    bdk, zpk, ksn = case[2:35].encode(), case[35:68].encode(), bytes.fromhex(case[71:91])
    body = c.HostMessage(bytes(8), 0, False, None, MacMethod.X9_19, 0, mac_hex=False)
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        zone = c.PinTranslate(
            key("001", ZPK), key("001", PIK), block_of("4321", ZPK), PAN, from_zone=True
        )
        answer = await client.ask(c.Outbound(pin=zone, host=body), deadline)
        assert isinstance(answer, c.OutboundDone)
        assert answer.host == block_of("4321", PIK)
        pan = case[111:123] + "0"
        derived = c.PinTranslate(
            b"", zpk, bytes.fromhex(case[91:107]), pan, dukpt=c.Dukpt(bdk, ksn)
        )
        answer = await client.ask(c.Outbound(pin=derived, host=body), deadline)
        assert isinstance(answer, c.OutboundDone)
        assert answer.host == bytes.fromhex(CASES["G0-00001"]["out"]["response"][6:22])


async def test_a_thousand_bad_pin_blocks_close_a_key_of_the_hardware(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.setup("worker")
    bad = c.PinTranslate(key("002", PIK), key("001", ZPK), bytes(8), PAN)
    good = c.PinTranslate(key("002", PIK), key("001", ZPK), block_of("4321", PIK), PAN)
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 60
        for _ in range(FAULTS_MAX):
            assert await client.ask(c.Outbound(pin=bad), deadline) == c.OutboundDone(pin_ok=False)
        assert await client.ask(c.Outbound(pin=good), deadline) == LIMITED
        other = c.PinTranslate(key("002", ZMK), key("001", ZPK), block_of("4321", ZMK), PAN)
        answer = await client.ask(c.Outbound(pin=other), deadline)
        assert answer == c.OutboundDone(pin_ok=True)
    assert capsys.readouterr().err.count('hsm_alarm"') == 1


async def test_what_software_refuses_is_refused_beside_hardware() -> None:
    foreign = Laboratory(lmk=b"\x18" * 32).key("TAK", MAK)
    async with both(Laboratory()) as client:
        deadline = trio.current_time() + 2
        check = c.MacCheck(foreign, MacMethod.CUP_ECB, b"data", cup_ecb_mac(MAK, b"data"))
        pin = c.PinTranslate(key("002", PIK), key("001", ZPK), block_of("4321", PIK), PAN)
        assert isinstance(await client.ask(c.Outbound(check, pin=pin), deadline), Refused)
        good = c.MacCheck(key("008", ZAK), MacMethod.X9_19, b"data", x9_19(ZAK, b"data"))
        make = c.MacMake(foreign, MacMethod.CUP_ECB, b"answer")
        assert isinstance(await client.ask(c.Inbound(good, make), deadline), Refused)


async def test_what_waits_is_counted_at_both() -> None:
    async with both(Laboratory()) as client:
        assert client.waiting == 0
        deadline, told = trio.current_time() + 2, list[object]()
        hard = c.MacCheck(key("008", ZAK), MacMethod.X9_19, b"", bytes(8))
        client.submit(c.Inbound(hard), deadline, told.append)
        client.submit(c.AskHead(), deadline, told.append)
        assert client.waiting == 2
        await trio.testing.wait_all_tasks_blocked(0.05)
        assert len(told) == 2
        assert client.waiting == 0


@pytest.mark.parametrize("mac", [b"", b"x" * 16, bytes(7), b"0" * 15])
async def test_what_can_be_no_mac_is_wrong_with_either_hsm(mac: bytes) -> None:
    lab = Laboratory()
    async with both(lab) as client:
        for zak in (key("008", ZAK), lab.key("ZAK", ZAK)):
            check = c.MacCheck(zak, MacMethod.X9_19, b"data", mac)
            answer = await client.ask(c.Inbound(check), trio.current_time() + 2)
            assert answer == c.InboundDone(mac_ok=False)
