"""The search for payments: what was typed becomes one condition of the list, and its values.

A shell that asks the database which words are names. Forms are read in references.py, statements
are in store/console_reads.py. Words that name merchants or a state go before what they could be
else; whose rows are seen is said by the list itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pointsman.console import ids, payments, references
from pointsman.console.gate import Ask
from pointsman.store.console_listings import PAYMENT_STATE
from pointsman.store.console_reads import FOUND, OF_ACQUIRER, OF_DAY, OF_MERCHANTS, Reads

SEARCH_BACK = timedelta(days=7)
"""How far back a reference is looked for that no tree holds; a terminal's payments for a day."""
LAST_PAYMENT_BACK = timedelta(days=1)
NAME_SIZE_MIN = 2
"""Of a part of a merchant's name; two characters are a word in Chinese."""

Condition = tuple[str, dict[str, object]]
"""SQL over `t`, and its values."""


async def condition(reads: Reads, ask: Ask, wanted: str, now: datetime) -> Condition:
    """Return the condition of payments that have something of `wanted`."""
    by_id = ids.decode(payments.PREFIX, wanted)
    if by_id is not None:
        return "t.id = %(wanted)s", {"wanted": by_id}
    since = back(now, SEARCH_BACK)
    mids = ask.mids
    seen = await reads.all_mids() if mids is None else [*mids, *sorted(ask.reach.neighbours)]
    found = await _words(reads, wanted, seen)
    if found is not None:
        sql, values = found
        if ask.parameters.get("sort", "").removeprefix("-") == "amount":  # no index sorts these
            return f"{sql} and t.id >= %(searched_since)s", {**values, "searched_since": since}
        return found
    values = references.values(wanted, await reads.currencies())
    values |= {
        "searched": seen,
        "searched_since": since,
        "tid_since": back(now, LAST_PAYMENT_BACK),
    }
    return FOUND, values


def back(now: datetime, span: timedelta) -> bytes:
    """Return the id that begins so long before now."""
    return ids.first_id_at(int((now - span).timestamp() * 1000))


async def _words(reads: Reads, wanted: str, seen: Sequence[str]) -> Condition | None:
    """Return the condition of a day, a merchant, an acquirer or a state; None where it is none."""
    day = references.day(wanted)
    if day is not None:
        first, last = await reads.day_bounds(day)  # closed days know their ids
        sql = OF_DAY
        sql += "" if first is None else " and t.id >= %(found_first)s"
        sql += "" if last is None else " and t.id <= %(found_last)s"
        return sql, {"found_day": day, "found_first": first, "found_last": last}
    if wanted in seen:
        return OF_MERCHANTS, {"found_mids": [wanted]}
    if not any(letter.isalpha() for letter in wanted):
        return None
    if wanted.lower() in PAYMENT_STATE.choices:
        return f"({PAYMENT_STATE.choices[wanted.lower()]})", {}
    name = await reads.acquirer_named(wanted)
    if name is not None:
        return OF_ACQUIRER, {"found_acquirer": name}
    named = await reads.mids_named(wanted, seen) if len(wanted) >= NAME_SIZE_MIN else []
    return (OF_MERCHANTS, {"found_mids": named}) if named else None
