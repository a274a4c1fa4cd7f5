"""What somebody typed into the search: which reference it can be, by its form.

Plain values for the query of store/console_reads.py. A payment's own id is told apart before.
"""

import re
from collections.abc import Iterable
from datetime import date

from pointsman.money import currency

_CARD = re.compile("([0-9]{6})?[ *•xX.…]+([0-9]{4})")
_MONEY = re.compile("([A-Z]{3}) ?([0-9].*)")
_MINOR_MAX = 999_999_999_999
"""Field 4 has twelve digits."""


def values(text: str, currencies: Iterable[str]) -> dict[str, object]:
    """Return the values of the search: what the text cannot be is None and finds nothing.

    `currencies` are numeric codes; an amount is meant in those with as many decimals, or in the one
    whose letters stand before it. A card is its last four, or its first six and last four with
    stars between, as it is shown.
    """
    card = _CARD.fullmatch(text)
    money = _MONEY.fullmatch(text)
    letters = money[1] if money else ""
    plain = text if re.fullmatch("[0-9A-Za-z]+", text) else ""
    whole, dot, rest = (money[2] if money else text).replace(",", "").partition(".")
    amount = re.fullmatch("[0-9]{1,12}", whole) and re.fullmatch("[0-9]{2,3}", rest) and dot
    minor = int(whole + rest) if amount else 0
    return {
        "q": text,
        "first6": card[1] if card else None,
        "last4": card[2] if card else plain if re.fullmatch("[0-9]{4}", plain) else None,
        "six": plain if len(plain) == 6 else None,  # noqa: PLR2004  # ISO 8583, fields 11 and 38
        "eight": plain if len(plain) == 8 else None,  # noqa: PLR2004  # ISO 8583, field 41
        "minor": minor if amount and minor <= _MINOR_MAX else None,
        "codes": [
            code
            for code in currencies
            if currency(code).exponent == len(rest) and letters in {"", currency(code).code}
        ],
    }


def day(text: str) -> date | None:
    """Return the business date that a text is, None where it is none."""
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
