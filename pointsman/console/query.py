"""Parameters of a request: checked, none unknown, none twice, none without end.

A core. What they mean for a list (filters, order, cursors) is in listing.py.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from pointsman.console.problems import Code, Fault, Problem

LIMIT_USUAL, LIMIT_MAX = 50, 500
_SIZE_MAX = 300
_CURSOR_SIZE_MAX = 1_000
_CURSORS = frozenset({"after", "before"})


def parameters(pairs: Iterable[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """Return the parameters by name; raises Problem for one that is unknown, twice or odd."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in known or name in found:
            detail = "given twice" if name in found else "not known here"
            shown = name if re.fullmatch(r"[a-z_]{1,40}(\[[a-z]{2,6}\])?", name) else "parameter"
            raise Problem(
                Code.UNKNOWN_PARAMETER,
                f"{shown}: {detail}",
                faults=(Fault(shown, Code.UNKNOWN_PARAMETER, detail),),
            )
        size_max = _CURSOR_SIZE_MAX if name in _CURSORS else _SIZE_MAX
        if len(value) > size_max or not value.isprintable():
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
