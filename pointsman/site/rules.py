"""A merchant's own rules, as the site file writes them: what is forbidden, and how much in a day.

The check of this one key. How the rules are asked is switch/checks.py and, for what adds up over a
day, the store's first commit; the other keys of a merchant are in tables.py.
"""

from dataclasses import fields

from pointsman.site.keys import (
    Check,
    Faults,
    Row,
    WrongValueError,
    read_table,
    some_of,
    whole_number,
)
from pointsman.store.parties import Rules

MINOR_MAX = 999_999_999_999  # field 4 has twelve digits
COUNT_MAX = 1_000_000


def rules(forbidden: tuple[str, ...]) -> Check:
    """Ask for a table of `Rules`; `forbidden` are the words that `forbids` may list."""
    rows = (
        Row("forbids", some_of(forbidden), default=frozenset()),
        *(
            Row(
                field.name,
                whole_number(1, MINOR_MAX if "minor" in field.name else COUNT_MAX),
                default=0,
            )
            for field in fields(Rules)
            if field.name != "forbids"
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
