"""What a list is asked for: parameters checked, none unknown, none twice; cursors.

A cursor names the place in the list and the newest row when its first page was made: rows that
come later never move those that a reader pages through. The SQL is in store/console_*.py.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pointsman.console.problems import Code, Fault, Problem

LIMIT_USUAL, LIMIT_MAX = 50, 500
TEXT_SIZE_MAX = 100
_CURSOR_SIZE_MAX = 200
_SEPARATOR = "\x1f"


def parameters(pairs: Iterable[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """Return the parameters by name; raises Problem for one that is unknown, twice or odd."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known or name in found:
            detail = "given twice" if name in found else "not known here"
            shown = name if name.isidentifier() and name.isascii() else "parameter"
            raise Problem(
                Code.UNKNOWN_PARAMETER,
                f"{shown}: {detail}",
                faults=(Fault(shown, Code.UNKNOWN_PARAMETER, detail),),
            )
        if len(value) > TEXT_SIZE_MAX + _CURSOR_SIZE_MAX or not value.isprintable():
            raise invalid(name, "printable text of sensible length expected")
        if value:
            found[name] = value
    return found


def invalid(name: str, expected: str) -> Problem:
    """Return the problem of one parameter that is not what it must be."""
    return Problem(
        Code.VALIDATION_FAILED, f"{name}: {expected}", faults=(Fault(name, "invalid", expected),)
    )


def limit_of(found: Mapping[str, str]) -> int:
    """Return the wanted size of a page."""
    text = found.get("limit", str(LIMIT_USUAL))
    if not re.fullmatch("[1-9][0-9]{0,2}", text) or int(text) > LIMIT_MAX:
        raise invalid("limit", f"a whole number from 1 to {LIMIT_MAX} expected")
    return int(text)


def date_of(name: str, text: str) -> date:
    """Return a plain date (YYYY-MM-DD)."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise invalid(name, "a date such as 2026-11-20 expected")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins, in the order of its list; `pin` is the newest row of page one."""

    place: tuple[str, ...]
    pin: str = ""

    def encode(self) -> str:
        """Return it as an opaque text."""
        raw = _SEPARATOR.join((self.pin, *self.place)).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def cursor_of(found: Mapping[str, str], places: int) -> Cursor | None:
    """Read the parameter `after`; `places` is how many values name a place in this list."""
    text = found.get("after")
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        pin, *place = raw.decode().split(_SEPARATOR)
    except (binascii.Error, ValueError):
        raise Problem(Code.INVALID_CURSOR, "after: take it from the page before") from None
    if len(place) != places or not raw.decode().replace(_SEPARATOR, "").isprintable():
        raise Problem(Code.INVALID_CURSOR, "after: take it from the page before")
    return Cursor(tuple(place), pin)
