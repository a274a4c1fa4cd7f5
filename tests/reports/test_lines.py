"""Lines: reasons by frequency with their shares; sums of what can be added."""

from fractions import Fraction

from pointsman.reports.lines import REASON_COLUMNS, added, reasons, total_rows
from pointsman.reports.summing import Group
from pointsman.reports.sums import Sums

GROUPS: dict[Group, Sums] = {
    ("CNY", ("00",)): Sums(approved=6),
    ("CNY", ("51",)): Sums(declined=1, declined_minor=100),
    ("CNY", ("05",)): Sums(declined=3, declined_minor=900),
}


def test_the_most_frequent_reason_is_first_and_shares_are_of_declines_and_attempts() -> None:
    first, second = reasons(GROUPS, chinese=False)
    assert list(first.cells) == [
        *("do_not_honour", "05", "Do not honour", 3, 900, Fraction(3, 4), Fraction(3, 10), "no")
    ]
    assert second.cells[1] == "51"
    assert second.cells[-1] == "may_help"
    assert reasons(GROUPS, chinese=True)[1].cells[2] == "余额不足"


def test_counts_and_amounts_are_added_by_currency() -> None:
    sums: dict[str, dict[int, int]] = {}
    found = reasons(GROUPS, chinese=False)
    added(found[:1], REASON_COLUMNS, sums)
    added(found[1:], REASON_COLUMNS, sums)
    (row,) = total_rows(REASON_COLUMNS, sums)
    assert (row.currency, row.cells[3], row.cells[4]) == ("CNY", 4, 1000)
