"""The checks before routing, in their order."""

from dataclasses import replace
from datetime import date

import pytest
from msgspec import structs

from pointsman.routing.bins import scheme_of
from pointsman.store.parties import Rules
from pointsman.switch import checks
from pointsman.switch.requests import CardData, Refusal
from tests.switch.lives import MERCHANT, TODAY, message, payment

PAN = "6226388000000095"
RANGE = scheme_of(PAN[:11], len(PAN))
SALE = payment(message("cup-sale-swipe-pin-req"))


def code(**changes: object) -> str | None:
    refusal = checks.refusal(structs.replace(SALE, **changes), MERCHANT, RANGE, TODAY)
    return refusal.code if refusal else None


def test_a_good_sale_passes() -> None:
    assert code() is None


def test_the_first_rule_broken_wins() -> None:
    broken = {"amount_minor": 0, "currency": "978", "card": CardData(PAN, expiry="1001")}
    assert code(refusal=Refusal("30", 4, "x"), **broken) == "30"
    assert code(**broken) == "13"
    assert code(**(broken | {"amount_minor": 1})) == "A1"
    assert code(card=CardData(PAN, expiry="1001")) == "54"


def test_a_wrong_check_digit_is_14_where_the_brand_has_one() -> None:
    pan = "4111111111111112"
    visa = scheme_of(pan[:11], len(pan))
    refusal = checks.card_refusal(CardData(pan), visa, TODAY)
    assert refusal is not None
    assert refusal.code == "14"


@pytest.mark.parametrize(
    ("expiry", "over"),
    [
        ("2603", False),
        ("2602", True),
        ("3012", False),
        ("9912", True),
        ("2613", True),
        ("7512", False),
    ],
)
def test_a_card_is_good_until_the_end_of_its_month(expiry: str, over: bool) -> None:
    assert checks.expired(expiry, date(2026, 3, 15)) is over


def test_a_payment_code_is_known_by_its_own_table() -> None:
    card = CardData(PAN)
    code = CardData("6212345678901234567", is_code=True)
    ranges = [checks.range_of(one) for one in (card, code)]
    assert [one is not None for one in ranges] == [True, True]
    assert checks.range_of(None) is None


def limit(rules: Rules, *, time: str = "101735", scheme: str = "CUP") -> str | None:
    merchant = replace(MERCHANT, rules=rules)
    refusal = checks.over_limit(SALE, merchant, scheme, time)
    return refusal.code if refusal else None


def test_one_payment_has_a_limit_by_the_way_the_card_was_taken_and_by_its_brand() -> None:
    assert SALE.method == "stripe"
    amount = SALE.amount_minor
    assert limit(Rules(method_max_minor=(("chip", 1), ("stripe", amount)))) is None
    assert limit(Rules(method_max_minor=(("stripe", amount - 1),))) == "61"
    assert limit(Rules(scheme_max_minor=(("CUP", amount), ("VIS", 1)))) is None
    assert limit(Rules(scheme_max_minor=(("CUP", amount - 1),))) == "61"
    assert limit(Rules(scheme_max_minor=(("CUP", 1),)), scheme="VIS") is None


def test_the_night_has_a_limit_of_its_own() -> None:
    night = Rules(night="22:00-06:00", night_max_minor=SALE.amount_minor - 1)
    assert limit(night, time="235900") == "61"
    assert limit(night, time="055959") == "61"
    assert limit(night, time="060000") is None
    assert limit(night, time="215959") is None
    assert limit(replace(night, night_max_minor=SALE.amount_minor), time="235900") is None
    assert limit(Rules(night="22:00-06:00"), time="235900") == "61", "nothing at all"


@pytest.mark.parametrize(
    ("hours", "time", "inside"),
    [
        ("09:00-17:00", "090000", True),
        ("09:00-17:00", "165959", True),
        ("09:00-17:00", "170000", False),
        ("22:00-06:00", "000000", True),
        ("22:00-22:00", "120000", False),
    ],
)
def test_hours_may_pass_midnight(hours: str, time: str, inside: bool) -> None:
    assert checks.is_within(hours, time) is inside
