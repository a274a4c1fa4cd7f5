"""Requests of simulated terminals against the golden messages."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim.items import Item
from pointsman.sim.pos_messages import (
    Sealing,
    request_fields,
    request_mti,
    reversal_fields,
)
from pointsman.sim.terminal_keys import MacMethod, WorkingKeys
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Pin
from tests.codecs.golden import golden

KEYS = WorkingKeys(
    bytes.fromhex("526B76025B1A076DCEC16D51E932B507"), bytes.fromhex("40026EB9BF15941A")
)
SEALING = Sealing(get_codec("cup-bcd"), KEYS, MacMethod.CUP_ECB)


def asked(**changes: object) -> Asked:
    values: dict[str, object] = {
        "at": "2026-03-15T10:17:35.000+00:00",
        "mid": "898100053310001",
        "tid": "12345678",
        "batch": "000012",
        "stan": "000120",
        "flow": "sale-swipe",
        "what": Kind.SALE,
        "entry": Entry.SWIPE,
        "amount_minor": 10000,
        "currency": "156",
        "card": "union-16",
        "pin": Pin.RIGHT,
    }
    return Asked(**{**values, **changes})  # type: ignore[arg-type]  # values of one test table


ORIGINAL = {
    "original_batch": "000012",
    "original_stan": "000120",
    "original_rrn": "101735000120",
    "original_auth": "AB1234",
    "original_date": "0315",
}


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("cup-sale-swipe-pin-req", asked()),
        (
            "cup-sale-manual-req",
            asked(entry=Entry.KEYED, card="visa", amount_minor=2550, stan="000123", pin=Pin.NONE),
        ),
        ("cup-sale-fallback-req", asked(entry=Entry.FALLBACK, stan="000122")),
        ("cup-void-req", asked(what=Kind.VOID, stan="000124", **ORIGINAL)),
        (
            "cup-qr-c2b-sale-req",
            asked(
                entry=Entry.QR,
                card="",
                payment_code="6216261000000000018",
                amount_minor=880,
                stan="000170",
                pin=Pin.NONE,
            ),
        ),
    ],
)
def test_requests_are_the_golden_messages_byte_for_byte(name: str, request_: Asked) -> None:
    expected = golden(name)
    fields = request_fields(request_, KEYS, bytes(12))
    assert fields | {64: expected.fields[64]} == expected.fields
    assert SEALING.seal(request_mti(request_), fields) == expected.body


def test_chip_sale_has_the_fields_of_the_golden_one() -> None:
    expected = golden("cup-sale-chip-pin-req")
    fields = request_fields(
        asked(entry=Entry.CHIP, card="union-19", stan="000121"), KEYS, bytes(12)
    )
    assert set(fields) | {64} == set(expected.fields)
    for number in set(fields) - {55, 26}:
        assert fields[number] == expected.fields[number]


def test_refund_has_the_fields_of_the_golden_one() -> None:
    expected = golden("cup-refund-req")
    refund = asked(
        what=Kind.REFUND,
        entry=Entry.KEYED,
        pin=Pin.NONE,
        amount_minor=3000,
        stan="000125",
        **ORIGINAL | {"original_batch": "000011", "original_date": "0314"},
    )
    fields = request_fields(refund, KEYS, bytes(12))
    # The golden refund has no expiry; our terminals send it (section 4: card = fields 2 and 14).
    assert {n: v for n, v in fields.items() if n != 14} | {64: expected.fields[64]} == (
        expected.fields
    )


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("cup-reversal-sale-req", Item(asked(), undo_reason="98")),
        (
            "cup-reversal-void-req",
            Item(asked(what=Kind.VOID, stan="000124", **ORIGINAL), undo_reason="98"),
        ),
        (
            "cup-qr-reversal-req",
            Item(
                asked(entry=Entry.QR, card="", stan="000170", amount_minor=880, pin=Pin.NONE),
                undo_reason="98",
            ),
        ),
    ],
)
def test_reversals_are_the_golden_messages_byte_for_byte(name: str, item: Item) -> None:
    assert SEALING.seal("0400", reversal_fields(item)) == golden(name).body


def test_keys_are_not_printed() -> None:
    assert "526B" not in repr(KEYS).upper()
    assert "40026E" not in repr(SEALING).upper()
