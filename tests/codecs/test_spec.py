"""What the columns of a row say about sizes: units, bytes on the wire, counts of a length."""

import pytest

from pointsman.codecs.codec import get_spec
from pointsman.codecs.rows import read_row
from pointsman.codecs.spec import Field


def row(kind: str, coding: str, length: str = "fixed", size: int = 9) -> Field:
    columns = {"name": "x", "kind": kind, "size": size, "coding": coding, "length": length}
    return read_row(7, columns, None)


@pytest.mark.parametrize(
    ("field", "units", "wire"),
    [
        (row("n", "bcd"), 9, 5),
        (row("n", "bcd"), 8, 4),
        (row("n", "ascii"), 9, 9),
        (row("x+n", "bcd"), 9, 5),
        (row("x+n", "ebcdic"), 9, 9),
        (row("b", "binary"), 8, 8),
        (row("b", "hex"), 8, 16),
        (row("ans", "gbk", "bcd 1 bytes"), 6, 6),
    ],
)
def test_bytes_on_the_wire(field: Field, units: int, wire: int) -> None:
    assert field.wire_size(units) == wire


@pytest.mark.parametrize(
    ("field", "units", "count"),
    [
        (row("n", "bcd", "bcd 1 digits"), 7, 7),
        (row("n", "bcd", "bcd 1 bytes"), 8, 4),
        (row("n", "ascii", "ascii 2 bytes"), 7, 7),
        (row("b", "binary", "bcd 1 bytes"), 5, 5),
        (row("b", "binary", "bcd 1 digits"), 5, 10),
        (row("b", "hex", "ascii 2 bytes"), 5, 10),
        (row("b", "hex", "ascii 2 octets"), 5, 5),
        (row("b", "hex", "ascii 2 digits"), 5, 10),
    ],
)
def test_length_tells_units_both_ways(field: Field, units: int, count: int) -> None:
    assert field.count_for(units) == count
    assert field.units_told(count) == units


def test_odd_counts_that_cannot_be_told() -> None:
    assert row("n", "bcd", "bcd 1 bytes").count_for(7) == -1
    assert row("b", "hex", "ascii 2 bytes").units_told(7) == -1
    assert row("b", "binary", "bcd 1 digits").units_told(7) == -1


def test_sizes_of_type_and_bitmap() -> None:
    cup, host = get_spec("cup-bcd"), get_spec("ascii87-hexbitmap")
    assert (cup.mti_size, cup.bitmap_size) == (2, 8)
    assert (host.mti_size, host.bitmap_size) == (4, 16)
