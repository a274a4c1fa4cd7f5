"""Money: whole minor units, one rounding, no mixing of currencies (money.py)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.money import (
    Amount,
    CurrencyMismatchError,
    UnknownCurrencyError,
    currency,
    round_half_up,
)

MINOR = st.integers(-(10**15), 10**15)
CURRENCIES = st.sampled_from(["CNY", "EUR", "JPY", "KWD"])


def test_currency_is_found_by_letters_and_by_number() -> None:
    assert currency("156") == currency("CNY")
    assert (currency("CNY").exponent, currency("JPY").exponent, currency("KWD").exponent) == (
        2,
        0,
        3,
    )


@pytest.mark.parametrize("code", ["", "cny", "XXXX", "000", "15", "999", "XAU"])
def test_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        currency(code)


@given(MINOR, CURRENCIES)
def test_decimal_text_says_the_same_amount(minor: int, code: str) -> None:
    amount = Amount(minor, currency(code))
    assert Decimal(amount.decimal_text()).scaleb(amount.currency.exponent) == minor


def test_small_amounts_keep_their_noughts() -> None:
    assert Amount(5, currency("CNY")).decimal_text() == "0.05"
    assert Amount(-5, currency("CNY")).decimal_text() == "-0.05"
    assert Amount(0, currency("KWD")).decimal_text() == "0.000"
    assert str(Amount(1250, currency("JPY"))) == "1250 JPY"


@given(MINOR, MINOR, CURRENCIES)
def test_sums_and_differences_undo_each_other(left: int, right: int, code: str) -> None:
    a, b = Amount(left, currency(code)), Amount(right, currency(code))
    assert a + b - b == a
    assert a - b == a + -b


def test_two_currencies_do_not_mix() -> None:
    euro, yuan = Amount(1, currency("EUR")), Amount(1, currency("CNY"))
    with pytest.raises(CurrencyMismatchError):
        euro + yuan
    with pytest.raises(CurrencyMismatchError):
        euro - yuan


@given(st.fractions())
def test_rounding_is_to_the_nearest_and_halves_go_away_from_nought(value: Fraction) -> None:
    rounded = round_half_up(value)
    assert abs(rounded - value) <= Fraction(1, 2)
    assert round_half_up(-value) == -rounded
    if abs(rounded - value) == Fraction(1, 2):
        assert abs(rounded) > abs(value)
