"""Business days and the open one's figures as the API tells them.

Plain values of rows of store/console_reads.py. A day's net is what it posted; fees and payouts come
with a later room and are told as none, with the reason, never as 0. Currencies are not added.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from pointsman.console.payments import Document, money
from pointsman.money import round_half_up

NOT_BUILT = "fees and payouts are not part of this version"


def line(row: Sequence[Any], *, whole: bool) -> Document:
    """Return a business day for a list; counts over all merchants only to those who see them."""
    day, state, postings, open_items, files = row
    found: Document = {"business_date": day.isoformat(), "state": state}
    if whole:
        found |= {"postings": postings, "open_items": open_items, "files": files}
    return found


def detail(
    row: Sequence[Any], sums: Sequence[Sequence[Any]], files: Sequence[Sequence[Any]]
) -> Document:
    """Return a business day by merchant and currency with its identity: net of the parts = net."""
    day, state = row
    merchants: dict[tuple[str, str], Document] = {}
    totals: dict[str, int] = {}
    for mid, name, code, posting, kind, count, signed in sums:
        one = merchants.setdefault(
            (mid, code), {"mid": mid, "name": name or "", "currency": code, "parts": [], "net": 0}
        )
        label = kind if posting == "payment" else "undo"
        one["parts"].append({"kind": label, "count": count, "sum": money(signed, code)})
        one["net"] += signed
        totals[code] = totals.get(code, 0) + signed
    for one in merchants.values():
        one["net"] = money(one["net"], one["currency"])
        one["currency"] = one["net"]["currency"]
    return {
        "business_date": day.isoformat(),
        "state": state,
        "provisional": state != "closed",
        "merchants": list(merchants.values()),
        "net": [money(minor, code) for code, minor in sorted(totals.items())],
        "fees": None,
        "payout": None,
        "missing": NOT_BUILT,
        "files": [
            {"name": name, "sha256": digest, "size_bytes": size} for name, digest, size in files
        ],
    }


def overview(rows: Sequence[Sequence[Any]]) -> Document:
    """Return the open day's figures: approved sums, counts of attempts, and those by acquirer."""
    sums: dict[str, dict[str, int]] = {}
    counts: dict[str, dict[str, int]] = {}
    for acquirer, state, code, moves, undone, count, approved in rows:
        if state == "approved" and not undone:
            one = sums.setdefault(code, {"gross": 0, "taken_back": 0, "sales": 0})
            match moves:
                case "debit":
                    one["gross"] += approved
                    one["sales"] += count
                case "credit" | "debit minus":
                    one["taken_back"] += approved
                case _:
                    pass
        by = counts.setdefault(acquirer, {})
        by[state] = by.get(state, 0) + count
    return {
        "money": [
            {
                "gross": money(one["gross"], code),
                "voids_and_refunds": money(one["taken_back"], code),
                "net": money(one["gross"] - one["taken_back"], code),
                "sales": one["sales"],
                "ticket": _ticket(one["gross"], one["sales"], code),
            }
            for code, one in sorted(sums.items())
        ],
        "attempts": _rates({s: sum(c.get(s, 0) for c in counts.values()) for s in _COUNTED}),
        "acquirers": [{"name": name, **_rates(by)} for name, by in sorted(counts.items()) if name],
    }


def _ticket(gross: int, sales: int, code: str) -> Document | None:
    return money(round_half_up(Fraction(gross, sales)), code) if sales else None


def hours(rows: Sequence[Sequence[Any]]) -> dict[str, Document]:
    """Return the approval rate of each acquirer in the last hour, and in that hour a week ago."""
    counts: dict[tuple[str, bool], dict[str, int]] = {}
    for acquirer, is_now, state, count in rows:
        by = counts.setdefault((acquirer, is_now), {})
        by[state] = by.get(state, 0) + count
    return {
        acquirer: {
            "hour_approval_bp": _rates(counts.get((acquirer, True), {}))["approval_bp"],
            "week_ago_approval_bp": _rates(counts.get((acquirer, False), {}))["approval_bp"],
        }
        for acquirer, _ in counts
    }


NO_HOUR = {"hour_approval_bp": None, "week_ago_approval_bp": None}
_STATES = ("approved", "declined", "unknown", "failed", "refused", "sending")
_COUNTED = (*_STATES, "reversed")


def _rates(counts: dict[str, int]) -> Document:
    approved, declined = counts.get("approved", 0), counts.get("declined", 0)
    answered = approved + declined
    # What was reversed had no answer in time either, but its outcome is known.
    unheard = counts.get("unknown", 0) + counts.get("reversed", 0)
    asked = answered + unheard + counts.get("failed", 0)
    return {
        "counts": {state: counts.get(state, 0) for state in _STATES},
        # Basis points, exact to 0.01 %; null where nothing was counted.
        "approval_bp": approved * 10_000 // answered if answered else None,
        "answer_bp": answered * 10_000 // asked if asked else None,
    }
