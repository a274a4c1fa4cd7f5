"""When code is made, that faults are told the same with and without it, patching, forwarding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.admission import CODES_MAX, USES_BEFORE_CODE
from pointsman.codecs.bitmap import write_bitmap
from pointsman.codecs.codec import get_spec
from pointsman.codecs.engine import Codec
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.walk import walk_decode, walk_far
from tests.codecs.golden import Golden, golden, golden_messages
from tests.codecs.samples import mutations

SALE = golden("cup-sale-chip-pin-req")
HOST = golden("host-ascii-sale-req")
ROUTING = (2, 3, 4, 11, 41, 42, 49)


def warm(message: Golden) -> Codec:
    codec = Codec(get_spec(message.dialect))
    for _ in range(USES_BEFORE_CODE + 1):
        codec.decode(message.body)
        codec.peek(message.body, ROUTING)
        codec.encode(message.mti, message.fields)
    assert codec.codes == 3
    return codec


WARM = warm(SALE)


def test_code_is_made_for_what_comes_back_and_gives_the_same() -> None:
    for message in (SALE, HOST, golden("host-ascii-reversal-req-real")):
        codec = warm(message)
        assert codec.decode(message.body).fields == message.fields
        assert codec.encode(message.mti, message.fields) == message.body
        peeked = codec.peek(message.body, ROUTING)
        assert {n: peeked.get(n) for n in ROUTING} == {n: message.fields.get(n) for n in ROUTING}


def test_flood_of_odd_bitmaps_costs_no_code() -> None:
    codec = Codec(get_spec("ascii87-hexbitmap"))
    numbers = [n for n in codec.spec.fields if codec.spec.fields[n].prefix is None][:14]
    values = {n: codec.spec.fields[n] for n in numbers}
    text = {n: ("C" if row.kind.value == "x+n" else "") for n, row in values.items()}
    for bits in range(3000):
        fields = {
            n: text[n].ljust(row.size, "0")
            for i, (n, row) in enumerate(values.items())
            if bits >> i & 1
        }
        codec.decode(codec.encode("0200", fields))
    assert codec.codes == 0


def test_values_left_to_the_walk_do_not_make_code_again() -> None:
    codec = Codec(get_spec("cup-bcd"))
    for _ in range(USES_BEFORE_CODE * 10):
        codec.encode("0200", {3: "000000", 35: "6226388000000095=3012"})
    assert codec.codes == 1


def test_code_for_two_bitmaps_survives_a_crowded_table() -> None:
    message = golden("host-ascii-reversal-req-real")
    codec = warm(message)
    codec._decoders.pop(message.body[4:20])  # what a full table does to its oldest entry
    codec.decode(message.body)
    assert message.body[4:20] in codec._decoders
    assert codec.codes == 3


def test_table_of_code_is_bounded() -> None:
    codec = Codec(get_spec("ascii87-hexbitmap"))
    fixed = [n for n, row in codec.spec.fields.items() if row.kind.value == "n" and not row.prefix]
    for turn in range(CODES_MAX + 20):
        fields = {
            n: "0" * codec.spec.fields[n].size for i, n in enumerate(fixed[:10]) if turn >> i & 1
        }
        body = codec.encode("0200", fields)
        for _ in range(USES_BEFORE_CODE):
            codec.decode(body)
    assert codec.codes <= CODES_MAX + 1


@given(mutations(SALE.body))
def test_faults_are_told_the_same_with_and_without_code(body: bytes) -> None:
    def told(decode: object) -> object:
        try:
            assert callable(decode)
            decode(body)
        except DecodeError as error:
            return error.field, error.offset, error.reason, dict(error.decoded)
        return None

    assert told(WARM.decode) == told(lambda data: walk_decode(WARM.spec, data))


@given(mutations(SALE.body), st.sampled_from([ROUTING, (64,), (), (2,), (60, 41)]))
def test_peek_gives_what_decode_gives_or_a_typed_error(
    body: bytes, wanted: tuple[int, ...]
) -> None:
    for codec in (WARM, Codec(WARM.spec)):
        try:
            peeked = codec.peek(body, wanted)
        except DecodeError:
            continue
        far = walk_far(codec.spec, body)
        if far.error is not None:
            with pytest.raises(DecodeError) as caught:
                assert peeked.fields
            assert caught.value.reason == far.error.reason
        else:
            assert {n: peeked.get(n) for n in wanted} == {n: far.values.get(n) for n in wanted}
            assert peeked.fields == far.values


def test_peek_does_not_look_behind_the_last_field_asked_for() -> None:
    broken = SALE.body[:-3]
    for codec in (WARM, Codec(WARM.spec)):
        message = codec.peek(broken, ROUTING)
        assert message[41] == SALE.fields[41]
        with pytest.raises(DecodeError):
            message.get(64)


def test_peek_passes_over_a_later_field_without_a_row() -> None:
    codec = Codec(get_spec("cup-bcd"))
    body = bytes.fromhex("0200") + write_bitmap({3, 11, 66}) + bytes(10)
    for _ in range(USES_BEFORE_CODE + 2):
        message = codec.peek(body, (3, 11))
        assert message[11] == "000000"
        with pytest.raises(DecodeError, match="no such field"):
            message.span(11)
        with pytest.raises(DecodeError, match="no such field"):
            message.get(66)


def test_message_cut_inside_its_second_bitmap_is_refused_with_code_too() -> None:
    message = golden("host-ascii-reversal-req-real")
    codec = warm(message)
    for size in range(len(message.body)):
        for read in (codec.decode, lambda body: codec.peek(body, (90,))):
            with pytest.raises(DecodeError):
                read(message.body[:size])


def test_patch_changes_one_field_and_no_other_byte() -> None:
    codec = Codec(get_spec("cup-bcd"))
    # A pad that we would write otherwise, to be forwarded as it is.
    at = SALE.body.index(bytes.fromhex("0510"))
    body = SALE.body[: at + 1] + b"\x1f" + SALE.body[at + 2 :]
    patched = codec.patch(codec.decode(body), {11: "999999"})
    start, end = codec.decode(body).span(11)
    assert patched == body[:start] + bytes.fromhex("999999") + body[end:]
    assert codec.decode(patched)[22] == SALE.fields[22]


def test_patch_adds_and_removes_fields_and_changes_the_type() -> None:
    codec = Codec(get_spec("cup-bcd"))
    message = codec.decode(SALE.body)
    patched = codec.patch(message, {39: "00", 12: "101112"}, mti="0210", remove=(52, 35, 26))
    wanted = {n: v for n, v in SALE.fields.items() if n not in (52, 35, 26)}
    assert patched == codec.encode("0210", wanted | {39: "00", 12: "101112"})
    host = Codec(get_spec("ascii87-hexbitmap"))
    longer = host.patch(host.decode(HOST.body), {128: "0011223344556677"}, remove=(64,))
    assert host.decode(longer).get(128) == "0011223344556677"


@pytest.mark.parametrize("changes", [{11: "12345"}, {11: "12345x"}, {43: "no such field"}])
def test_patch_that_does_not_fit_is_refused(changes: dict[int, str]) -> None:
    codec = Codec(get_spec("cup-bcd"))
    with pytest.raises(EncodeError):
        codec.patch(codec.decode(SALE.body), changes)


def test_forward_takes_a_sale_from_one_dialect_to_another() -> None:
    terminal, host = Codec(get_spec("cup-bcd")), Codec(get_spec("ascii87-hexbitmap"))
    body = b""
    for _ in range(USES_BEFORE_CODE + 2):
        body = host.forward(
            terminal.decode(SALE.body), "0200", (2, 3, 4, 35, 41, 42, 49, 50), {11: "004711"}
        )
    sent = host.decode(body)
    assert sent[35] == SALE.fields[35].replace("D", "=")
    assert sent[11] == "004711"
    assert sent.numbers == (2, 3, 4, 11, 35, 41, 42, 49)


@pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
def test_values_in_any_order_give_the_same_bytes(message: Golden) -> None:
    codec = Codec(get_spec(message.dialect))
    backwards = dict(reversed(message.fields.items()))
    for _ in range(USES_BEFORE_CODE + 1):
        assert codec.encode_spans(message.mti, backwards).data == message.body
    assert list(codec.encode_spans(message.mti, backwards).spans) == sorted(message.fields)


def test_shape_is_shared_by_messages_of_one_bitmap() -> None:
    bits = write_bitmap(SALE.fields)
    assert WARM.shape(bits) is WARM.shape(bits)
    assert WARM.decode(SALE.body).bitmap_hex == bits.hex().upper()
