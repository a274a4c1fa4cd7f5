"""The sale's two trips, tokens and cipher texts; every refusal has one face and its own reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.hsm import commands as c
from pointsman.hsm.commands import MacMethod
from pointsman.hsm.engine import LIMITED, MALFORMED, REFUSED
from pointsman.hsm.mac import cup_ecb_mac, x9_19
from pointsman.hsm.pinblock import encode
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm, decryptor, encryptor
from tests.hsm.laboratory import MAK, OTHER_PAN, PAN, PIK, ZAK, ZPK, Laboratory

ROW = b"transactions/1/pan"
MESSAGE = b"0200 a message as it came, field by field"


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def block_of(pin: str, pan: str = PAN, key: bytes = PIK) -> bytes:
    return encryptor(Algorithm.TDES, key)(encode(0, pin, pan))


def outbound(lab: Laboratory, *, pin_hex: bool = False, mac: bytes | None = None) -> c.Outbound:
    room = 16 if pin_hex else 8
    body = b"0200-host-" + bytes(room) + b"-more-" + bytes(8)
    return c.Outbound(
        c.MacCheck(
            lab.key("TAK", MAK), MacMethod.CUP_ECB, MESSAGE, mac or cup_ecb_mac(MAK, MESSAGE)
        ),
        c.PanSeal(PAN, ROW),
        c.PinTranslate(lab.key("TPK", PIK), lab.key("ZPK", ZPK), block_of("123456"), PAN),
        c.HostMessage(
            body, 10, pin_hex, lab.key("ZAK", ZAK), MacMethod.X9_19, len(body) - 8, mac_hex=False
        ),
    )


@pytest.mark.parametrize("pin_hex", [False, True])
def test_one_request_does_all_that_a_sale_needs(lab: Laboratory, pin_hex: bool) -> None:
    done = lab.ask(outbound(lab, pin_hex=pin_hex))
    assert isinstance(done, c.OutboundDone)
    assert done.mac_ok is True
    assert done.pin_ok is True
    assert done.host is not None
    expected = block_of("123456", key=ZPK)
    shown = expected.hex().upper().encode() if pin_hex else expected
    assert done.host[10 : 10 + len(shown)] == shown
    assert done.host[-8:] == x9_19(ZAK, done.host[:-8])
    assert done.token is not None
    assert len(done.token) == 16
    assert done.cipher is not None
    assert lab.ask(c.OpenPan(done.cipher, ROW)) == c.Opened(PAN)


def test_nothing_else_is_done_when_the_mac_is_wrong(lab: Laboratory) -> None:
    assert lab.ask(outbound(lab, mac=b"00000000")) == c.OutboundDone(mac_ok=False)
    assert lab.engine.calls["mac_check", "wrong"] == 1
    assert ("pin", "ok") not in lab.engine.calls


def test_every_part_may_be_absent(lab: Laboratory) -> None:
    assert lab.ask(c.Outbound()) == c.OutboundDone()
    assert lab.ask(c.Inbound()) == c.InboundDone()


def test_answer_is_checked_then_made_for_the_terminal(lab: Laboratory) -> None:
    host, tak = lab.key("ZAK", ZAK), lab.key("TAK", MAK)
    make = c.MacMake(tak, MacMethod.CUP_ECB, b"0210 answer")
    right = c.MacCheck(host, MacMethod.X9_19, MESSAGE, x9_19(ZAK, MESSAGE))
    assert lab.ask(c.Inbound(right, make)) == c.InboundDone(
        mac_ok=True, mac=cup_ecb_mac(MAK, b"0210 answer")
    )
    in_hex = c.MacCheck(host, MacMethod.X9_19, MESSAGE, x9_19(ZAK, MESSAGE).hex().encode())
    assert lab.ask(c.Inbound(in_hex)) == c.InboundDone(mac_ok=True)
    wrong = c.MacCheck(host, MacMethod.X9_19, MESSAGE + b"!", x9_19(ZAK, MESSAGE))
    assert lab.ask(c.Inbound(wrong, make)) == c.InboundDone(mac_ok=False)


@given(
    st.binary(min_size=1, max_size=200), st.sampled_from([MacMethod.X9_19, MacMethod.X9_19_SHORT])
)
def test_a_made_mac_verifies_and_a_changed_one_does_not(data: bytes, method: MacMethod) -> None:
    lab = Laboratory()
    key = lab.key("ZAK", ZAK)
    made = lab.ask(c.Inbound(None, c.MacMake(key, method, data)))
    assert isinstance(made, c.InboundDone)
    assert made.mac is not None
    assert lab.ask(c.Inbound(c.MacCheck(key, method, data, made.mac))) == c.InboundDone(mac_ok=True)
    changed = bytes((made.mac[0] ^ 1,)) + made.mac[1:]
    answer = lab.ask(c.Inbound(c.MacCheck(key, method, data, changed)))
    assert answer == c.InboundDone(mac_ok=False)


def test_short_mac_ends_in_zeros(lab: Laboratory) -> None:
    make = c.MacMake(lab.key("ZAK", ZAK), MacMethod.X9_19_SHORT, MESSAGE)
    assert lab.ask(c.Inbound(None, make)) == c.InboundDone(mac=x9_19(ZAK, MESSAGE)[:4] + bytes(4))


def test_token_is_the_same_for_the_same_card_and_cipher_text_never(lab: Laboratory) -> None:
    first, second = lab.ask(outbound(lab)), lab.ask(outbound(lab))
    assert isinstance(first, c.OutboundDone)
    assert isinstance(second, c.OutboundDone)
    assert first.token == second.token
    assert first.cipher != second.cipher
    assert lab.ask(c.TokenOf(PAN)) == c.Token(first.token or b"")
    other = lab.ask(c.TokenOf(OTHER_PAN))
    assert isinstance(other, c.Token)
    assert other.token != first.token


def test_cipher_text_opens_in_its_own_row_alone(lab: Laboratory) -> None:
    done = lab.ask(c.Outbound(seal=c.PanSeal(PAN, ROW)))
    assert isinstance(done, c.OutboundDone)
    assert done.cipher is not None
    assert lab.ask(c.OpenPan(done.cipher, b"another row")) == REFUSED
    for at in range(len(done.cipher)):
        changed = bytearray(done.cipher)
        changed[at] ^= 1
        assert lab.ask(c.OpenPan(bytes(changed), ROW)) == REFUSED
    for size in range(len(done.cipher)):
        assert lab.ask(c.OpenPan(done.cipher[:size], ROW)) == REFUSED


def test_older_data_key_still_opens_and_the_newest_seals() -> None:
    old = Laboratory()
    done = old.ask(c.Outbound(seal=c.PanSeal(PAN, ROW)))
    assert isinstance(done, c.OutboundDone)
    assert done.cipher is not None
    new = Laboratory(pan_keys={1: b"\x02" * 32, 2: b"\x03" * 32})
    assert new.ask(c.OpenPan(done.cipher, ROW)) == c.Opened(PAN)
    answer = new.ask(c.Reseal(((done.cipher, ROW), (b"junk", ROW))), Role.OPERATOR)
    assert isinstance(answer, c.Resealed)
    assert answer.ciphers[0][:3] == b"\x01\x00\x02"
    assert answer.ciphers[1] == b""
    assert new.ask(c.OpenPan(answer.ciphers[0], ROW)) == c.Opened(PAN)


@pytest.mark.parametrize(
    ("block", "target", "reason"),
    [
        (block_of("123456", OTHER_PAN)[:7], 0, "size"),
        (encryptor(Algorithm.TDES, PIK)(bytes.fromhex("141261AAAAEDCBA9")), 0, "head"),
        (encryptor(Algorithm.TDES, PIK)(bytes.fromhex("03126AAAAAEDCBA9")), 0, "head"),
        (encryptor(Algorithm.TDES, PIK)(bytes.fromhex("0D1261032D822662")), 0, "head"),
        (encryptor(Algorithm.TDES, PIK)(bytes.fromhex("0D1261032D822662")), 3, "length"),
        (encryptor(Algorithm.TDES, PIK)(bytes.fromhex("0412FFFFFFFFFFFF")), 3, "digit"),
    ],
)
def test_every_content_fault_of_a_pin_block_looks_the_same_outside(
    lab: Laboratory, block: bytes, target: int, reason: str
) -> None:
    pin = c.PinTranslate(lab.key("TPK", PIK), lab.key("ZPK", ZPK), block, PAN, 0, target)
    assert lab.ask(c.Outbound(pin=pin)) == c.OutboundDone(pin_ok=False)
    assert lab.reasons == [f"PIN block: {reason}"]


@pytest.mark.parametrize(("source", "target"), [(99, 0), (0, 99), (-1, 0), (2, 2), (0, 1), (1, 0)])
def test_a_format_that_is_none_or_may_not_be_is_one_refusal(
    lab: Laboratory, source: int, target: int
) -> None:
    pin = c.PinTranslate(lab.key("TPK", PIK), lab.key("ZPK", ZPK), bytes(8), PAN, source, target)
    assert lab.ask(c.Outbound(pin=pin)) == REFUSED
    assert lab.reasons == ["format"]


@pytest.mark.parametrize("pan", ["", "x" * 16, "1" * 20])
def test_a_card_number_that_is_none_is_told_in_the_log_alone(lab: Laboratory, pan: str) -> None:
    pin = c.PinTranslate(lab.key("TPK", PIK), lab.key("ZPK", ZPK), bytes(8), pan)
    assert lab.ask(c.Outbound(pin=pin)) == c.OutboundDone(pin_ok=False)
    assert lab.reasons == ["PIN block: pan"]


def test_a_thousand_bad_blocks_close_a_key_for_the_hour_and_raise_one_alarm(
    lab: Laboratory,
) -> None:
    tpk, zpk = lab.key("TPK", PIK), lab.key("ZPK", ZPK)
    bad = c.Outbound(pin=c.PinTranslate(tpk, zpk, bytes(8), PAN))
    good = c.Outbound(pin=c.PinTranslate(tpk, zpk, block_of("1234"), PAN))
    for _ in range(1_000):
        assert lab.ask(bad) == c.OutboundDone(pin_ok=False)
    assert lab.ask(good) == LIMITED
    assert [event.result for event in lab.events].count("alarm") == 1
    other = c.PinTranslate(lab.key("TPK", PIK), zpk, block_of("1234"), PAN)
    assert isinstance(lab.ask(c.Outbound(pin=other)), c.OutboundDone)  # another key block
    lab.now_s += 3_600
    assert lab.ask(good) == c.OutboundDone(pin_ok=True)


@pytest.mark.parametrize(
    ("offset", "end"), [(-1, 26), (27, 26), (10, 33), (10, -1), (1 << 40, 26), (10, 1 << 40)]
)
def test_offsets_outside_the_message_are_malformed(lab: Laboratory, offset: int, end: int) -> None:
    whole = outbound(lab)
    assert whole.host is not None
    host = c.HostMessage(
        bytes(34), offset, False, whole.host.mac_key, MacMethod.X9_19, end, mac_hex=False
    )
    assert lab.ask(c.Outbound(pin=whole.pin, host=host)) == MALFORMED


def test_key_in_the_wrong_place_is_refused_and_the_reason_recorded(lab: Laboratory) -> None:
    tpk, zpk = lab.key("TPK", PIK), lab.key("ZPK", ZPK)
    swapped = c.PinTranslate(zpk, tpk, block_of("1234"), PAN)
    assert lab.ask(c.Outbound(pin=swapped)) == REFUSED
    check = c.MacCheck(tpk, MacMethod.CUP_ECB, MESSAGE, bytes(8))
    assert lab.ask(c.Outbound(mac=check)) == REFUSED
    assert lab.reasons == ["usage", "usage"]


def test_changed_or_foreign_key_block_is_refused(lab: Laboratory) -> None:
    block = lab.key("TAK", MAK)
    foreign = Laboratory(lmk=b"\x18" * 32).key("TAK", MAK)
    last = b"1" if block.endswith(b"0") else b"0"
    for key in (block[:-1] + last, block[:20] + b"9" + block[21:], foreign, b"", b"\xff" * 200):
        check = c.MacCheck(key, MacMethod.CUP_ECB, MESSAGE, bytes(8))
        assert lab.ask(c.Outbound(mac=check)) == REFUSED
    assert all(reason.startswith("key block: ") for reason in lab.reasons)


def test_expired_key_is_refused_even_when_it_is_ready(lab: Laboratory) -> None:
    key = lab.key("TAK", MAK, expires_s=lab.now_s + 10)
    request = c.Inbound(None, c.MacMake(key, MacMethod.CUP_ECB, MESSAGE))
    assert isinstance(lab.ask(request), c.InboundDone)
    lab.now_s += 10
    assert lab.ask(request) == REFUSED
    assert lab.reasons == ["expired"]


def test_live_mode_leaves_pin_keys_to_an_external_hsm() -> None:
    lab, live = Laboratory(), Laboratory(mode=Mode.LIVE)
    pin = c.PinTranslate(lab.key("TPK", PIK), lab.key("ZPK", ZPK), block_of("1234"), PAN)
    assert live.ask(c.Outbound(pin=pin)) == REFUSED
    assert live.reasons == ["live mode: PIN keys need an external HSM"]
    assert live.ask(c.NewKey("TPK"), Role.OPERATOR) == REFUSED
    assert isinstance(live.ask(c.NewKey("ZAK"), Role.OPERATOR), c.KeyMade)


def test_no_secret_shows_in_a_repr(lab: Laboratory) -> None:
    request = outbound(lab)
    text = repr((request, lab.ask(request), lab.ask(c.OpenPan(b"x" * 40, ROW)), c.Opened(PAN)))
    assert PAN not in text
    assert repr(block_of("123456")) not in text
    assert "D0" not in text  # no key block


def test_format_0_may_become_format_3_and_back(lab: Laboratory) -> None:
    tpk, zpk, zpk_in = lab.key("TPK", PIK), lab.key("ZPK", ZPK), lab.key("ZPK_IN", ZPK)
    out = c.PinTranslate(tpk, zpk, block_of("987654"), PAN, 0, 3)
    host = c.HostMessage(bytes(8), 0, False, None, MacMethod.X9_19, 0, mac_hex=False)
    done = lab.ask(c.Outbound(pin=out, host=host))
    assert isinstance(done, c.OutboundDone)
    assert done.host is not None
    assert decryptor(Algorithm.TDES, ZPK)(done.host)[0] >> 4 == 3
    back = c.PinTranslate(zpk_in, lab.key("ZPK", PIK), done.host, PAN, 3, 0)
    again = lab.ask(c.Outbound(pin=back, host=host))
    assert isinstance(again, c.OutboundDone)
    assert again.host == block_of("987654")
