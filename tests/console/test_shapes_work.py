"""Shapes of work: their examples fit them, and nothing else does."""

import msgspec
import pytest

from pointsman.console import shapes_work
from tests.console.shaped import assert_examples_fit, shapes_of


def test_the_example_of_each_shape_is_of_that_shape() -> None:
    assert_examples_fit(shapes_work)


def test_a_member_that_is_not_described_is_no_part_of_a_shape() -> None:
    for shape in shapes_of(shapes_work):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"pan": "4111111111111111"}, shape)
