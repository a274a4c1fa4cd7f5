"""Looks: amounts in groups with a true minus, rates without rounding up, places by right."""

from pointsman.console import looks
from pointsman.console.rights import Grant, Role, Scope


def test_amounts_have_groups_and_a_true_minus() -> None:
    assert looks.amount("1234567.50") == "1,234,567.50"
    assert looks.amount("-0.05") == "\N{MINUS SIGN}0.05"
    assert looks.amount("1250") == "1,250"


def test_a_rate_of_nothing_is_a_dash() -> None:
    assert looks.percent(None) == "—"
    assert looks.percent(9999) == "99.99 %"
    assert looks.percent(5) == "0.05 %"


def test_a_moment_is_shown_in_the_pages_zone() -> None:
    assert looks.moment("2026-11-22T16:30:00.000Z", "Asia/Shanghai") == "2026-11-23 00:30:00"
    assert looks.moment(None, "Asia/Shanghai") == "—"


def test_navigation_is_what_the_grants_may_see() -> None:
    staff = looks.navigation([Grant(Role.MERCHANT_STAFF, Scope.MERCHANT, "1")])
    assert set(staff) == {"Watch", "Merchants", "Devices", "Reports"}
    assert set(looks.navigation([Grant(Role.RISK, Scope.PLATFORM)])) == set(looks.NAVIGATION)
    assert looks.navigation([]) == {}
    assert looks.initials("Ada Lin Wei") == "AL"
    assert looks.initials("") == "?"


def test_spans_are_told_in_the_unit_that_suits_them() -> None:
    assert [looks.span(ms) for ms in (0, 999, 1000, 59_999, 61_000)] == [
        *("0 ms", "999 ms", "1.000 s", "59.999 s", "1 min 1 s"),
    ]
