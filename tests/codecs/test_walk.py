"""The careful walk: every cell of the tables both ways, and every known way to break a decoder.

The tests named after a year are the crash classes that public fuzzing found in a widely used
decoder since 2020; each must be a typed error here. test_shape.py holds generated code to this.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.codecs.bitmap import read_bitmap, write_bitmap
from pointsman.codecs.codec import codec_names, get_spec
from pointsman.codecs.errors import DecodeError, EncodeError
from pointsman.codecs.rows import read_row
from pointsman.codecs.spec import Coding, Field, Spec, make_fields
from pointsman.codecs.walk import walk_decode, walk_far, walk_peek
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import golden
from tests.codecs.samples import messages, mutations, rows, specs, values

SALE = golden("cup-sale-chip-pin-req")
CUP = get_spec("cup-bcd")
ASCII = get_spec("ascii87-hexbitmap")


def one_row(number: int, **columns: object) -> Spec:
    row = {"name": "tested", "kind": "n", "size": 19, "coding": "ascii"} | columns
    fields: dict[int, Field] = {number: read_row(number, row, None)}
    return Spec("test", "test", Coding.ASCII, Coding.BINARY, "len2", make_fields(fields))


def refused(spec: Spec, body: bytes) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        walk_decode(spec, body)
    assert 0 <= caught.value.offset <= len(body)
    return caught.value


@settings(max_examples=100)
@given(st.data())
def test_every_cell_gives_back_what_was_written(data: st.DataObject) -> None:
    field = data.draw(rows(7))
    spec = Spec("cell", "cell", Coding.BCD, Coding.BINARY, "len2", make_fields({7: field}))
    value = data.draw(values(field))
    body, spans = walk_encode(spec, "0200", {7: value})
    walked = walk_decode(spec, body)
    assert (walked.values, walked.spans, walked.mti) == ({7: value}, spans, "0200")
    assert walk_encode(spec, "0200", walked.values)[0] == body


@settings(max_examples=100)
@given(st.data())
def test_any_mutation_gives_a_message_or_the_typed_error(data: st.DataObject) -> None:
    spec = data.draw(st.one_of(specs(), st.sampled_from(codec_names()).map(get_spec)))
    mti, fields = data.draw(messages(spec))
    body, _ = walk_encode(spec, mti, fields)
    changed = data.draw(mutations(body))
    far = walk_far(spec, changed)
    assert list(far.spans.values()) == sorted(far.spans.values())
    assert all(start <= end <= len(changed) for start, end in far.spans.values())
    if far.error is None:
        assert walk_decode(spec, changed).values == far.values
    else:
        assert 0 <= far.error.offset <= len(changed)
        assert dict(far.error.decoded) == far.values


@given(st.binary(max_size=300), st.sampled_from(codec_names()))
def test_any_bytes_give_a_message_or_the_typed_error(body: bytes, name: str) -> None:
    spec = get_spec(name)
    far = walk_far(spec, body)
    try:
        walk_peek(spec, body, (2, 11, 41))
    except DecodeError:
        assert far.error is not None


@given(st.sets(st.integers(2, 128)))
def test_bitmaps_are_read_as_written(numbers: set[int]) -> None:
    bits = write_bitmap(numbers)
    assert read_bitmap(bits) == tuple(sorted(numbers))
    assert len(bits) == (16 if max(numbers, default=0) > 64 else 8)


@pytest.mark.parametrize("pad", ["0", "F", "9", "1"])
def test_any_pad_nibble_is_accepted(pad: str) -> None:
    body = bytes.fromhex("02004000000000000000" + "03" + f"123{pad}")
    spec = get_spec("nii-bcd")
    assert walk_decode(spec, body).values == {2: "123"}


@pytest.mark.parametrize("size", range(len(SALE.body)))
def test_message_cut_anywhere_is_refused(size: int) -> None:
    error = refused(CUP, SALE.body[:size])
    assert dict(error.decoded).items() <= SALE.fields.items()


@pytest.mark.parametrize("text", [b"-3", b"+3", b" 3", b"3 ", b"1_", b"\xb2\xb3", b"0x", b"\0\0"])
def test_2020_length_that_is_not_digits(text: bytes) -> None:
    spec = one_row(2, length="ascii 2 bytes")
    error = refused(spec, b"0200" + b"\x40" + bytes(7) + text + b"123")
    assert (error.field, error.offset, error.reason) == (2, 12, "length is not digits")


def test_2020_negative_length_in_three_places() -> None:
    spec = one_row(48, length="ascii 3 bytes", kind="ans", size=999)
    error = refused(spec, b"0200" + bytes.fromhex("0000000000010000") + b"-10abc")
    assert error.reason == "length is not digits"


@pytest.mark.parametrize("count", [20, 99])
def test_2020_length_past_the_maximum(count: int) -> None:
    spec = one_row(2, length="ascii 2 bytes")
    error = refused(spec, b"0200\x40" + bytes(7) + b"%02d" % count + b"1" * 200)
    assert error.reason == f"{count} announced, at most 19"


@pytest.mark.parametrize("coding", ["ascii 2 bytes", "bcd 1 bytes", "binary 1 bytes"])
def test_2021_length_past_the_end(coding: str) -> None:
    spec = one_row(2, length=coding)
    length = {"ascii 2 bytes": b"16", "bcd 1 bytes": b"\x16", "binary 1 bytes": b"\x10"}[coding]
    error = refused(spec, b"0200\x40" + bytes(7) + length + b"411")
    assert error.reason == "16 bytes announced, 3 left"


@pytest.mark.parametrize("size", range(4))
def test_2021_message_shorter_than_its_type(size: int) -> None:
    assert "message type" in refused(ASCII, b"0200"[:size]).reason
    assert "message type" in refused(CUP, b"\x02\x00"[: size // 2]).reason


@pytest.mark.parametrize("size", range(16))
def test_2022_missing_or_short_bitmap(size: int) -> None:
    assert refused(ASCII, b"0200" + b"4" * size).reason == "ends inside the bitmap"
    if size < 8:
        assert refused(CUP, b"\x02\x00" + b"\x40" * size).reason == "ends inside the bitmap"


@pytest.mark.parametrize("size", range(16))
def test_2022_second_bitmap_announced_and_absent(size: int) -> None:
    error = refused(ASCII, b"0200" + b"C000000000000000" + b"0" * size)
    assert error.reason == "ends inside the bitmap"
    assert error.mti == "0200"


def test_2022_bitmap_of_other_characters() -> None:
    for bits in (b"40000000000000 0", b"-000000000000000", b"0x40000000000000", b"4" * 15 + b"G"):
        assert refused(ASCII, b"0200" + bits).reason == "bitmap is not hex characters"


@pytest.mark.parametrize("name", codec_names())
def test_2023_all_bits_set_with_no_data(name: str) -> None:
    spec = get_spec(name)
    head = walk_encode(spec, "0200", {})[0][: spec.mti_size]
    full = b"\xff" * 8
    for bits in (full, full * 2, full * 3):
        text = bits if spec.bitmap is Coding.BINARY else bits.hex().upper().encode()
        assert refused(spec, head + text).decoded == {}


def test_2023_bit_without_a_row() -> None:
    error = refused(CUP, bytes.fromhex("0200") + write_bitmap({5}) + bytes(20))
    assert (error.field, error.offset) == (5, 10)
    error = refused(CUP, bytes.fromhex("0200") + write_bitmap({65}) + bytes(20))
    assert (error.field, error.offset) == (65, 18)
    assert "no such field" in error.reason


@pytest.mark.parametrize("name", ["cup-bcd", "nii-bcd", "as2805-bcd"])
def test_2024_packed_letters_where_digits_belong(name: str) -> None:
    spec = get_spec(name)
    head = bytes.fromhex("0200") + write_bitmap({3})
    for letters in ("00000A", "F00000", "C0FFEE"):
        error = refused(spec, head + bytes.fromhex(letters))
        assert (error.field, error.offset, error.reason) == (3, 10, "not digits")
    error = refused(spec, bytes.fromhex("0200") + write_bitmap({2}) + bytes.fromhex("1A1234"))
    assert error.reason == "length is not digits"


def test_2024_half_an_octet_is_refused() -> None:
    spec = one_row(55, kind="b", coding="binary", length="bcd 2 digits", size=100)
    error = refused(spec, b"0200" + write_bitmap({55}) + b"\x00\x03abc")
    assert error.reason == "length tells half an octet"


def test_2026_bytes_behind_the_last_field() -> None:
    error = refused(CUP, SALE.body + b"\0")
    assert (error.field, error.offset, error.reason) == (
        None, len(SALE.body), "1 bytes after the last field",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["\u0661\u0662\u0663", "\xb9\xb2\xb3", "\uff11\uff12\uff13", "1_0", " 12", "-12"]
)
def test_digits_are_ascii_digits_alone(text: str) -> None:
    spec = one_row(3, size=3)
    with pytest.raises(EncodeError, match="not digits"):
        walk_encode(spec, "0200", {3: text})
    body = b"0200" + write_bitmap({3}) + text.encode("utf-8")[:3]
    assert refused(spec, body).reason in ("not digits", "not ascii text")


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\0b", "a\nb", "a\x7fb"])
def test_control_characters_do_not_pass_text_fields(text: str) -> None:
    spec = one_row(43, kind="ans", size=40, length="ascii 2 bytes")
    with pytest.raises(EncodeError, match="control"):
        walk_encode(spec, "0200", {43: text})
    body = b"0200" + write_bitmap({43}) + b"%02d" % len(text) + text.encode()
    assert refused(spec, body).reason == "control characters"


def test_broken_gbk_is_refused() -> None:
    body = bytes.fromhex("0200") + write_bitmap({63}) + b"\x00\x03" + b"\xb0\xa1\xb0"
    assert refused(CUP, body).reason == "not gbk text"


def test_short_text_is_filled_and_other_sizes_are_refused() -> None:
    body, _ = walk_encode(CUP, "0200", {41: "TERM"})
    assert walk_decode(CUP, body).values == {41: "TERM    "}
    for fields in ({41: "x" * 9}, {3: "12345"}, {2: "1" * 20}, {52: "00"}, {52: "0" * 15}):
        with pytest.raises(EncodeError):
            walk_encode(CUP, "0200", fields)


@pytest.mark.parametrize("mti", ["", "020", "02000", "02x0", "\u0660200"])
def test_type_that_is_not_four_digits_is_not_written(mti: str) -> None:
    with pytest.raises(EncodeError, match="message type"):
        walk_encode(CUP, mti, {})


def test_errors_of_encoding_hold_no_value() -> None:
    with pytest.raises(EncodeError) as caught:
        walk_encode(CUP, "0200", {2: "4111111111111111x"})
    assert caught.value.field == 2
    assert "4111" not in f"{caught.value!r} {caught.value.args}"
