"""Decline reasons: the twelve categories, and a code that the table lacks."""

from pointsman.reports.declines import CATEGORIES, reason_of


def test_every_reason_has_one_of_twelve_categories() -> None:
    assert len(CATEGORIES) == 12
    for code in (f"{number:02d}" for number in range(1, 100)):
        assert reason_of(code).category in CATEGORIES
    assert reason_of("51").category == "funds"
    assert reason_of("51").retry
    assert not reason_of("41").retry
    assert reason_of("Z9").category == "other"
