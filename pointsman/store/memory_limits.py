"""Limits and listed cards on the tables in memory: what 0017 and 0032_month_limits.sql do.

A core. Asked for the new rows of one group commit (memory_round.py), before they reserve anything.
The rules come with the intents; what is counted are the rows of the day, the month, or 30 days.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from pointsman.store.memory import MemoryDatabase, Row, id_of

_AFTER_THE_CARD = frozenset({"45", "57", "58", "25", "12", "64", "61", "65", "03", "15", "91"})
_OF_THE_ROUTE = frozenset({"03", "15", "91"})
_COUNTING = ("sending", "approved", "unknown")
_SCOPES: Final[Mapping[str, str]] = {
    "": "",
    "terminal_": "tid",
    "card_": "card_token",
    "method_": "method",
    "scheme_": "scheme",
}
_SHARE_DAYS: Final = 30  # of sales, against which refunds are held


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
    credit = row["money"] == "credit"
    counted = list(_counted(db, row["mid"], later, day))
    percent = limits.get("refund_percent_max")
    if credit and percent is not None:
        first = (day - timedelta(days=_SHARE_DAYS - 1)).isoformat()
        given = row["amount_minor"] + _minor(counted, "credit", first)
        if given * 100 > _minor(counted, "debit", first) * percent:
            return "61"
    over = set()
    scopes = {"refund_": ""} if credit else _SCOPES
    for prefix, column in scopes.items():
        for period, since in (("day", day), ("month", day.replace(day=1))):
            used = [
                _amount(one)
                for one in counted
                if one["money"] == row["money"]
                and one["business_date"] >= since.isoformat()
                and (not column or (one[column] is not None and one[column] == row[column]))
            ]
            name, total = f"{prefix}{period}", sum(used) + row["amount_minor"]
            if total > limits.get(f"{name}_minor_max", total):
                over.add("61")
            if len(used) >= limits.get(f"{name}_count_max", len(used) + 1):
                over.add("65")
    most = limits.get("card_day_merchants_max")
    if not credit and most is not None and len(_elsewhere(db, row, later, day)) >= most:
        over.add("65")
    return min(over, default=None)


def _counted(db: MemoryDatabase, mid: str, later: set[bytes], day: date) -> Iterator[Row]:
    """Yield the payments of the last days that count for a merchant's limits."""
    first = min(day - timedelta(days=_SHARE_DAYS - 1), day.replace(day=1)).isoformat()
    for id_, one in db.transactions.items():
        counts = one["mid"] == mid and one["details"].get("limits") and id_ not in later
        if counts and first <= one["business_date"] <= day.isoformat() and _may_stand(one):
            yield one


def _elsewhere(db: MemoryDatabase, row: Row, later: set[bytes], day: date) -> set[str]:
    """Return the other merchants with this rule at which the card has paid on this day."""
    if row["card_token"] is None:
        return set()
    return {
        one["mid"]
        for id_, one in db.transactions.items()
        if (one["card_token"], one["money"]) == (row["card_token"], "debit")
        and one["business_date"] == day.isoformat()
        and "card_day_merchants_max" in (one["details"].get("limits") or {})
        and one["mid"] != row["mid"]
        and id_ not in later
        and _may_stand(one)
    }


def _may_stand(one: Row) -> bool:
    return one["state"] in _COUNTING and one["undo"] != "done" and one["voiding"] != "done"


def _amount(one: Row) -> int:
    minor: int = one["approved_minor" if one["state"] == "approved" else "amount_minor"]
    return minor


def _minor(rows: list[Row], money: str, since: str) -> int:
    """Return what the rows of one direction come to since a day."""
    return sum(
        _amount(one) for one in rows if one["money"] == money and one["business_date"] >= since
    )
