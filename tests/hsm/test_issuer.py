"""The simulators' issuer: PIN by PVV, card values, cryptograms; never for the switch."""

import pytest

from pointsman.hsm import cardvalues, emv
from pointsman.hsm import commands as c
from pointsman.hsm.engine import MALFORMED, REFUSED
from pointsman.hsm.pinblock import encode
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm, encryptor
from tests.hsm.laboratory import OTHER_PAN, PAN, TMK, ZMK, ZPK, Laboratory

SIMULATOR = Role.SIMULATOR


@pytest.fixture
def lab() -> Laboratory:
    return Laboratory()


def verify(lab: Laboratory, block: bytes, pvv: str, **more: str) -> c.Answer:
    keys = lab.key("ZPK_IN", ZPK), lab.key("PVK", TMK)
    request = c.VerifyPin(*keys, block, more.get("pan", PAN), more.get("pvki", "1"), pvv)
    return lab.ask(request, SIMULATOR)


def test_right_pin_is_right_and_any_other_wrong(lab: Laboratory) -> None:
    block = encryptor(Algorithm.TDES, ZPK)(encode(0, "1234", PAN))
    pvv = cardvalues.pvv(TMK, PAN, "1", "1234")
    assert verify(lab, block, pvv) == c.Verified(right=True)
    assert verify(lab, block, f"{(int(pvv) + 1) % 10_000:04d}") == c.Verified(right=False)
    assert verify(lab, block, pvv, pan=OTHER_PAN) == c.Verified(right=False)
    assert verify(lab, block, pvv, pvki="2") == c.Verified(right=False)
    assert verify(lab, bytes(8), pvv) == c.Verified(right=False)
    assert verify(lab, bytes(7), pvv) == c.Verified(right=False)


def test_zone_key_of_the_switch_does_not_open_pins(lab: Laboratory) -> None:
    request = c.VerifyPin(lab.key("ZPK", ZPK), lab.key("PVK", TMK), bytes(8), PAN, "1", "0000")
    assert lab.ask(request, SIMULATOR) == REFUSED


def test_live_mode_verifies_no_pin() -> None:
    live = Laboratory(mode=Mode.LIVE)
    request = c.VerifyPin(b"", b"", bytes(8), PAN, "1", "0000")
    assert live.ask(request, SIMULATOR) == REFUSED
    # Nor with keys that were made before the mode was changed.
    lab = Laboratory()
    keys = lab.key("ZPK_IN", ZPK), lab.key("PVK", TMK)
    block = encryptor(Algorithm.TDES, ZPK)(encode(0, "1234", PAN))
    whole = c.VerifyPin(*keys, block, PAN, "1", cardvalues.pvv(TMK, PAN, "1", "1234"))
    assert lab.ask(whole, SIMULATOR) == c.Verified(right=True)
    assert live.ask(whole, SIMULATOR) == REFUSED


def test_card_value_is_checked(lab: Laboratory) -> None:
    cvk = lab.key("CVK", TMK)
    right = cardvalues.cvv(TMK, PAN, "3012", "201")
    for value, expected in ((right, True), ("000" if right != "000" else "001", False)):
        request = c.VerifyCardValue(cvk, PAN, "3012", "201", value)
        assert lab.ask(request, SIMULATOR) == c.Verified(expected)
    assert lab.ask(c.VerifyCardValue(cvk, PAN, "30-2", "201", right), SIMULATOR) == MALFORMED


@pytest.mark.parametrize("scheme", ["cvn10", "cvn18", "mchip"])
def test_cryptogram_is_checked_and_answered(lab: Laboratory, scheme: str) -> None:
    mk, atc, number, data = lab.key("MK_AC", ZMK), b"\0\7", b"\1\2\3\4", b"terminal and card data"
    card = emv.card_key(ZMK, PAN, "01")
    key = {
        "cvn10": card,
        "cvn18": emv.session_key(card, atc),
        "mchip": emv.mchip_session_key(card, atc, number),
    }[scheme]
    arqc = emv.cryptogram(key, data, padded_80=scheme != "cvn10")
    arc = b"\0\0\0\0" if scheme == "cvn18" else b"00"
    request = c.VerifyCryptogram(mk, scheme, PAN, "01", atc, number, data, arqc, arc)
    expected = emv.arpc_2(key, arqc, arc) if scheme == "cvn18" else emv.arpc_1(card, arqc, arc)
    assert lab.ask(request, SIMULATOR) == c.CryptogramChecked(right=True, arpc=expected)
    wrong = c.VerifyCryptogram(mk, scheme, PAN, "01", atc, number, data, bytes(8), arc)
    assert lab.ask(wrong, SIMULATOR) == c.CryptogramChecked(right=False)


def test_unknown_scheme_is_refused(lab: Laboratory) -> None:
    mk = lab.key("MK_AC", ZMK)
    request = c.VerifyCryptogram(mk, "cvn99", PAN, "01", b"\0\1", bytes(4), b"x", bytes(8), b"00")
    assert lab.ask(request, SIMULATOR) == REFUSED
    bad = c.VerifyCryptogram(mk, "cvn10", PAN, "1", b"\0\1", bytes(4), b"x", bytes(8), b"00")
    assert lab.ask(bad, SIMULATOR) == MALFORMED
