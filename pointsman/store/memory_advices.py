"""What acquirers took of what terminals were told before, in memory: schema/0010, first part.

A core. Tips and adjustments that stand, were taken or given up. Who reserves is memory_guards.py,
what a day posts memory_days.py, what two users decide memory_parked.py.
"""

from collections.abc import Collection

from pointsman.store.memory import MemoryDatabase, Row, id_of
from pointsman.store.records import OwedState


def advice_state(db: MemoryDatabase, id_: bytes) -> OwedState | None:
    """Return where the advice of a transaction stands; None where it owes none."""
    owed = db.owed.get(id_)
    return owed.state if owed is not None and owed.kind == "advice" else None


def accepted_minor(db: MemoryDatabase, original: Row) -> int:
    """Return what the acquirer took of a payment: with its newest tip there, or the first."""
    if not original["base_minor"]:
        return int(original["approved_minor"])
    for one in reversed(_adjusting(db, original)):
        if advice_state(db, id_of(one)) in (None, OwedState.DONE):
            return int(one["approved_minor"])
    return int(original["base_minor"])


def told_minor(db: MemoryDatabase, original: Row) -> int:
    """Return what the terminal was told of a payment: its newest tip, whatever became of it."""
    adjusting = _adjusting(db, original)
    return int(adjusting[-1]["approved_minor"] if adjusting else original["approved_minor"])


def is_adjusting(db: MemoryDatabase, original: Row, states: Collection[OwedState]) -> bool:
    """Tell whether the advice of a tip or an adjustment of this payment is in one of these."""
    return any(advice_state(db, id_of(one)) in states for one in _adjusting(db, original))


def is_newest(db: MemoryDatabase, original: Row, adjust: Row) -> bool:
    """Tell whether no later tip or adjustment took the place of this one."""
    return _adjusting(db, original)[-1] is adjust


def _adjusting(db: MemoryDatabase, original: Row) -> list[Row]:
    """Return the tips and adjustments that stand, oldest first."""
    following = (db.transactions[one] for one in db.following.get(id_of(original), ()))
    return [one for one in following if (one["guard"], one["state"]) == ("adjust", "approved")]
