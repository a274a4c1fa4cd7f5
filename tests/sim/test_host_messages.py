"""Bytes of the host link, with the golden messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.codecs.codec import get_codec
from pointsman.sim import host_messages as wire
from pointsman.sim.host_rows import Work
from tests.codecs.golden import golden

CODEC = get_codec("ascii87-hexbitmap")
ZAK = bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE")


@pytest.mark.parametrize(
    "name",
    [
        "host-ascii-sale-req",
        "host-ascii-sale-resp",
        "host-ascii-reversal-advice-0420-req",
        "host-ascii-reversal-advice-0421-req",
        "host-ascii-completion-0220-req",
    ],
)
def test_golden_macs_verify_and_are_made_again(name: str) -> None:
    body = golden(name).body
    message = CODEC.decode(body)
    assert wire.mac_ok(message, ZAK)
    without = {n: v for n, v in message.fields.items() if n not in {64, 128}}
    assert wire.close(CODEC, message.mti, without, ZAK) == body


def test_an_altered_message_does_not_verify() -> None:
    body = bytearray(golden("host-ascii-sale-req").body)
    body[60] ^= 1
    assert not wire.mac_ok(CODEC.decode(bytes(body)), ZAK)
    assert not wire.mac_ok(CODEC.decode(golden("host-ascii-echo-req").body), ZAK)


def test_the_reversal_names_its_original() -> None:
    sale = CODEC.decode(golden("host-ascii-sale-req").body)
    reversal = CODEC.decode(golden("host-ascii-reversal-advice-0420-req").body)
    assert wire.original_key(reversal) == wire.key_of(sale)
    assert wire.original_key(sale) == ""


def test_the_answer_to_the_golden_sale_is_the_golden_answer() -> None:
    sale = CODEC.decode(golden("host-ascii-sale-req").body)
    fields = wire.answer_fields(sale, "00", auth="A1B2C3")
    expected = {n: v for n, v in golden("host-ascii-sale-resp").fields.items() if n != 44}
    assert fields | {64: expected[64]} == expected


def test_the_answers_to_network_messages_are_the_golden_ones() -> None:
    for name in ("signoff", "echo", "cutover"):
        request = CODEC.decode(golden(f"host-ascii-{name}-req").body)
        answer = CODEC.encode(wire.answer_mti(request.mti), wire.network_fields(request, "00"))
        assert answer == golden(f"host-ascii-{name}-resp").body


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("host-ascii-sale-req", Work.SALE),
        ("host-ascii-preauth-0100-req", Work.PREAUTH),
        ("host-ascii-completion-0220-req", Work.COMPLETION),
        ("host-ascii-financial-req-real", Work.INQUIRY),
    ],
)
def test_work_is_told_by_type_and_processing_code(name: str, work: Work) -> None:
    assert wire.work_of(CODEC.decode(golden(name).body)) is work


@given(st.dictionaries(st.sampled_from(["A1", "A3", "A4"]), st.text("0123456789", max_size=40)))
@settings(max_examples=50)
def test_tags_come_back(tags: dict[str, str]) -> None:
    text = "".join(wire.write_tag(tag, value) for tag, value in tags.items())
    assert wire.read_tags(text) == tags


def test_repeats_are_answered_like_the_first() -> None:
    assert [wire.answer_mti(m) for m in ("0200", "0221", "0421", "0800")] == [
        "0210",
        "0230",
        "0430",
        "0810",
    ]
