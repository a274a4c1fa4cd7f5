"""The wording of a payment's answer: what returns, what is added, where its MAC goes."""

from dataclasses import replace

import pytest

from pointsman.hsm.commands import MacMethod
from pointsman.switch.desk import Wording
from tests.codecs.golden import golden
from tests.switch.lives import ALPHA, MOMENT, POS, TODAY, desk, message, payment

SALE = "cup-sale-swipe-pin-req"
MANUAL = "cup-sale-manual-req"
MAC = b"0A1B2C3D"


def wording(name: str) -> Wording:
    given = message(name)
    return Wording(payment(given), given, desk())


def told(code: str, **more: str) -> dict[str, str]:
    return desk().told(code) | {name[1:]: value for name, value in more.items()}


def test_the_switchs_own_decision_has_its_clock_its_date_the_acquirer_and_a_reference() -> None:
    assert desk().told("96") == {
        "12": MOMENT.time,
        "13": MOMENT.date,
        "15": f"{TODAY:%m%d}",
        "32": ALPHA.institution,
        "37": "607400000120",
        "39": "96",
    }
    lent = replace(desk(), route=None)  # no acquirer was chosen: the merchant's first, if any
    assert "32" not in lent.told("25")
    assert replace(lent, home="alpha").told("25")["32"] == ALPHA.institution


def test_an_answer_is_signed_over_all_that_stands_before_its_mac() -> None:
    worded = wording(SALE)
    worded.word(told("00", f38="AB1234"), b"\1" * 16)
    asked = worded.make(b"tak", MacMethod.CUP_ECB)
    answer = worded.signed(MAC)
    assert answer == asked.data + MAC
    fields = POS.decode(answer).fields
    assert (fields[39], fields[38], fields[64]) == ("00", "AB1234", MAC.hex().upper())
    assert (worded.code, worded.approves) == ("00", b"\1" * 16)


def test_what_the_terminal_compares_comes_back_as_it_was() -> None:
    worded = wording(SALE)
    worded.word(told("00"), None)
    fields = POS.decode(worded.signed(MAC)).fields
    asked = golden(SALE).fields
    assert {n: fields[n] for n in (3, 4, 11, 25, 41, 42, 49, 60)} == {
        n: asked[n] for n in (3, 4, 11, 25, 41, 42, 49, 60)
    }


@pytest.mark.parametrize(("name", "returns"), [(SALE, True), (MANUAL, False)])
def test_a_card_number_goes_back_unless_it_was_keyed_in(name: str, *, returns: bool) -> None:
    worded = wording(name)
    worded.word(told("00"), None)
    assert (2 in POS.decode(worded.signed(MAC)).fields) is returns


def test_the_chips_answer_is_told_once_and_not_with_the_next_words() -> None:
    worded = wording("cup-sale-chip-pin-req")
    worded.word(told("00"), None, chip="910A00112233445566773030")
    assert POS.decode(worded.signed(MAC))[55] == "910A00112233445566773030"
    worded.word(told("98"), None)
    assert 55 not in POS.decode(worded.signed(MAC))
    assert worded.code == "98"


def test_a_bare_answer_has_no_mac_no_reference_and_no_card() -> None:
    fields = POS.decode(wording(SALE).bare("A0")).fields
    assert fields[39] == "A0"
    assert not {2, 37, 64} & set(fields)


def test_a_brand_that_is_not_known_has_no_scheme() -> None:
    assert desk().scheme == "CUP"
    assert replace(desk(), card_range=None).scheme == ""
