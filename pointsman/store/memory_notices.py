"""What acquirers say that nobody waits for, in memory: the twin of schema/0007_notices.sql.

A function over the state (memory.py) that is one transaction; called by memory_records.py. What is
owed otherwise is memory_owed.py.
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
