"""Rows of sums: totals from sums and not from rates, shares, the period before, drill-down."""

from datetime import date
from fractions import Fraction

from pointsman.reports.catalogue import REPORTS, STATISTICS
from pointsman.reports.period import Period
from pointsman.reports.summing import Group, Names, columns, rows, totals, within
from pointsman.reports.sums import Sums

GOOD = Sums(gross_minor=300, sales=1, net_minor=300, approved=9, declined=1)
POOR = Sums(gross_minor=100, sales=1, net_minor=100, approved=1, declined=1)
GROUPS: dict[Group, Sums] = {
    ("CNY", ("chip",)): GOOD,
    ("CNY", ("stripe",)): POOR,
    ("JPY", ("chip",)): GOOD,
}


NAMES = Names({"1": "Tea"}, {"0a": ("out_a", "Bund")})


def cells(code: str, by: str, row: int) -> dict[str, object]:
    definition = REPORTS[code]
    names = [column.code for column in columns(definition, by, compare=False)]
    found = rows(definition, by, GROUPS, None, Names())[row]
    return dict(zip(names, found.cells, strict=True))


def test_shares_are_of_the_same_currency() -> None:
    assert cells("R04", "method", 0)["share"] == Fraction(3, 4)
    assert cells("R04", "method", 2)["share"] == 1


def test_a_totals_rate_comes_from_sums() -> None:
    definition = REPORTS["R04"]
    names = [column.code for column in columns(definition, "method", compare=False)]
    (chinese, japanese) = totals(definition, "method", GROUPS, None)
    assert (chinese.currency, japanese.currency) == ("CNY", "JPY")
    assert dict(zip(names, chinese.cells, strict=True))["approval"] == Fraction(10, 12)


def test_growth_is_against_the_same_group_of_the_period_before() -> None:
    before: dict[Group, Sums] = {("CNY", ("chip",)): POOR}
    found = rows(STATISTICS, "method", GROUPS, before, Names())
    assert list(found[0].cells[-2:]) == [100, 2]
    assert list(found[1].cells[-2:]) == [None, None]
    whole = totals(STATISTICS, "method", GROUPS, before)
    assert list(whole[0].cells[-2:]) == [100, 3]


def test_a_date_says_why_it_has_no_period_before() -> None:
    for by, is_dated in (("day", True), ("month", True), ("method-day", True), ("hour", False)):
        found = columns(STATISTICS, by, compare=True)[-2:]
        assert [column.code for column in found] == ["before", "growth"]
        for column in found:
            assert bool(column.missing(chinese=False)) is is_dated
            assert column.missing(chinese=True).isascii() is not is_dated


def test_a_row_leads_to_the_transactions_behind_it() -> None:
    groups: dict[Group, Sums] = {("CNY", ("1/7",)): GOOD}
    (row,) = rows(REPORTS["R05"], "terminal", groups, None, NAMES)
    assert list(row.cells[:3]) == ["1", "Tea", "7"]
    assert list(row.key) == [("mid", "1"), ("tid", "7")]
    ours: dict[Group, Sums] = {("CNY", ("1/0a",)): GOOD, ("CNY", ("1/",)): POOR}
    outlet, elsewhere = rows(REPORTS["R05"], "outlet", ours, None, NAMES)
    assert list(outlet.cells[:3]) == ["1", "Tea", "Bund"]
    assert list(outlet.key) == [("mid", "1"), ("outlet", "out_a")]
    assert list(elsewhere.cells[:3]) == ["1", "Tea", None]
    (week,) = rows(REPORTS["R01"], "week", {("CNY", ("2026-W47",)): GOOD}, None, Names())
    assert list(week.key) == [("from", "2026-11-16"), ("to", "2026-11-22")]
    (month,) = rows(REPORTS["R01"], "month", {("CNY", ("2026-02",)): GOOD}, None, Names())
    assert list(month.key) == [("from", "2026-02-01"), ("to", "2026-02-28")]
    (hour,) = rows(REPORTS["R03"], "weekday-hour", {("CNY", ("1", "09")): GOOD}, None, Names())
    assert list(hour.key) == [("weekday", "1"), ("hour", "09")]
    period = Period(date(2026, 2, 10), date(2026, 11, 20))
    (clipped, kept) = within([month, hour], period)
    assert list(clipped.key) == [("from", "2026-02-10"), ("to", "2026-02-28")]
    assert list(kept.key) == list(hour.key)
    (clipped,) = within([week], period)
    assert list(clipped.key) == [("from", "2026-11-16"), ("to", "2026-11-20")]
    (day,) = rows(REPORTS["R01"], "day", {("CNY", ("2026-11-20",)): GOOD}, None, Names())
    assert list(day.key) == [("from", "2026-11-20"), ("to", "2026-11-20")]
