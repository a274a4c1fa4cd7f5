"""Single values: what cannot be written, and lengths with too few places."""

import pytest

from pointsman.codecs.content import ContentError, is_digits, read_count, write_content, write_count
from pointsman.codecs.rows import read_row
from pointsman.codecs.spec import Coding, Counts, Field, Prefix


def row(kind: str, coding: str, **columns: object) -> Field:
    return read_row(7, {"name": "x", "kind": kind, "size": 9, "coding": coding} | columns, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (row("ans", "latin-1"), "\u94f6"),
        (row("ans", "gbk", length="bcd 1 bytes"), "\U0001f600"),
        (row("ans", "ebcdic"), "\u94f6"),
        (row("ans", "ascii"), "\xe9"),
        (row("b", "binary"), "0g"),
        (row("b", "binary"), "0 "),
        (row("b", "binary"), "000"),
        (row("b", "hex"), "0x"),
        (row("z", "bcd"), "12=X"),
        (row("z", "bcd"), "\u0663"),
        (row("z", "ascii"), "12*3"),
        (row("x+n", "ascii"), "E12345678"),
        (row("x+n", "ascii"), "Cx"),
        (row("x+n", "bcd"), "C1234567"),
        (row("n", "bcd"), "12D4"),
    ],
)
def test_value_that_its_row_cannot_carry_is_refused(field: Field, value: str) -> None:
    with pytest.raises(ContentError) as caught:
        write_content(field, value)
    assert value not in str(caught.value)


def test_octets_may_be_given_in_small_letters() -> None:
    assert write_content(row("b", "binary"), "ab") == (b"\xab", 1)
    assert write_content(row("b", "hex"), "ab") == (b"AB", 1)


@pytest.mark.parametrize("coding", [Coding.ASCII, Coding.EBCDIC, Coding.BCD, Coding.BINARY])
def test_lengths_are_read_as_written_and_not_cut(coding: Coding) -> None:
    prefix = Prefix(coding, 2, Counts.BYTES)
    for count in (0, 1, 42, 99):
        assert read_count(prefix, write_count(prefix, count)) == count
    with pytest.raises(ContentError, match="too long"):
        write_count(prefix, 1 << 16)


def test_no_digits_are_digits_and_other_scripts_are_not() -> None:
    assert is_digits("")
    assert is_digits("0123456789")
    for text in ("\u0661", "\xb2", " 1", "-1", "1_0", "1\n"):
        assert not is_digits(text)
