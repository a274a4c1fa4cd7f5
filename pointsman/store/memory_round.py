"""The group commit on the tables in memory: what schema/0003_round.sql does, step by step.

A core. Keys first, then outcomes, notes of delivery, new rows and their reservations; last the
answers to copies, which see all that was written. The tables are memory.py, the caller is the
journal's own writer (journal.py) by way of memory_server.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pointsman.store.memory import MemoryDatabase, Row, SqlError, id_of, original_of
from pointsman.store.memory_owed import enqueue, settle_reservation
from pointsman.store.parties import BatchState
from pointsman.store.records import OwedState, RequestKey
from pointsman.store.rows import decode, encode

_UNDOES = ("declined", "failed", "refused")
_DEFAULTS: Mapping[str, object] = {
    "host_code": "",
    "auth_code": "",
    "host_rrn": "",
    "host_date": "",
    "approved_minor": 0,
    "refunded_minor": 0,
    "undo": "none",
    "voiding": "none",
    "taken": False,
    "version": 0,
}

Event = tuple[str, bytes | None, str]
RoundEnd = tuple[date, int, bytes, str | None]
"""Business date, the chain's new sequence and head, and the exceptions as JSON."""


def journal_round(
    db: MemoryDatabase,
    incarnation: int,
    sequence: int,
    head: bytes,
    outcomes: Sequence[bytes],
    taken: Sequence[bytes],
    intents: Sequence[bytes],
) -> RoundEnd:
    """Carry out one group commit; raises `SqlError` with nothing done."""
    day = db.open_day()
    if db.incarnations[incarnation].state != "alive":
        raise SqlError("PM001")
    chain = db.chains.get(incarnation)
    if chain and chain[-1].sequence != sequence:
        raise SqlError("23505")
    parsed = [decode(text) for text in intents]
    results = [decode(text) for text in outcomes]
    if any(b"\\u0000" in text for text in (*intents, *outcomes)):
        raise SqlError("22P05")  # text with a zero character cannot be stored
    events: list[Event] = []
    other: list[dict[str, object]] = []
    fresh = _take_keys(db, parsed)
    _write_outcomes(db, incarnation, results, outcomes, events, other)
    if taken:
        for one in taken:
            if one in db.transactions:
                db.transactions[one]["taken"] = True
        events.append(("taken", None, " ".join(one.hex() for one in taken)))
    _write_intents(db, incarnation, day, parsed, intents, fresh, events, other)
    other += [_copy(db, number, doc) for number, doc in enumerate(parsed) if number not in fresh]
    if events:
        sequence, head = db.append(incarnation, sequence, head, events)
    return day, sequence, head, encode(other).decode() if other else None


def _take_keys(db: MemoryDatabase, parsed: Sequence[Row]) -> set[int]:
    """Take the request keys that are free and whose batch is open; return whose they are."""
    fresh: set[int] = set()
    for number, doc in enumerate(parsed):
        batch = db.batches.get((doc["mid"], doc["tid"], doc["batch"]))
        key = _key(doc)
        if batch is not None and batch.state is BatchState.OPEN and key not in db.request_keys:
            db.request_keys[key] = (id_of(doc), bytes.fromhex(doc["fingerprint"][2:]))
            fresh.add(number)
    return fresh


def _write_outcomes(
    db: MemoryDatabase,
    incarnation: int,
    results: Sequence[Row],
    bodies: Sequence[bytes],
    events: list[Event],
    other: list[dict[str, object]],
) -> None:
    for number, result in enumerate(results, 1):
        row = db.transactions.get(id_of(result))
        if row is None or row["state"] != "sending" or row["incarnation"] != incarnation:
            state = "missing" if row is None else row["state"]
            other.append({"k": "o", "n": number, "r": "not", "c": state})
            continue
        untold = _write_outcome(db, row, result)
        kind = "outcome-untold" if untold else "outcome"
        events.append((kind, id_of(row), bodies[number - 1].decode()))
        if untold:
            other.append({"k": "o", "n": number, "r": "untold"})
        db.watch(kind, row)


def _write_outcome(db: MemoryDatabase, row: Row, result: Row) -> bool:
    """Write one outcome and what follows from it; return whether nobody may be told."""
    undo = row["undo"]
    if undo == "owed" and result["state"] in _UNDOES:
        undo = "closed"
    elif undo == "none" and result["owe"] and row["reversible"]:
        undo = "owed"
    db.change(
        row,
        state=result["state"],
        response_code=result["response_code"],
        answer=result["answer"],
        host_code=result["host_code"],
        auth_code=result["auth_code"],
        host_rrn=result["host_rrn"],
        host_date=result["host_date"],
        approved_minor=approved_minor(result, row),
        undo=undo,
    )
    id_ = id_of(row)
    waiting = db.owed.get(id_)
    untold = False
    if undo == "closed":
        if waiting is not None and waiting.state is OwedState.WAITING:
            waiting.state = OwedState.CLOSED
        untold = True
    elif undo == "owed":
        if waiting is not None and waiting.state is OwedState.WAITING:
            waiting.state, waiting.due_at = OwedState.DUE, db.clock()
            untold = True
        else:
            enqueue(db, row, "reversal", result["reason"])
    elif result["owe"]:
        enqueue(db, row, "advice", result["reason"])
    if row["guard"] is not None:
        settle_reservation(db, row, row["state"], undo)
    return untold


def approved_minor(result: Mapping[str, Any], row: Row) -> int:
    """Return what an outcome approves: 0 stands for the whole amount. Any: a row of JSON."""
    if result["state"] != "approved":
        return 0
    return int(result["approved_minor"] or row["amount_minor"])


def _write_intents(
    db: MemoryDatabase,
    incarnation: int,
    day: date,
    parsed: Sequence[Row],
    bodies: Sequence[bytes],
    fresh: set[int],
    events: list[Event],
    other: list[dict[str, object]],
) -> None:
    new = [number for number in range(len(parsed)) if number in fresh]
    for number in new:
        row = {**_DEFAULTS, **parsed[number]}
        row["business_date"] = day.isoformat()
        row["incarnation"] = incarnation
        db.transactions[id_of(row)] = row
        db.by_rrn.setdefault((row["mid"], row["rrn"]), []).append(id_of(row))
        db.index(row)
    codes: dict[int, str] = {}
    follow_ups = [number for number in new if parsed[number]["guard"] is not None]
    for number in sorted(follow_ups, key=lambda n: str(parsed[n]["original"])):
        row = db.transactions[id_of(parsed[number])]
        code = _reserve(db, row)
        if code is not None:
            codes[number] = code
            row["answer"] = {**row["answer"], "39": code}
            db.change(row, state="refused", response_code=code, guard=None)
            row["version"] -= 1
            other.append({"k": "i", "n": number + 1, "r": "guard", "c": code})
    for number in new:
        code = codes.get(number)
        kind = "intent" if code is None else f"guard-{code}"
        row = db.transactions[id_of(parsed[number])]
        events.append((kind, id_of(row), bodies[number].decode()))
        db.watch(kind, row)


def _reserve(db: MemoryDatabase, follow_up: Row) -> str | None:
    """Reserve on an original what a follow-up needs; return the code that refuses it, or None."""
    original = db.transactions.get(original_of(follow_up) or b"")
    if original is None or original["mid"] != follow_up["mid"]:
        return "25"
    stands = original["state"] == "approved" and original["undo"] == "none"
    if not stands or original["voiding"] != "none" or original["guard"] is not None:
        return "12"
    if original["currency"] != follow_up["currency"]:
        return "64"
    amount, approved = follow_up["amount_minor"], original["approved_minor"]
    if follow_up["guard"] == "void":
        batch = db.batches.get((original["mid"], original["tid"], original["batch"]))
        is_open = batch is not None and batch.state is BatchState.OPEN
        if original["refunded_minor"] or not is_open:
            return "12"
        if approved != amount:
            return "64"
        db.change(original, voiding="reserved")
        return None
    if amount <= 0 or original["refunded_minor"] + amount > approved:
        return "64"
    db.change(original, refunded_minor=original["refunded_minor"] + amount)
    return None


def _copy(db: MemoryDatabase, number: int, doc: Row) -> dict[str, object]:
    """Say what an intent met whose key was not free."""
    key = _key(doc)
    answer: dict[str, object] = {"k": "i", "n": number + 1, "t": None}
    if key not in db.request_keys:
        return answer | {"r": "batch"}
    held = db.request_keys[key]
    if held is None:
        return answer | {"r": "tombstone"}
    if held[1] != bytes.fromhex(doc["fingerprint"][2:]):
        return answer | {"r": "conflict"}
    return answer | {"r": "repeated", "t": db.transactions[held[0]]}


def _key(doc: Row) -> RequestKey:
    return RequestKey(doc["mid"], doc["tid"], doc["batch"], doc["stan"])
