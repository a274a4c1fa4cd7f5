"""What a request says of the card, and what of it contradicts itself."""

from dataclasses import replace

import pytest

from pointsman.routing.bins import scheme_of
from pointsman.switch import checks, entry
from pointsman.switch.flows import FLOW_BY_NAME
from tests.codecs.golden import golden
from tests.switch.lives import MERCHANT, TODAY, message, payment

SALE = FLOW_BY_NAME["sale"]


def test_a_track_a_number_and_a_code_are_told_apart() -> None:
    swiped, _ = entry.card(SALE, "021", golden("cup-sale-swipe-pin-req").fields)
    keyed, _ = entry.card(SALE, "012", golden("cup-sale-manual-req").fields)
    scanned, _ = entry.card(SALE, "032", golden("cup-qr-c2b-sale-req").fields)
    assert swiped is not None
    assert swiped.track2
    assert keyed is not None
    assert not keyed.track2
    assert scanned is not None
    assert scanned.is_code


def test_a_number_without_track_needs_its_expiry_and_tags_stand_for_neither() -> None:
    fields = golden("cup-sale-chip-pin-req").fields
    assert entry.card(SALE, "051", {n: fields[n] for n in (35, 55)})[1] is None
    for given, wanted in (((2, 55), 14), ((55,), 35)):
        _, refusal = entry.card(SALE, "051", {n: fields[n] for n in given})
        assert refusal is not None
        assert (refusal.code, refusal.field) == ("30", wanted)


def test_a_card_is_asked_for_only_where_the_type_needs_one() -> None:
    assert entry.card(FLOW_BY_NAME["void"], "012", {}) == (None, None)
    _, refusal = entry.card(SALE, "012", {})
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("30", 35)


@pytest.mark.parametrize("name", ["cup-sale-chip-pin-req", "cup-preauth-req"])
def test_golden_chip_data_has_what_it_must_have(name: str) -> None:
    fields = golden(name).fields
    found = entry.tags(fields[55])
    assert found is not None
    assert entry.chip_refusal(SALE, "051", fields, found) is None
    del found["9F26"]
    refusal = entry.chip_refusal(SALE, "051", fields, found)
    assert refusal is not None
    assert refusal.reason == "tag 9F26 missing"


def test_chip_data_that_is_no_tlv_is_refused() -> None:
    assert entry.tags("9F26") is None
    refusal = entry.chip_refusal(SALE, "051", {55: "9F26"}, None)
    assert refusal is not None
    assert refusal.field == 55


def test_an_amount_or_a_currency_that_contradicts_the_chip_is_noticed() -> None:
    fields = {4: "000000001000", 49: "156"}
    assert entry.chip_doubt(fields, {"9F02": "000000001000", "5F2A": "0156"}) == ""
    assert entry.chip_doubt(fields, {"9F02": "000000009000"}) == "9F02 differs from field 4"
    assert entry.chip_doubt(fields, {"5F2A": "0840"}) == "5F2A differs from field 49"
    assert entry.chip_doubt({}, {"9F02": "000000001000"}) == ""


def test_a_chip_in_doubt_is_refused_only_where_the_merchant_wants_it() -> None:
    given = payment(message("cup-sale-chip-pin-req", f4="000000000007"))
    assert given.chip_doubt
    pan = "6216261000000000018"
    card = scheme_of(pan[:11], len(pan))
    assert checks.refusal(given, MERCHANT, card, TODAY) is None
    strict = checks.refusal(given, replace(MERCHANT, strict_chip=True), card, TODAY)
    assert strict is not None
    assert (strict.code, strict.field) == ("30", 55)


def test_field_59_is_read_as_far_as_it_can_be() -> None:
    assert entry.private_59(b"A3003123A4002xy".hex()) == {"A3": "123", "A4": "xy"}
    assert entry.private_59(b"A3003123A4099xy".hex()) == {"A3": "123"}
    assert entry.private_59(b"A3-031".hex()) == {}
    assert entry.private_59("") == {}
