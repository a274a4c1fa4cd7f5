"""Ids: 26 letters for 16 bytes and back, in the order of the bytes."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.console import ids

RAW = st.binary(min_size=16, max_size=16)


@given(RAW, RAW)
def test_an_id_comes_back_and_sorts_as_its_bytes(one: bytes, two: bytes) -> None:
    assert ids.decode("pay", ids.encode("pay", one)) == one
    assert (ids.encode("pay", one) < ids.encode("pay", two)) == (one < two)


@given(st.text(max_size=40))
def test_nothing_else_is_an_id(text: str) -> None:
    raw = ids.decode("pay", text)
    assert raw is None or ids.encode("pay", raw) == text
    assert ids.decode("pay", "pay_" + "z" * 26) is None  # more than 128 bits
    assert ids.decode("usr", ids.encode("pay", bytes(16))) is None


def test_the_first_id_of_a_moment_is_before_all_that_it_can_make() -> None:
    assert ids.first_id_at(1) < b"\0\0\0\0\0\1" + bytes(9) + b"\1" < ids.first_id_at(2)
