"""Words for values, and none where there are none."""

import pytest

from pointsman.codecs.meaning import meaning_of


@pytest.mark.parametrize(
    ("number", "value", "words"),
    [
        (3, "200000", "refund or void"),
        (22, "072", "contactless chip, no PIN"),
        (22, "999", ""),
        (25, "06", "pre-authorisation"),
        (39, "A0", "MAC wrong"),
        (49, "156", "CNY"),
        (70, "301", "echo"),
        (11, "000001", ""),
        (22, "", ""),
        (3, "", ""),
    ],
)
def test_words_of_a_value(number: int, value: str, words: str) -> None:
    assert meaning_of(number, value) == words
