"""Which limits a payment counts for: those of its merchant, its terminal, its way and its brand."""

from dataclasses import fields, replace

from pointsman.store.parties import Rules, TerminalRules
from pointsman.switch.limits import COUNTED, limits_of, rules_of
from tests.switch.lives import MERCHANT, message, payment

SALE = payment(message("cup-sale-manual-req"))
TID = SALE.key.tid


def limits(rules: Rules, scheme: str = "CUP") -> object:
    return limits_of(SALE, replace(MERCHANT, rules=rules), scheme)


def test_every_rule_is_counted_or_asked_of_one_payment() -> None:
    of_one = {
        *("forbids", "amount_max_minor", "method_max_minor", "scheme_max_minor"),
        *("night", "night_max_minor", "terminals"),
    }
    assert {one.name for one in fields(Rules)} == {*COUNTED} | of_one


def test_limits_are_those_of_the_way_and_the_brand_of_the_payment() -> None:
    rules = Rules(
        day_count_max=9,
        method_day_count_max=(("chip", 8), ("manual", 2)),
        scheme_month_minor_max=(("CUP", 7), ("VIS", 3)),
        refund_percent_max=10,
    )
    assert limits(rules) == {
        "day_count_max": 9,
        "method_day_count_max": 2,
        "scheme_month_minor_max": 7,
        "refund_percent_max": 10,
    }
    assert limits(Rules(scheme_month_minor_max=(("VIS", 3),))) == {}


def test_a_terminal_has_limits_of_its_own_in_place_of_those_of_each() -> None:
    own = TerminalRules(TID, amount_max_minor=5, day_count_max=1, month_minor_max=90)
    rules = Rules(
        amount_max_minor=100, terminal_day_count_max=50, terminal_day_minor_max=70, terminals=(own,)
    )
    assert limits(rules) == {
        "terminal_day_count_max": 1,
        "terminal_day_minor_max": 70,
        "terminal_month_minor_max": 90,
    }
    assert rules_of(rules, TID).amount_max_minor == 5
    assert rules_of(rules, "99999999") is rules


def test_advices_inquiries_and_merchants_without_rules_count_for_none() -> None:
    rules = replace(MERCHANT, rules=Rules(day_count_max=1))
    assert limits_of(SALE, MERCHANT, "CUP") is None
    for name in ("cup-offline-sale-advice-req", "cup-balance-chip-req", "cup-void-req"):
        assert limits_of(payment(message(name)), rules, "CUP") is None
