"""A merchant's own rules, as the site file writes them: what is forbidden, and how much in a day.

The check of this one key. How the rules are asked is switch/checks.py and, for what adds up over a
day, the store's first commit; the other keys of a merchant are in tables.py.
"""

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
from pointsman.store.parties import Rules

MINOR_MAX = 999_999_999_999  # field 4 has twelve digits
COUNT_MAX = 1_000_000
METHODS = ("chip", "contactless", "manual", "qr_consumer", "qr_merchant", "stripe")
SCHEMES = tuple(sorted({row.scheme for row in (*WORLD, *CODES)}))
_HOURS = "([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]"
_OTHERS = {"forbids", "method_max_minor", "scheme_max_minor", "night", "night_max_minor"}


def most_of(names: Sequence[str]) -> Check:
    """Ask for a table of amounts in minor units by some of the names; the result is pairs."""
    amount = whole_number(1, MINOR_MAX)

    def check(value: object) -> object:
        if not isinstance(value, dict) or not set(value) <= set(names):
            raise WrongValueError(f"a table of amounts by {', '.join(names)} expected")
        return tuple(sorted((name, amount(one)) for name, one in value.items()))

    return check


def rules(forbidden: tuple[str, ...]) -> Check:
    """Ask for a table of `Rules`; `forbidden` are the words that `forbids` may list."""
    rows = (
        Row("forbids", some_of(forbidden), default=frozenset()),
        Row("method_max_minor", most_of(METHODS), default=()),
        Row("scheme_max_minor", most_of(SCHEMES), default=()),
        Row("night", text(_HOURS, "hours such as 22:00-06:00"), default=""),
        Row("night_max_minor", whole_number(0, MINOR_MAX), default=0),
        *(
            Row(
                field.name,
                whole_number(1, MINOR_MAX if "minor" in field.name else COUNT_MAX),
                default=0,
            )
            for field in fields(Rules)
            if field.name not in _OTHERS
        ),
    )

    def check(value: object) -> object:
        faults: Faults = []
        found = read_table(value, rows, (), faults)
        if found is None:
            path, reason = faults[0]
            raise WrongValueError(f"{path[-1]}: {reason}" if path else reason)
        return Rules(**found)  # type: ignore[arg-type]  # each as its row has checked it

    return check
