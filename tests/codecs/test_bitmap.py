"""Bitmaps: numbers to bytes and back, at the edges of both halves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.bitmap import read_bitmap, write_bitmap


@pytest.mark.parametrize(
    ("numbers", "bits"),
    [
        ((), "0000000000000000"),
        ((2,), "4000000000000000"),
        ((64,), "0000000000000001"),
        ((65,), "80000000000000008000000000000000"),
        ((2, 128), "C0000000000000000000000000000001"),
    ],
)
def test_bits_of_the_edges(numbers: tuple[int, ...], bits: str) -> None:
    assert write_bitmap(numbers).hex().upper() == bits
    assert read_bitmap(bytes.fromhex(bits)) == numbers


def test_second_bitmap_without_a_field_is_read() -> None:
    assert read_bitmap(bytes.fromhex("C0000000000000000000000000000000")) == (2,)


@given(st.lists(st.integers(2, 128), unique=True))
def test_order_of_the_numbers_does_not_matter(numbers: list[int]) -> None:
    assert write_bitmap(numbers) == write_bitmap(sorted(numbers))
