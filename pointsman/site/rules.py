"""A merchant's own rules, as the site file writes them: what is forbidden, and how much of it.

The check of this one key. How the rules are asked is switch/checks.py and, for what adds up over a
day or a month, the store's first commit; the other keys of a merchant are in tables.py.
"""

import re
from collections.abc import Sequence
from dataclasses import fields

from pointsman.routing.bins import WORLD
from pointsman.routing.wallets import CODES
from pointsman.site.keys import (
    Check,
    Faults,
    Row,
    WrongValueError,
    read_table,
    some_of,
    text,
    whole_number,
)
from pointsman.store.parties import Rules, TerminalRules

MINOR_MAX = 999_999_999_999  # field 4 has twelve digits
COUNT_MAX = 1_000_000
PERCENT_MAX = 100
TERMINALS_MAX = 10_000
METHODS = ("chip", "contactless", "manual", "qr_consumer", "qr_merchant", "stripe")
SCHEMES = tuple(sorted({row.scheme for row in (*WORLD, *CODES)}))
_HOURS = "([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]"
_TID = re.compile(r"[0-9A-Za-z]{8}")
_OTHERS = {"forbids", "night", "night_max_minor", "terminals"}


def most_of(names: Sequence[str], most: int = MINOR_MAX) -> Check:
    """Ask for a table of limits by some of the names; the result is pairs."""
    amount = whole_number(1, most)

    def check(value: object) -> object:
        if not isinstance(value, dict) or not set(value) <= set(names):
            raise WrongValueError(f"a table of limits by {', '.join(names)} expected")
        return tuple(sorted((name, amount(one)) for name, one in value.items()))

    return check


def rules(forbidden: tuple[str, ...]) -> Check:
    """Ask for a table of `Rules`; `forbidden` are the words that `forbids` may list."""
    rows = (
        Row("forbids", some_of(forbidden), default=frozenset()),
        Row("night", text(_HOURS, "hours such as 22:00-06:00"), default=""),
        Row("night_max_minor", whole_number(0, MINOR_MAX), default=0),
        Row("terminals", _of_terminals, default=()),
        *(_row(field.name) for field in fields(Rules) if field.name not in _OTHERS),
    )

    def check(value: object) -> object:
        faults: Faults = []
        found = read_table(value, rows, (), faults)
        if found is None:
            path, reason = faults[0]
            raise WrongValueError(f"{path[-1]}: {reason}" if path else reason)
        return Rules(**found)  # type: ignore[arg-type]  # each as its row has checked it

    return check


def table_of(given: Rules) -> dict[str, object]:
    """Return rules as a site file would write them; what limits nothing is left out."""
    found: dict[str, object] = {}
    for one in fields(Rules):
        value = getattr(given, one.name)
        if one.name == "forbids":
            value = sorted(value)
        elif one.name == "terminals":
            value = {row.tid: _limits_of(row) for row in given.terminals}
        elif isinstance(value, tuple):
            value = dict(value)
        if value:
            found[one.name] = value
    if given.night:
        found["night_max_minor"] = given.night_max_minor  # 0 allows none in those hours
    return found


def _limits_of(row: TerminalRules) -> dict[str, int]:
    every = {one.name: getattr(row, one.name) for one in fields(TerminalRules)}
    return {name: value for name, value in every.items() if name != "tid" and value}


def _row(name: str) -> Row:
    most = MINOR_MAX if "minor" in name else PERCENT_MAX if "percent" in name else COUNT_MAX
    if name.startswith("method_"):
        return Row(name, most_of(METHODS, most), default=())
    if name.startswith("scheme_"):
        return Row(name, most_of(SCHEMES, most), default=())
    return Row(name, whole_number(1, most), default=0)


def _of_terminals(value: object) -> object:
    """Ask for a table of limits by terminal (field 41); the result is sorted `TerminalRules`."""
    if not isinstance(value, dict) or not all(_TID.fullmatch(str(tid)) for tid in value):
        raise WrongValueError("a table of limits by terminal, 8 letters or digits, expected")
    if len(value) > TERMINALS_MAX:
        raise WrongValueError(f"limits of more than {TERMINALS_MAX} terminals")
    rows = tuple(_row(one.name) for one in fields(TerminalRules) if one.name != "tid")
    found = []
    for tid, limits in sorted(value.items()):
        faults: Faults = []
        given = read_table(limits, rows, (), faults)
        if given is None:
            path, reason = faults[0]
            raise WrongValueError(f"{tid}: {path[-1] if path else 'limits'}: {reason}")
        found.append(TerminalRules(tid, **given))  # type: ignore[arg-type]  # as its rows checked
    return tuple(found)
