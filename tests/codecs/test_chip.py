"""Chip data tags: card data in clear is never shown, unknown tags are hidden."""

import pytest

from pointsman.codecs.chip import NAMES, SHOWN, show_tag, tag_name
from pointsman.codecs.spec import Show


@pytest.mark.parametrize("tag", ["56", "57", "5F20", "5F24", "99", "9F1F", "9F20", "9F6B", "9F79"])
def test_tags_with_card_data_and_unknown_ones_are_hidden(tag: str) -> None:
    assert show_tag(tag) is Show.HIDE


def test_card_number_is_masked_and_the_rest_is_shown() -> None:
    assert show_tag("5A") is Show.MASK
    assert show_tag("9F26") is Show.SHOW
    assert tag_name("9F26") == "application cryptogram"
    assert tag_name("9F79") == "unknown tag"
    assert set(NAMES) >= SHOWN
