"""Transactions as the database has them: documents of events in, rows out.

A core. What is searched or summed has a column of its own; the rest of a transaction lies in the
column `details`. The rows that a round carries to the database are packed in round_rows.py.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from pointsman.store.records import (
    Card,
    Intent,
    Money,
    Outcome,
    RequestKey,
    State,
    Transaction,
    Undo,
    Voiding,
)

_DETAILS = (
    "mti",
    "processing_code",
    "entry_mode",
    "condition",
    "type_code",
    "host_stan",
    "host_time",
    "local_time",
    "local_date",
)

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder().decode


def bytea(value: bytes | None) -> str | None:
    """Return the text that PostgreSQL reads as these bytes."""
    return None if value is None else "\\x" + value.hex()


def intent_document(intent: Intent) -> bytes:
    """Return the body of an intent's event: all that its row says."""
    t = intent.transaction
    card = t.card
    return encode(
        {
            "id": "\\x" + t.id.hex(),
            "mid": t.key.mid,
            "tid": t.key.tid,
            "batch": t.key.batch,
            "stan": t.key.stan,
            "fingerprint": "\\x" + t.fingerprint.hex(),
            "kind": t.kind,
            "money": t.money,
            "method": t.method,
            "state": t.state,
            "amount_minor": t.amount_minor,
            "currency": t.currency,
            "card_token": None if card is None else bytea(card.token),
            "card_cipher": None if card is None else bytea(card.cipher),
            "first6": "" if card is None else card.first6,
            "last4": "" if card is None else card.last4,
            "scheme": t.scheme,
            "domestic": t.domestic,
            "reversible": t.reversible,
            "acquirer": t.acquirer,
            "session": t.session,
            "rrn": t.rrn,
            "guard": intent.guard,
            "ceiling_percent": intent.ceiling_percent,
            "original": bytea(t.original),
            "details": details(intent),
            "answer": t.answer,
            "response_code": t.response_code,
            "auth_code": t.auth_code,
        }
    )


def details(intent: Intent) -> Mapping[str, object]:
    """Return what the column `details` holds of an intent: what is never searched."""
    t = intent.transaction
    more: dict[str, object] = {"limits": intent.limits} if intent.limits else {}
    if intent.invoice:
        more["invoice"] = intent.invoice
    return {
        "mti": t.mti,
        "processing_code": t.processing_code,
        "entry_mode": t.entry_mode,
        "condition": t.condition,
        "type_code": t.type_code,
        "host_stan": t.host_stan,
        "host_time": t.host_time,
        "local_time": t.local_time,
        "local_date": t.local_date,
        "host": t.host,
    } | more


def outcome_document(outcome: Outcome) -> bytes:
    """Return the body of an outcome's event."""
    return encode(
        {
            "id": "\\x" + outcome.id.hex(),
            "state": outcome.state,
            "response_code": outcome.response_code,
            "answer": outcome.answer,
            "host_code": outcome.host_code,
            "auth_code": outcome.auth_code,
            "host_rrn": outcome.host_rrn,
            "host_date": outcome.host_date,
            "approved_minor": outcome.approved_minor,
            "owe": outcome.owe,
            "reason": outcome.reason,
        }
    )


def transaction(row: Mapping[str, Any]) -> Transaction:  # Any: a row of JSON
    """Return the transaction of a row that SQL gave as ``to_jsonb(transactions)``."""
    details = row["details"]
    token = row["card_token"]
    return Transaction(
        id=_bytes(row["id"]),
        key=RequestKey(row["mid"], row["tid"], row["batch"], row["stan"]),
        fingerprint=_bytes(row["fingerprint"]),
        kind=row["kind"],
        money=Money(row["money"]),
        method=row["method"],
        state=State(row["state"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        card=None
        if token is None
        else Card(
            _bytes(token),
            None if row["card_cipher"] is None else _bytes(row["card_cipher"]),
            row["first6"],
            row["last4"],
        ),
        scheme=row["scheme"],
        domestic=row["domestic"],
        reversible=row["reversible"],
        acquirer=row["acquirer"],
        session=row["session"],
        rrn=row["rrn"],
        host=details["host"],
        answer=row["answer"],
        response_code=row["response_code"],
        host_code=row["host_code"],
        auth_code=row["auth_code"],
        host_rrn=row["host_rrn"],
        host_date=row["host_date"],
        approved_minor=row["approved_minor"],
        refunded_minor=row["refunded_minor"],
        base_minor=row["base_minor"],
        undo=Undo(row["undo"]),
        voiding=Voiding(row["voiding"]),
        original=None if row["original"] is None else _bytes(row["original"]),
        taken=row["taken"],
        business_date=date.fromisoformat(row["business_date"]),
        incarnation=row["incarnation"],
        version=row["version"],
        **{name: details[name] for name in _DETAILS},
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
