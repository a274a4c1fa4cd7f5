"""A merchant's rules in the site file: good ones become values, bad ones are told."""

import pytest

from pointsman.site.keys import WrongValueError
from pointsman.site.rules import rules, table_of
from pointsman.store.parties import Rules, TerminalRules

CHECK = rules(("refund", "manual"))


def test_good_rules_become_values() -> None:
    given = {"forbids": ["manual"], "amount_max_minor": 500_000, "card_day_count_max": 3}
    assert CHECK(given) == Rules(
        forbids=frozenset({"manual"}), amount_max_minor=500_000, card_day_count_max=3
    )
    assert CHECK({}) == Rules()
    given = {
        "method_max_minor": {"manual": 1_000, "chip": 90_000},
        "scheme_max_minor": {"VIS": 5_000},
        "night": "22:00-06:00",
        "night_max_minor": 20_000,
    }
    assert CHECK(given) == Rules(
        method_max_minor=(("chip", 90_000), ("manual", 1_000)),
        scheme_max_minor=(("VIS", 5_000),),
        night="22:00-06:00",
        night_max_minor=20_000,
    )


def test_limits_of_a_month_a_way_and_a_terminal_become_values() -> None:
    given = {
        "month_minor_max": 5_000_000,
        "method_day_count_max": {"manual": 5},
        "refund_percent_max": 20,
        "terminals": {"12345679": {"day_count_max": 3}, "12345678": {"amount_max_minor": 9}},
    }
    assert CHECK(given) == Rules(
        month_minor_max=5_000_000,
        method_day_count_max=(("manual", 5),),
        refund_percent_max=20,
        terminals=(
            TerminalRules("12345678", amount_max_minor=9),
            TerminalRules("12345679", day_count_max=3),
        ),
    )


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"forbids": ["manual", "refund"], "amount_max_minor": 5, "refund_percent_max": 20},
        {"night": "22:00-06:00", "night_max_minor": 0},
        {"scheme_month_count_max": {"CUP": 4, "VIS": 5}, "card_day_merchants_max": 2},
        {"terminals": {"12345678": {"amount_max_minor": 9}, "12345679": {}}},
    ],
)
def test_rules_are_told_as_they_were_written(table: dict[str, object]) -> None:
    found = CHECK(table)
    assert isinstance(found, Rules)
    assert table_of(found) == table


@pytest.mark.parametrize(
    "value",
    [
        7,
        {"forbids": ["void"]},
        {"amount_max_minor": 0},
        {"amount_max_minor": 12.5},
        {"amount_max_minor": 10**12},
        {"day_count_max": True},
        {"day_amount_max": 5},
        {"method_max_minor": {"magic": 5}},
        {"scheme_max_minor": {"VIS": 0}},
        {"scheme_max_minor": ["VIS"]},
        {"night": "22-6"},
        {"refund_percent_max": 101},
        {"method_day_count_max": {"chip": 1_000_001}},
        {"terminals": {"1": {"day_count_max": 3}}},
        {"terminals": {"12345678": {"card_day_count_max": 3}}},
        {"terminals": ["12345678"]},
        {"night": "22:00-24:00"},
    ],
)
def test_what_is_no_rule_is_refused(value: object) -> None:
    with pytest.raises(WrongValueError):
        CHECK(value)
