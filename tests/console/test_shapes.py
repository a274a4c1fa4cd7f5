"""Shapes: their examples fit them; a page has its cursors and the moment of its snapshot."""

import msgspec
import pytest

from pointsman.console import shapes
from tests.console.shaped import assert_examples_fit


def test_the_example_of_each_shape_is_of_that_shape() -> None:
    assert_examples_fit(shapes)


def test_money_is_whole_minor_units() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": 1.5, "currency": "CNY", "text": "1.50"}, shapes.Money)
