"""What two users decided about a parked message, carried out in memory: schema/0010, second part.

A core. Who said what is not kept here: the word of the second user has been given. What is owed
otherwise is memory_owed.py.
"""

from pointsman.store.memory import MemoryDatabase, Row, id_of, original_of
from pointsman.store.memory_advices import accepted_minor
from pointsman.store.memory_guards import settle_reservation
from pointsman.store.memory_owed import owed_answered, owed_done
from pointsman.store.records import OwedState


def carry_out_parked(db: MemoryDatabase, id_: bytes, action: str) -> bool:
    """Send it again (retry), or end it by what the acquirer did (done, not-done)."""
    owed = db.owed.get(id_)
    if owed is None or owed.state is not OwedState.PARKED:
        return False
    row = db.transactions[id_]
    if action == "retry":
        owed.state, owed.due_at = OwedState.DUE, db.clock()
        db.owed_open[id_] = owed
        if row["undo"] == "parked":
            db.change(row, undo="owed")
    elif owed.kind == "advice" and row["state"] == "unknown":
        _end_in_doubt(db, row, owed.code, is_done=action == "done")
    elif action == "done":
        owed_done(db, id_, owed.code)
    else:
        owed.state = OwedState.CLOSED
        _not_done(db, row, owed.kind)
    kind = "owed message refused"
    db.exceptions.pop((row["mid"], row["tid"], row["batch"], row["stan"], kind), None)
    db.tell(f"parked-{action}", row)
    return True


def _end_in_doubt(db: MemoryDatabase, row: Row, host_code: str, *, is_done: bool) -> None:
    code = "00" if is_done else "05"
    outcome = {
        "state": "approved" if is_done else "declined",
        "response_code": code,
        "answer": {**row["answer"], "39": code},
        "host_code": host_code,
        "auth_code": row["auth_code"],
        "host_rrn": row["host_rrn"],
        "host_date": row["host_date"],
        "approved_minor": 0,
    }
    owed_answered(db, id_of(row), outcome)


def _not_done(db: MemoryDatabase, row: Row, kind: str) -> None:
    if kind == "advice":
        original = db.transactions.get(original_of(row) or b"")
        if row["guard"] == "adjust" and original is not None and original["base_minor"]:
            db.change(original, approved_minor=accepted_minor(db, original))
    elif row["state"] in ("approved", "unknown"):
        is_known = row["state"] == "approved"
        amount = row["approved_minor" if is_known else "amount_minor"]
        db.change(row, state="approved", undo="closed", approved_minor=amount)
        settle_reservation(db, row, "approved", "closed")
    else:
        db.change(row, undo="closed")
        db.note_exception("charged though declined", row)
