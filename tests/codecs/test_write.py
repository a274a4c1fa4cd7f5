"""Single steps of writing: head and one field; whole messages are in test_walk.py."""

import pytest

from pointsman.codecs.codec import get_spec
from pointsman.codecs.errors import EncodeError
from pointsman.codecs.write import walk_encode, write_field, write_head

CUP = get_spec("cup-bcd")


def test_head_is_type_and_bitmap_in_the_dialects_coding() -> None:
    assert write_head(CUP, "0800", {3, 64}).hex() == "08002000000000000001"
    host = get_spec("ascii87-hexbitmap")
    assert write_head(host, "0800", {3, 70}) == b"0800A0000000000000000400000000000000"
    card = get_spec("ebcdic-mastercard")
    assert write_head(card, "0800", {3}) == b"\xf0\xf8\xf0\xf0" + bytes.fromhex("2000000000000000")


def test_field_is_length_and_content() -> None:
    assert write_field(CUP.fields[2], "123") == (b"\x03", b"\x12\x30")
    assert write_field(CUP.fields[3], "123456") == (b"", b"\x12\x34\x56")
    assert write_field(CUP.fields[63], "银联") == (b"\x00\x04", "银联".encode("gbk"))


@pytest.mark.parametrize("number", [0, 1, 5, 65, 129])
def test_field_without_a_row_is_refused_by_name(number: int) -> None:
    with pytest.raises(EncodeError) as caught:
        walk_encode(CUP, "0200", {number: "1"})
    assert caught.value.field == number


def test_order_of_the_values_does_not_matter() -> None:
    fields = {3: "000000", 2: "6216261000000000018", 64: "3743464436313035"}
    assert walk_encode(CUP, "0200", fields) == walk_encode(
        CUP, "0200", dict(sorted(fields.items()))
    )
