"""Management messages, settlement and uploads against the golden ones."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.sim import pos_management as wire
from pointsman.sim.device import Device
from pointsman.sim.items import Item
from pointsman.sim.terminal_rows import Asked, Entry, Kind, Told
from tests.codecs.golden import golden

CODEC = get_codec("cup-bcd")


def device() -> Device:
    return Device("898100053310001", "12345678", stan=159, batch="000012")


def item(stan: str, amount: int, card: str, **changes: object) -> Item:
    values: dict[str, object] = {
        "at": "2026-03-15",
        "mid": "898100053310001",
        "tid": "12345678",
        "batch": "000012",
        "stan": stan,
        "flow": "sale-swipe",
        "what": Kind.SALE,
        "entry": Entry.SWIPE,
        "amount_minor": amount,
        "currency": "156",
        "card": card,
    }
    asked = Asked(**{**values, **changes})  # type: ignore[arg-type]  # values of one test table
    told = Told("", asked.mid, asked.tid, asked.batch, stan, "00", True, amount)
    return Item(asked, told)


def totals_of_the_golden_settlement() -> Device:
    made = device()
    for one in (
        item("000120", 10_000, "union-16"),
        item("000132", 48_000, "union-19"),
        item("000140", 6_600, "union-16"),
        item("000125", 3_000, "union-16", what=Kind.REFUND),
        item("000123", 2_550, "visa"),
    ):
        made.items[one.key] = one
    return made


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("cup-echo-req", wire.echo(device())),
        ("cup-signoff-req", wire.sign_off(device(), "000199")),
        ("cup-settle-req", wire.settlement(totals_of_the_golden_settlement(), "000160")),
        ("cup-batch-end-202-req", wire.batch_end(device(), "000165", 4, balanced=False)),
        ("cup-batch-end-207-req", wire.batch_end(device(), "000166", 0, balanced=True)),
    ],
)
def test_requests_are_the_golden_messages_byte_for_byte(name: str, request_: wire.Request) -> None:
    assert CODEC.encode(*request_) == golden(name).body


def test_the_sign_in_has_the_golden_fields() -> None:
    mti, fields = wire.sign_in(device(), "000101")
    expected = golden("cup-signin-req-004").fields
    assert (mti, set(fields)) == ("0800", set(expected))
    assert fields[60] == "00000012003"


def test_uploaded_items_are_the_golden_ones() -> None:
    made = device()
    made.stan = 160
    items = [
        item("000120", 10_000, "union-16"),
        item("000132", 48_000, "union-19"),
        item("000140", 6_600, "union-16"),
    ]
    ((mti, fields),) = wire.item_uploads(made, items)
    assert CODEC.encode(mti, fields) == golden("cup-batch-upload-201-req").body


def test_certificates_have_the_golden_fields() -> None:
    one = item("000121", 10_000, "union-19", entry=Entry.CHIP)
    ((mti, fields),) = wire.certificate_uploads([one], balanced=True)
    expected = golden("cup-batch-upload-tc-203-req")
    assert (mti, set(fields)) == (expected.mti, set(expected.fields))
    for number in set(fields) - {55}:
        assert fields[number] == expected.fields[number]
    assert "9F270140" in fields[55]


def test_results_and_batch_are_read() -> None:
    assert wire.results_of(CODEC.decode(golden("cup-settle-resp-balanced").body)) == "11"
    assert wire.results_of(CODEC.decode(golden("cup-settle-resp-unbalanced").body)) == "21"
    assert wire.batch_of(CODEC.decode(golden("cup-signin-resp-004").body)) == "000012"
    assert wire.results_of(CODEC.decode(golden("cup-echo-resp").body)) == ""


def test_a_list_of_ca_keys_is_taken_apart_as_the_golden_one() -> None:
    given = golden("cup-capk-list-resp")
    entries, more = wire.listed(CODEC.decode(given.body), 2)
    assert entries[0].hex().upper() == "9F0605A0000003339F220102"
    assert (len(entries), more) == (3, False)
    mti, fields = wire.download(device(), "372", b"100")
    asked = golden("cup-capk-list-req")
    assert (mti, fields) == (asked.mti, dict(asked.fields))
