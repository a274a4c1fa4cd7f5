"""Money: a whole number of minor units with its currency, and the one rounding.

What lives here: `Currency`, `Amount` and `round_half_up`. No float ever touches money: a rate is a
`Fraction`, an amount on the wire is decimal text. How fields 4 and 49 become an `Amount` is said in
switch/requests.py; how amounts are added up per batch is said in settlement/.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import iso4217


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies were put together."""


class UnknownCurrencyError(ValueError):
    """A currency code that ISO 4217 does not list."""


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency of ISO 4217: letter code, three-digit numeric code, minor-unit exponent."""

    code: str
    numeric: str
    exponent: int


@cache
def currency(code: str) -> Currency:
    """Return the currency with this letter code ("CNY") or numeric code ("156").

    Raises `UnknownCurrencyError` where ISO 4217 has none: unknown is refused, not guessed.
    """
    for row in iso4217.Currency:
        numeric = f"{row.number:03d}"
        if code in (row.code, numeric):
            if row.exponent is None:
                raise UnknownCurrencyError(f"currency {row.code} has no minor unit")
            return Currency(row.code, numeric, row.exponent)
    raise UnknownCurrencyError("no such currency in ISO 4217")


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units of one currency; negative where money flows back to the cardholder."""

    minor: int
    currency: Currency

    def __add__(self, other: "Amount") -> "Amount":
        self._same(other)
        return Amount(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Amount") -> "Amount":
        self._same(other)
        return Amount(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Amount":
        return Amount(-self.minor, self.currency)

    def __str__(self) -> str:
        return f"{self.decimal_text()} {self.currency.code}"

    def decimal_text(self) -> str:
        """Return decimal text with the currency's exponent: 1250 of CNY is ``12.50``."""
        exponent = self.currency.exponent
        sign = "-" if self.minor < 0 else ""
        digits = str(abs(self.minor)).rjust(exponent + 1, "0")
        if exponent == 0:
            return sign + digits
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"

    def _same(self, other: "Amount") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency.code} and {other.currency.code}")


def round_half_up(value: Fraction) -> int:
    """Round to a whole minor unit, halves away from zero: the only rounding in the house."""
    doubled = abs(value) * 2 + 1
    whole = doubled.numerator // (doubled.denominator * 2)
    return whole if value >= 0 else -whole
