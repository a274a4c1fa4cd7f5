"""The group commit on the tables in memory: what schema/0025_typed_rounds.sql does, step by step.

A core. Keys first, then outcomes, notes of delivery, new rows and their reservations; last the
answers to copies, which see all that was written. The tables are memory.py, the caller is the
journal's own writer (journal.py) by way of memory_server.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pointsman.store.memory import MemoryDatabase, Row, SqlError, id_of, original_of
from pointsman.store.memory_guards import reserve, settle_reservation
from pointsman.store.memory_limits import admit
from pointsman.store.memory_owed import enqueue
from pointsman.store.parties import BatchState
from pointsman.store.records import OwedState, RequestKey
from pointsman.store.rows import decode, encode

_UNDOES = ("declined", "failed", "refused")
_DEFAULTS: Mapping[str, object] = {
    "host_code": "",
    "host_rrn": "",
    "host_date": "",
    "approved_minor": 0,
    "refunded_minor": 0,
    "base_minor": 0,
    "undo": "none",
    "voiding": "none",
    "taken": False,
    "version": 0,
}

RoundEnd = tuple[date, int, bytes, str | None]
"""Business date, the chain's new sequence and head, and the exceptions as JSON."""


@dataclass(slots=True)
class MemoryRound:
    """One group commit: what the function journal_round is given, and what it has written."""

    db: MemoryDatabase
    incarnation: int
    sequence: int
    head: bytes
    outcomes: Sequence[bytes]
    taken: Sequence[bytes]
    intents: Sequence[bytes]
    _events: list[tuple[str, bytes | None, str]] = field(default_factory=list)
    _other: list[dict[str, object]] = field(default_factory=list)

    def commit(self) -> RoundEnd:
        """Carry it out; raises `SqlError` with nothing done."""
        db = self.db
        day = db.open_day()
        if db.incarnations[self.incarnation].state != "alive":
            raise SqlError("PM001")
        chain = db.chains.get(self.incarnation)
        if chain and chain[-1].sequence != self.sequence:
            raise SqlError("23505")
        if any(b"\\u0000" in text for text in (*self.intents, *self.outcomes)):
            raise SqlError("22P05")  # text with a zero character cannot be stored
        parsed = [decode(text) for text in self.intents]
        fresh = self._take_keys(parsed)
        for number, body in enumerate(self.outcomes, 1):
            self._outcome(number, decode(body), body)
        if self.taken:
            for one in self.taken:
                if one in db.transactions:
                    db.transactions[one]["taken"] = True
            self._events.append(("taken", None, " ".join(one.hex() for one in self.taken)))
        self._insert(day, parsed, fresh)
        copies = (number for number in range(len(parsed)) if number not in fresh)
        self._other += [_copy(db, number, parsed[number]) for number in copies]
        end = (self.sequence, self.head)
        if self._events:
            end = db.append(self.incarnation, self.sequence, self.head, self._events)
        return day, *end, encode(self._other).decode() if self._other else None

    def _take_keys(self, parsed: Sequence[Row]) -> set[int]:
        """Take the request keys that are free and whose batch is open; return whose they are."""
        db, fresh = self.db, set[int]()
        for number, doc in enumerate(parsed):
            batch = db.batches.get((doc["mid"], doc["tid"], doc["batch"]))
            key = _key(doc)
            if batch is not None and batch.state is BatchState.OPEN and key not in db.request_keys:
                db.request_keys[key] = (id_of(doc), bytes.fromhex(doc["fingerprint"][2:]))
                fresh.add(number)
        return fresh

    def _outcome(self, number: int, result: Row, body: bytes) -> None:
        """Write an outcome where its row is ours and waits for it; else say how the row stands."""
        row = self.db.transactions.get(id_of(result))
        if row is None or row["state"] != "sending" or row["incarnation"] != self.incarnation:
            state = "missing" if row is None else row["state"]
            self._other.append({"k": "o", "n": number, "r": "not", "c": state})
            return
        untold = _write_outcome(self.db, row, result)
        kind = "outcome-untold" if untold else "outcome"
        self._events.append((kind, id_of(row), body.decode()))
        if untold:
            self._other.append({"k": "o", "n": number, "r": "untold"})
        self.db.watch(kind, row)

    def _insert(self, day: date, parsed: Sequence[Row], fresh: set[int]) -> None:
        """Write the new rows, then reserve on their originals, in the order of these."""
        db, rows = self.db, dict[int, Row]()
        for number in sorted(fresh):
            row = rows[number] = {**_DEFAULTS, **parsed[number]}
            row["business_date"] = day.isoformat()
            row["incarnation"] = self.incarnation
            if row["state"] == "approved":
                row["approved_minor"] = row["amount_minor"]
            original = original_of(row)
            if original is not None:
                db.following.setdefault(original, []).append(id_of(row))
            db.transactions[id_of(row)] = row
            db.by_rrn.setdefault((row["mid"], row["rrn"]), []).append(id_of(row))
            db.index(row)
        codes = admit(db, rows, day)
        for number, code in codes.items():
            self._refuse(number, rows[number], code)
        follow_ups = [number for number, row in rows.items() if row["guard"] is not None]
        for number in sorted(follow_ups, key=lambda n: str(rows[n]["original"])):
            refusal = reserve(db, rows[number])
            if refusal is not None:
                codes[number] = refusal
                self._refuse(number, rows[number], refusal)
        for row in rows.values():
            if row["state"] == "approved" and row["acquirer"]:
                enqueue(db, row, "advice", "")  # told before the acquirer has it
        for number, row in rows.items():
            kind = f"guard-{codes[number]}" if number in codes else "intent"
            self._events.append((kind, id_of(row), self.intents[number].decode()))
            db.watch(kind, row)

    def _refuse(self, number: int, row: Row, code: str) -> None:
        _refuse(self.db, row, code)
        self._other.append({"k": "i", "n": number + 1, "r": "guard", "c": code})


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


def _refuse(db: MemoryDatabase, row: Row, code: str) -> None:
    details = row["details"]
    date = details["local_date"]
    first = {"12": details["local_time"], "13": date, "15": date, "37": row["rrn"]}
    if row["acquirer"] in db.acquirers:
        first["32"] = db.acquirers[row["acquirer"]].institution
    kept = {n: value for n, value in row["answer"].items() if n not in ("38", "63")}
    row["answer"] = {**first, **kept, "39": code}
    refused = {"state": "refused", "response_code": code, "guard": None}
    db.change(row, **refused, approved_minor=0, auth_code="")
    row["version"] = 0  # the row is new in this very commit


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
