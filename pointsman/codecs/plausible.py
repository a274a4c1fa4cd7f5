"""Whether decoded values look like what their fields are for, to tell dialects apart.

Weak signs, added up: a message that decodes by accident has odd dates, odd types, chip data that
does not parse. A real message may fail one or two. The points are guess.py's.
"""

import re
from collections.abc import Callable
from typing import Final

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.meaning import CURRENCIES
from pointsman.codecs.spec import Spec
from pointsman.codecs.tlv import parse_tlv
from pointsman.codecs.walk import Far

# The first digits of the type by the version column of a dialect.
VERSION_DIGITS: Final = {"1987": "0", "1993": "1", "2003": "2", "wallet": "10"}
_TIME: Final = re.compile(r"([01]\d|2[0-3])[0-5]\d[0-5]\d", re.ASCII)
_DATE: Final = re.compile(r"(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_EXPIRY: Final = re.compile(r"\d\d(0[1-9]|1[0-2])", re.ASCII)
_STAMP: Final = re.compile(_DATE.pattern + _TIME.pattern, re.ASCII)
_ID: Final = re.compile(r"[0-9A-Za-z]+ *", re.ASCII)
_TRACK: Final = re.compile(r"\d{12,19}[=D]\d{4,}[0-9A-F=]*", re.ASCII)
_ENTRY: Final = re.compile(r"(0[0-7]|[89]\d)[0-9](\d)?", re.ASCII)
_CONTROL: Final = re.compile(r"\d{8}|\d{11}|\d{13,23}", re.ASCII)


def _chip(value: str) -> bool:
    try:
        return bool(parse_tlv(bytes.fromhex(value)))
    except (DecodeError, ValueError):
        return False


SIGNS: Final[dict[int, Callable[[str], object]]] = {
    7: _STAMP.fullmatch,
    12: _TIME.match,
    13: _DATE.fullmatch,
    14: _EXPIRY.fullmatch,
    15: _DATE.fullmatch,
    22: _ENTRY.match,
    35: _TRACK.fullmatch,
    39: _ID.fullmatch,
    41: _ID.fullmatch,
    42: _ID.fullmatch,
    49: CURRENCIES.get,
    55: _chip,
}


def plausibility(spec: Spec, far: Far) -> float:
    """Return from 0 to 1 how much of what can be judged looks right; the type counts threefold."""
    if far.head is None:
        return 0.0
    mti = far.head.mti
    begins = VERSION_DIGITS.get(spec.version, "")
    known = mti.startswith("10") if begins == "10" else mti[1] in "12345678"
    right = (
        3.0
        if mti.startswith(begins) and known and mti[2] in "01234" and mti[3] in "01234568"
        else 0.0
    )
    total = 3
    for number, value in far.values.items():
        sign = SIGNS.get(number)
        if sign is not None:
            total += 1
            right += 1 if sign(value) else 0
    if 60 in far.values and spec.name.startswith("cup"):  # noqa: PLR2004 - control field
        total += 1
        right += 1 if _CONTROL.fullmatch(far.values[60]) else 0
    return right / total
