"""Masks: first six and last four, nothing of what is too short, nothing of what is hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.codecs.mask import mask_pan, mask_value
from pointsman.codecs.spec import Show


@pytest.mark.parametrize(
    ("pan", "masked"),
    [
        ("6216261000000000018", "621626*********0018"),
        ("4111111111111111", "411111******1111"),
        ("4111111111111", "411111***1111"),
        ("411111111111", "************"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_card_number_is_cut_in_one_way(pan: str, masked: str) -> None:
    assert mask_pan(pan) == masked


@given(st.text("0123456789", max_size=30))
def test_no_more_than_ten_digits_are_ever_seen(pan: str) -> None:
    assert sum(character != "*" for character in mask_pan(pan)) <= 10


def test_hidden_value_does_not_tell_its_size() -> None:
    assert mask_value(Show.HIDE, "1") == mask_value(Show.HIDE, "1" * 40)
    assert mask_value(Show.SHOW, "000121") == "000121"
    assert mask_value(Show.MASK, "4111111111111111") == "411111******1111"
