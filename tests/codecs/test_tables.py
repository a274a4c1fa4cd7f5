"""Look-up tables hold every well-formed length and no other bytes."""

import pytest

from pointsman.codecs.tables import (
    BCD,
    NO_LENGTH,
    PAD,
    ascii_lengths,
    digit_texts,
    ebcdic_lengths,
)


def test_packed_bytes_are_numbers_or_beyond_any_length() -> None:
    for byte, number in enumerate(BCD):
        digits = f"{byte:02x}"
        assert number == (int(digits) if digits.isdecimal() else NO_LENGTH)


@pytest.mark.parametrize("places", [1, 2, 3])
def test_digits_of_both_pages(places: int) -> None:
    assert ascii_lengths(places)[b"9" * places] == 10**places - 1
    assert ebcdic_lengths(places)[b"\xf9" * places] == 10**places - 1
    assert len(ascii_lengths(places)) == len(ebcdic_lengths(places)) == 10**places
    for bad in (b"-1", b" 1", b"1_", b"\xb2\xb3"):
        assert bad not in ascii_lengths(2)


def test_texts_of_lengths_have_their_places() -> None:
    assert digit_texts(3, 25)[7] == "007"
    assert len(digit_texts(3, 25)) == 26
    assert PAD["F"] == ("", "F")
