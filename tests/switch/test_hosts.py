"""Host messages: the golden ones come out of values, and nothing secret is kept."""

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from pointsman.codecs.codec import get_codec
from pointsman.hsm import commands as c
from pointsman.hsm.mac import x9_19
from pointsman.store.parties import Merchant
from pointsman.switch import hosts
from pointsman.switch.hosts import HostDraft, HostSale, OriginalData
from tests.codecs.golden import golden
from tests.hsm.laboratory import ZAK, Laboratory
from tests.switch.owed_house import hsm_of

FORMATS = ("ascii87-hexbitmap", "ascii87-binbitmap")
MERCHANT = Merchant("898100053310001", "GOLDEN TEST SHOP", "5812", "SHANGHAI", "CN", "156", True)
SALE = HostSale(
    mti="0200",
    processing_code="000000",
    amount_minor=10000,
    currency="156",
    host_time="0315021735",
    host_stan="004711",
    local_time="101735",
    local_date="0315",
    entry_mode="051",
    condition="00",
    institution="00085500",
    rrn="101735000120",
    tid="12345678",
    merchant=MERCHANT,
    pan="4111111111111111",
    expiry="3012",
    track2="4111111111111111=30122010000012300000",
    card_sequence="001",
    has_pin=True,
    settlement_date="0315",
    country="156",
)
QR = structs.replace(
    SALE,
    pan=None,
    track2="",
    expiry="",
    card_sequence="",
    has_pin=False,
    entry_mode="031",
    payment_code="6216261000000000018",
)
REFUND = structs.replace(
    SALE,
    mti="0220",
    processing_code="200000",
    original=OriginalData("0200", "004711", "0315021735", "00085500"),
    voucher="2026031500000001",
)
SECRETS = ("4111111111111111", "30122010000012300000", "6216261000000000018", "9F2608")


def test_the_golden_sale_comes_out_of_its_values() -> None:
    draft = hosts.payment(SALE)
    message = golden("host-ascii-sale-req")
    expected = dict(message.fields)
    pin, mac = expected.pop(52), expected.pop(64)
    assert (draft.mti, dict(draft.fields), draft.pin) == (message.mti, expected, True)
    room = hosts.encode(get_codec("ascii87-hexbitmap"), draft, mac=True)
    assert room.pin_offset is not None
    data = bytearray(room.data)
    data[room.pin_offset : room.pin_offset + 16] = pin.encode()
    data[room.mac_end : room.mac_end + 16] = mac.encode()
    assert bytes(data) == message.body
    assert (room.pin_hex, room.mac_hex) == (True, True)


@pytest.mark.usefixtures("backend")
async def test_the_hsm_writes_the_golden_mac_where_the_draft_left_room() -> None:
    message = golden("host-ascii-completion-0220-req")
    fields = dict(message.fields)
    del fields[128]
    room = hosts.encode(get_codec("ascii87-hexbitmap"), HostDraft("0220", fields), mac=True)
    async with hsm_of(Laboratory()) as (hsm, zak):
        host = c.HostMessage(
            data=room.data,
            pin_offset=room.pin_offset,
            pin_hex=room.pin_hex,
            mac_key=zak,
            mac_method=c.MacMethod.X9_19,
            mac_end=room.mac_end,
            mac_hex=room.mac_hex,
        )
        done = await hsm.ask(c.Outbound(host=host), trio.current_time() + 2)
    assert isinstance(done, c.OutboundDone)
    assert done.host == message.body


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("sale", [SALE, QR, REFUND])
def test_room_for_pin_and_mac_is_where_the_codec_reads_them(name: str, sale: HostSale) -> None:
    codec = get_codec(name)
    draft = hosts.payment(sale)
    room = hosts.encode(codec, draft, mac=True)
    message = codec.decode(room.data)
    mac_field = 128 if 90 in draft.fields else 64
    assert message.span(mac_field)[0] == room.mac_end
    assert room.mac_hex is (name == "ascii87-hexbitmap")
    assert message[mac_field] == "0" * 16
    if draft.pin:
        assert message.span(52)[0] == room.pin_offset
    else:
        assert room.pin_offset is None
        assert 52 not in message


def test_without_a_key_there_is_no_room_for_a_mac() -> None:
    room = hosts.encode(get_codec("ascii87-hexbitmap"), hosts.payment(QR), mac=False)
    assert room.mac_end == len(room.data)
    assert 64 not in get_codec("ascii87-hexbitmap").decode(room.data)


def test_a_payment_code_travels_tagged_and_without_card_fields() -> None:
    fields = hosts.payment(QR).fields
    assert fields[48] == "A30196216261000000000018"
    assert not {2, 14, 35, 52} & fields.keys()


def test_a_refund_carries_nothing_that_its_repeat_could_not() -> None:
    draft = hosts.payment(
        structs.replace(REFUND, chip="9F2608AABBCCDDEEFF001157021122", payment_code="62" * 9)
    )
    assert not {14, 26, 35, 52, 53} & draft.fields.keys()
    assert draft.fields[55] == "9F2608AABBCCDDEEFF0011"  # no track, tag 57
    assert not draft.pin
    again = {int(number): value for number, value in hosts.kept(draft).items()}
    assert again.pop(0) == "0220"
    assert again | {2: draft.fields[2]} == draft.fields


@pytest.mark.parametrize(
    "sale", [SALE, structs.replace(SALE, chip="9F2608AABBCCDDEEFF0011"), QR, REFUND]
)
def test_nothing_secret_is_kept_or_printed(sale: HostSale) -> None:
    draft = hosts.payment(sale)
    room = hosts.encode(get_codec("ascii87-hexbitmap"), draft, mac=True)
    for text in (repr(hosts.kept(draft)), repr(sale), repr(draft), repr(room)):
        for secret in SECRETS:
            assert secret not in text
    assert hosts.kept(draft)["0"] == sale.mti


def test_field_90_is_the_golden_one() -> None:
    original = OriginalData("0100", "004712", "0315021735", "00085500")
    assert original.text == golden("host-ascii-completion-0220-req").fields[90]


def test_a_place_is_cut_and_filled_to_forty_characters() -> None:
    long = hosts.place("N" * 50, "上海 " + "C" * 30, "CHN")
    assert long == "N" * 24 + "?? " + "C" * 11 + "CH"
    found = hosts.place(MERCHANT.name, MERCHANT.city, MERCHANT.country)
    assert found == golden("host-ascii-sale-req").fields[43]


def test_what_an_answer_must_say_holds_no_card_number() -> None:
    expected = hosts.expected(hosts.payment(SALE))
    assert expected.key == ("0315021735", "004711")
    assert (expected.amount, expected.tid, expected.last4) == ("000000010000", "12345678", "1111")
    assert "4111111111111111" not in repr(expected)


def test_an_answers_mac_is_found_with_what_it_covers() -> None:
    codec = get_codec("ascii87-hexbitmap")
    data, mac = hosts.answer_mac(codec.decode(golden("host-ascii-sale-resp").body)) or (b"", b"")
    assert x9_19(ZAK, data) == mac
    assert hosts.answer_mac(codec.decode(golden("host-ascii-echo-resp").body)) is None


@given(st.dictionaries(st.text("AB123", min_size=2, max_size=2), st.text("xyz0", min_size=1)))
def test_tagged_values_are_found_again(values: dict[str, str]) -> None:
    text = "".join(hosts.tagged(tag, value) for tag, value in values.items())
    assert hosts.untagged(text) == values


@given(st.text(max_size=60))
def test_untagging_takes_anything(text: str) -> None:
    for tag, value in hosts.untagged(text).items():
        assert f"{tag}{len(value):03d}{value}" in text
