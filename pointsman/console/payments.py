"""A payment as the API tells it: the row of the journal with its state in one word, and its story.

Plain values. Amounts are minor units with their currency's letters; cards are first six and last
four; of messages only what may be kept is there, and what could be a secret is named, not shown.
Which rows are asked for is in reading.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pointsman.console import ids
from pointsman.money import Amount, currency
from pointsman.reports.states import state_of

PREFIX = "pay"
HIDDEN = frozenset({"2", "14", "34", "35", "36", "45", "48", "52", "53", "55", "62", "64", "128"})
"""Fields that may carry a card, its secrets or keys: told as present, never shown."""
_COLUMNS = (
    *("id", "created_at", "business_date", "mid", "merchant_name", "tid", "batch", "stan", "kind"),
    *("money", "method", "state", "amount_minor", "currency", "first6", "last4", "scheme"),
    *("acquirer", "rrn", "host_rrn", "auth_code", "response_code", "host_code", "approved_minor"),
    *("refunded_minor", "undo", "voiding", "original", "details", "answer", "outlet"),
)

Row = Mapping[str, Any]  # Any: the columns have their own types
Document = dict[str, Any]  # Any: JSON


def named(row: Sequence[Any]) -> Row:
    """Return a row of console_reads by the names of its columns."""
    return dict(zip(_COLUMNS, row, strict=True))


def money(minor: int, code: str) -> Document:
    """Return an amount: minor units, letters, and the decimal text for people."""
    unit = currency(code)
    return {"amount": minor, "currency": unit.code, "text": Amount(minor, unit).decimal_text()}


def time_text(at: datetime) -> str:
    """Return a moment in RFC 3339, UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def card_of(row: Row) -> Document | None:
    """Return the card as it may be shown."""
    if not row["last4"]:
        return None
    masked = f"{row['first6']}****{row['last4']}"
    return {"masked": masked, "last4": row["last4"], "brand": row["scheme"]}


def line(row: Row) -> Document:
    """Return a payment as a list shows it."""
    original = row["original"]
    return {
        "id": ids.encode(PREFIX, row["id"]),
        "created": time_text(row["created_at"]),
        "business_date": row["business_date"].isoformat(),
        "merchant": {"mid": row["mid"], "name": row["merchant_name"] or ""},
        "outlet": _outlet(row["outlet"]),
        "terminal": row["tid"],
        "kind": row["kind"],
        "state": state_of(row),
        "amount": money(row["amount_minor"], row["currency"]),
        "approved": money(row["approved_minor"], row["currency"]),
        "refunded": money(row["refunded_minor"], row["currency"]),
        "method": row["method"],
        "entry_mode": row["details"].get("entry_mode", ""),
        "card": card_of(row),
        "acquirer": row["acquirer"],
        "rrn": row["rrn"],
        "stan": row["stan"],
        "batch": row["batch"],
        "approval_code": row["auth_code"],
        "response_code": row["response_code"],
        "original": None if original is None else ids.encode(PREFIX, original),
    }


def _outlet(place: Sequence[str]) -> Document | None:
    if not place:
        return None
    return {"id": ids.encode("out", bytes.fromhex(place[0])), "name": place[1]}


def detail(
    row: Row, events: Sequence[Sequence[Any]], owed: Sequence[Sequence[Any]], others: Sequence[Row]
) -> Document:
    """Return everything that may be told of one payment."""
    details = row["details"]
    return {
        **line(row),
        "journal_state": {"state": row["state"], "undo": row["undo"], "void": row["voiding"]},
        "acquirer_side": {
            "stan": details.get("host_stan", ""),
            "rrn": row["host_rrn"],
            "response_code": row["host_code"],
        },
        "processing_code": details.get("processing_code", ""),
        "local_time": details.get("local_time", ""),
        "local_date": details.get("local_date", ""),
        "messages": {
            "from_terminal": fields(_asked(row)),
            "to_acquirer": fields(details.get("host", {})),
            "from_acquirer": fields(_answered(row)),
            "to_terminal": fields(row["answer"]),
        },
        "timeline": [event(*found) for found in events],
        "owed": [
            {
                "kind": kind,
                "state": state,
                "reason": reason,
                "attempts": attempts,
                "code": code,
                "due": time_text(due),
                "since": time_text(since),
            }
            for kind, state, reason, attempts, code, due, since in owed
        ],
        "followers": [line(other) for other in others],
    }


def _asked(row: Row) -> dict[str, str]:
    """Return the terminal's request as far as it is kept; keys and card data never are."""
    details = row["details"]
    kept = {
        "0": details.get("mti", ""),
        "3": details.get("processing_code", ""),
        "4": f"{row['amount_minor']:012d}",
        "11": row["stan"],
        "12": details.get("local_time", ""),
        "13": details.get("local_date", ""),
        "22": details.get("entry_mode", ""),
        "25": details.get("condition", ""),
        "41": row["tid"],
        "42": row["mid"],
        "49": row["currency"],
    }
    return {number: value for number, value in kept.items() if value}


def _answered(row: Row) -> dict[str, str]:
    """Return the acquirer's answer as far as it is kept; empty where none came."""
    if not row["host_code"]:
        return {}
    kept = {"37": row["host_rrn"], "38": row["auth_code"], "39": row["host_code"]}
    return {number: value for number, value in kept.items() if value}


def fields(message: Mapping[str, Any]) -> list[Document]:
    """Return a message's fields in order; a secret one is only named."""
    return [
        {
            "number": number,
            "value": "" if number in HIDDEN else str(value),
            "hidden": number in HIDDEN,
        }
        for number, value in sorted(message.items(), key=lambda item: (len(item[0]), item[0]))
    ]


_TOLD = ("state", "response_code", "host_code", "auth_code", "reason", "attempts", "code", "undo")


def event(at: datetime, kind: str, writer: int, sequence: int, body: Mapping[str, Any]) -> Document:
    """Return one row of the journal with those of its facts that people read."""
    return {
        "at": time_text(at),
        "kind": kind,
        "writer": writer,
        "sequence": sequence,
        "facts": {name: body[name] for name in _TOLD if body.get(name) not in (None, "")},
    }
