"""What is noted beside a transaction, in memory: the twins of 0007_notices.sql and 0020_claim.sql.

Answers that nobody waits for, and approvals that a further copy is told. Functions over the state
(memory.py), each one transaction; called by memory_records.py. What is owed is memory_owed.py.
"""

from pointsman.store.memory import MemoryDatabase
from pointsman.store.memory_owed import enqueue


def late_answer(db: MemoryDatabase, id_: bytes, *, approves: bool) -> bool:
    """Note an answer beside its transaction; owe the reversal of an approved decline."""
    row = db.transactions.get(id_)
    if row is None:
        return False
    owes = False
    if approves and row["state"] in {"declined", "failed"} and row["undo"] == "none":
        if row["reversible"] and row["guard"] is None:
            enqueue(db, row, "reversal", "68")
            db.change(row, undo="owed")
            owes = True
        else:
            db.note_exception("late approval", row)
    db.tell("late-answer", row)
    return owes


def claim(db: MemoryDatabase, id_: bytes) -> bool:
    """Note that a further copy is told an approval; false where it does not stand."""
    row = db.transactions.get(id_)
    if row is None or (row["state"], row["undo"]) != ("approved", "none"):
        return False
    row["taken"] = True
    db.tell("claimed", row)
    return True
