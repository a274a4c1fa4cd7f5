"""Fingerprints, what fits an original, and what the acquirer hears."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pointsman.codecs.codec import get_codec
from pointsman.store.records import Card
from pointsman.switch import newrecord, outward
from pointsman.switch.requests import CardData
from tests.switch.lives import ALPHA, MERCHANT, MOMENT, TOKEN, approved_sale, message, payment

SALE = payment(message("cup-sale-swipe-pin-req"))


def request_for(name: str) -> outward.HostRequest:
    given_message = message(name)
    return outward.host_request(
        payment(given_message),
        ALPHA,
        get_codec(ALPHA.format),
        given_message.fields,
        merchant=MERCHANT,
        moment=MOMENT,
        rrn="607400000120",
        stan="004711",
        original=approved_sale() if payment(given_message).flow.follows else None,
    )


def test_two_copies_of_one_request_share_a_fingerprint() -> None:
    again = payment(message("cup-sale-swipe-pin-req", f52="0000000000000000", f64="00" * 8))
    assert newrecord.fingerprint(SALE, TOKEN) == newrecord.fingerprint(again, TOKEN)


def test_whatever_else_differs_makes_another_fingerprint() -> None:
    first = newrecord.fingerprint(SALE, TOKEN)
    others = [
        newrecord.fingerprint(structs.replace(SALE, amount_minor=1), TOKEN),
        newrecord.fingerprint(structs.replace(SALE, currency="978"), TOKEN),
        newrecord.fingerprint(structs.replace(SALE, entry_mode="051"), TOKEN),
        newrecord.fingerprint(structs.replace(SALE, condition="08"), TOKEN),
        newrecord.fingerprint(structs.replace(SALE, cryptogram="01"), TOKEN),
        newrecord.fingerprint(SALE, b"\0" * 16),
    ]
    assert len({first, *others}) == len(others) + 1


def test_the_acquirer_hears_of_a_sale_with_room_for_pin_and_mac() -> None:
    made = request_for("cup-sale-swipe-pin-req")
    host = get_codec(ALPHA.format).decode(made.made.data)
    assert (host.mti, host[2], host[4], host[11]) == (
        "0200",
        "6226388000000095",
        "000000010000",
        "004711",
    )
    assert made.made.pin_offset == host.span(52)[0]
    assert made.made.mac_end == host.span(64)[0]
    assert made.made.pin_hex
    assert made.made.mac_hex


def test_a_qr_payment_carries_its_code_and_no_card() -> None:
    host = get_codec(ALPHA.format).decode(request_for("cup-qr-c2b-sale-req").made.data)
    assert host[48] == "A30196216261000000000018"
    assert not {2, 35} & set(host.numbers)


def test_a_refund_names_its_original_in_field_90() -> None:
    made = request_for("cup-refund-req")
    host = get_codec(ALPHA.format).decode(made.made.data)
    assert host.mti == "0220"
    assert host[90] == "0200" + "004711" + "0315021735" + "00000085500"[-11:] + "0" * 11
    assert host[37] == "101735000120"


def test_what_is_kept_of_a_payment_code_is_its_last_four() -> None:
    kept = newrecord.kept_card(CardData("6216261000000000018", is_code=True), TOKEN, b"cipher")
    assert kept == Card(TOKEN, None, "", "0018")
    assert kept.masked == "******0018"


def test_a_voucher_comes_back_in_field_59() -> None:
    told = outward.told_voucher({48: "A402020260315120501000170"})
    assert told == {"59": b"A402020260315120501000170".hex().upper()}
    assert outward.told_voucher({}) == {}


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_void_must_be_of_the_whole_amount_and_a_refund_need_not(paid: int, asked: int) -> None:
    sale = replace(approved_sale(), approved_minor=paid, card=None)
    void = structs.replace(payment(message("cup-void-req")), amount_minor=asked)
    refund = structs.replace(
        payment(message("cup-refund-req")), amount_minor=asked, original=void.original
    )
    misfit = newrecord.misfit(void, sale, b"")
    assert (misfit is None) == (paid == asked)
    assert newrecord.misfit(refund, sale, b"") is None  # the guard at commit 1 has the sum
