"""Limits of a day and listed cards on the tables in memory: what schema/0017_limits.sql does.

A core. Asked for the new rows of one group commit (memory_round.py), before they reserve anything.
The rules come with the intents; what is counted are the rows of the day.
"""

from collections.abc import Mapping
from datetime import date

from pointsman.store.memory import MemoryDatabase, Row, id_of

_AFTER_THE_CARD = frozenset({"45", "57", "58", "25", "12", "64", "61", "65", "03", "15", "91"})
_OF_THE_ROUTE = frozenset({"03", "15", "91"})
_COUNTING = ("sending", "approved", "unknown")


def admit(db: MemoryDatabase, rows: Mapping[int, Row], day: date) -> dict[int, str]:
    """Return the codes of the rows that a list or a limit forbids, by number; nothing is changed.

    The list beats what was found of type, original, limits and route; a limit the route alone.
    """
    codes: dict[int, str] = {}
    for number, row in rows.items():
        code = db.blacklist.get(row["card_token"] or "")
        first = row["guard"] in (None, "extend")
        if code is not None and first and _stands(row, _AFTER_THE_CARD):
            codes[number] = code
    for number, row in rows.items():
        if number in codes or not row["details"].get("limits") or not _stands(row, _OF_THE_ROUTE):
            continue
        later = {id_of(other) for at, other in rows.items() if at >= number or at in codes}
        over = _over(db, row, later, day)
        if over is not None:
            codes[number] = over
    return codes


def _stands(row: Row, may_be: frozenset[str]) -> bool:
    return row["state"] == "sending" or (
        row["state"] == "refused" and row["response_code"] in may_be
    )


def _over(db: MemoryDatabase, row: Row, later: set[bytes], day: date) -> str | None:
    limits: Mapping[str, int] = row["details"]["limits"]
    counted = [
        (other, other["approved_minor" if other["state"] == "approved" else "amount_minor"])
        for id_, other in db.transactions.items()
        if id_ not in later
        and (other["mid"], other["money"]) == (row["mid"], row["money"])
        and other["business_date"] == day.isoformat()
        and other["details"].get("limits")
        and other["state"] in _COUNTING
        and other["undo"] != "done"
        and other["voiding"] != "done"
    ]

    def sums(column: str | None) -> tuple[int, int]:
        minor = [m for one, m in counted if column is None or one[column] == row[column]]
        return len(minor), sum(minor) + row["amount_minor"]

    if row["money"] == "credit":
        most = limits.get("refund_day_minor_max")
        return "61" if most is not None and sums(None)[1] > most else None
    scopes = ((None, ""), ("tid", "terminal_"), ("card_token", "card_"))
    used = {prefix: sums(column) for column, prefix in scopes}
    if any(used[p][1] > limits.get(f"{p}day_minor_max", used[p][1]) for _, p in scopes):
        return "61"
    if any(used[p][0] >= limits.get(f"{p}day_count_max", used[p][0] + 1) for _, p in scopes):
        return "65"
    return None
