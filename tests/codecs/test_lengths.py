"""Lengths of frames: every kind reads what it writes, and says -1 to what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.lengths import PREFIX_SIZE, LengthKind, read_length, write_length


@given(st.sampled_from(list(LengthKind)), st.booleans(), st.integers(1, 4096))
def test_every_kind_reads_what_it_writes(kind: LengthKind, inclusive: bool, size: int) -> None:
    prefix = write_length(kind, inclusive, size)
    assert len(prefix) == PREFIX_SIZE[kind]
    assert read_length(kind, inclusive, prefix) == size


@given(st.binary(min_size=4, max_size=4))
def test_ascii_length_is_four_digits_or_none(prefix: bytes) -> None:
    good = all(byte in b"0123456789" for byte in prefix)
    assert (read_length(LengthKind.ASCII4, False, prefix) >= 0) == good


@pytest.mark.parametrize("kind", list(LengthKind))
def test_inclusive_length_smaller_than_itself_is_zero(kind: LengthKind) -> None:
    prefix = write_length(kind, False, 1)
    assert read_length(kind, True, prefix) == 0


def test_zeros_behind_a_length_must_be_zeros() -> None:
    assert read_length(LengthKind.BINARY2_ZERO2, False, b"\0\x10\0\1") == -1
    assert read_length(LengthKind.BCD2, False, b"\x0a\x10") == -1
