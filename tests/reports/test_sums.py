"""Sums: added field by field, and whether the parts are the whole."""

from datetime import UTC, datetime

from pointsman.reports.sums import Sums, total

EARLY, LATE = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def test_sums_are_added_and_the_last_time_is_the_later() -> None:
    one = Sums(gross_minor=100, sales=1, net_minor=100, last_at=LATE)
    two = Sums(gross_minor=50, sales=1, voids_minor=20, net_minor=30, last_at=EARLY)
    both = total([one, two, Sums()])
    assert (both.gross_minor, both.sales, both.voids_minor, both.last_at) == (150, 2, 20, LATE)
    assert both.adds_up


def test_a_posting_of_no_known_kind_is_seen() -> None:
    assert not Sums(gross_minor=100, net_minor=99).adds_up
