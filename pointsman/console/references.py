"""What somebody typed into the search: which reference it can be, by its form.

Plain values for the query of store/console_reads.py. A payment's own id is told apart before.
"""

import re
from collections.abc import Iterable

from pointsman.money import currency

_MINOR_MAX = 999_999_999_999
"""Field 4 has twelve digits."""


def values(text: str, currencies: Iterable[str]) -> dict[str, object]:
    """Return the values of the search: what the text cannot be is None and finds nothing.

    `currencies` are numeric codes; an amount is meant in those with as many decimals.
    """
    plain = text if re.fullmatch("[0-9A-Za-z]+", text) else ""
    whole, dot, rest = text.replace(",", "").partition(".")
    amount = re.fullmatch("[0-9]{1,12}", whole) and re.fullmatch("[0-9]{2,3}", rest) and dot
    minor = int(whole + rest) if amount else 0
    return {
        "q": text,
        "last4": plain if re.fullmatch("[0-9]{4}", plain) else None,
        "six": plain if len(plain) == 6 else None,  # noqa: PLR2004  # ISO 8583, fields 11 and 38
        "eight": plain if len(plain) == 8 else None,  # noqa: PLR2004  # ISO 8583, field 41
        "minor": minor if amount and minor <= _MINOR_MAX else None,
        "codes": [code for code in currencies if currency(code).exponent == len(rest)],
    }
