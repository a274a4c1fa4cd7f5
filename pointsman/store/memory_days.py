"""Business days on the tables in memory: what schema/0006 and 0027 do.

A core. Closing a day posts what counts and lists what is open, once. The tables are memory.py; the
reversal of what was posted is memory_owed.py. Reading a closed day back is left to PostgreSQL: what
settlement makes of it is proven there.
"""

from datetime import date

from pointsman.store.memory import MemoryDatabase, Posting, Row, id_of, original_of
from pointsman.store.memory_advices import accepted_minor, advice_state, is_newest
from pointsman.store.memory_batches import mark_overdue
from pointsman.store.memory_refunds import close_virtual_batches
from pointsman.store.parties import BatchState
from pointsman.store.records import OwedState

_SIGNS = {"debit": 1, "debit minus": -1, "credit": -1}
POSTED = "posted"
_ADVICES = {
    OwedState.DONE: POSTED,
    OwedState.PARKED: "advice refused",
    OwedState.CLOSED: "given up",
}


def open_first(db: MemoryDatabase, day: date) -> None:
    """Open a business day where there is none."""
    if not db.days:
        db.days[day] = "open"


def begin_day_close(db: MemoryDatabase, day: date, following: date) -> str | None:
    """Move a day from open to closing and open the following one; harmless twice."""
    if db.days.get(day) == "open":
        db.days[day] = "closing"
        db.days[following] = "open"
        close_virtual_batches(db)
        mark_overdue(db)
    return db.days.get(day)


def close_day(db: MemoryDatabase, day: date) -> str | None:
    """Fix what belongs to a day; None where an earlier day is not closed yet."""
    if db.days.get(day) != "closing":
        return db.days.get(day)
    if any(state != "closed" for other, state in db.days.items() if other < day):
        return None
    before = max((other for other in db.days if other < day), default=None)
    listed = db.open_items.setdefault(day, {})
    candidates = _candidates(db, day, before)
    for id_ in candidates:
        row = db.transactions[id_]
        signed, stands = signed_minor(db, row), _stands(db, row)
        if signed is None or stands is None:
            continue
        if stands == POSTED:
            db.postings.setdefault((id_, "payment"), Posting(day, row["currency"], signed))
        else:
            listed[id_] = (stands, signed)
    _post_replaced(db, day, candidates)
    _list_replacing(db, candidates, listed)
    _list_undoing(db, day, listed)
    for batch in db.batches.values():
        if batch.state is BatchState.CLOSED and batch.listed is None:
            batch.listed = day
    db.days[day] = "closed"
    return "closed"


def _post_replaced(db: MemoryDatabase, day: date, candidates: list[bytes]) -> None:
    """Post the difference of a tip or an adjustment of what an earlier day had posted."""
    newest: dict[bytes, Row] = {}
    for id_ in candidates:
        row = db.transactions[id_]
        original = original_of(row)
        if row["money"] == "replaces" and original is not None and _stands(db, row) == POSTED:
            newest[original] = row
    for original, row in newest.items():
        paid = db.transactions[original]
        if (original, "payment") not in db.postings or paid["undo"] not in ("none", "closed"):
            continue
        ids = [one for one in db.following[original] if _adjusts(db.transactions[one])]
        posted = [db.postings.get((one, "payment")) for one in (original, *ids)]
        before = sum(one.signed_minor for one in posted if one is not None)
        difference = (signed_minor(db, paid) or 0) - before
        if difference:
            key = (id_of(row), "payment")
            db.postings[key] = Posting(day, row["currency"], difference)


def _adjusts(row: Row) -> bool:
    return bool(row["guard"] == "adjust")


def _list_replacing(
    db: MemoryDatabase, candidates: list[bytes], listed: dict[bytes, tuple[str, int]]
) -> None:
    """List tips and adjustments that the acquirer has not taken, with what they change."""
    for id_ in candidates:
        row = db.transactions[id_]
        original = db.transactions.get(original_of(row) or b"")
        stands = _stands(db, row)
        if row["money"] != "replaces" or original is None or stands in (None, POSTED):
            continue
        change = row["approved_minor"] - accepted_minor(db, original)
        listed[id_] = (str(stands), change if is_newest(db, original, row) else 0)


def signed_minor(db: MemoryDatabase, row: Row) -> int | None:
    """Return what a transaction is worth: positive where the merchant earns."""
    sign = _SIGNS.get(row["money"])
    if sign is None:
        return None
    approved = row["state"] == "approved"
    return sign * (accepted_minor(db, row) if approved else int(row["amount_minor"]))


def unfinished(db: MemoryDatabase, day: date) -> int:
    """Count transactions of a business date that are in state sending."""
    text = day.isoformat()
    ids = (id_ for rows in db.sending.values() for id_ in rows)
    return sum(db.transactions[id_]["business_date"] == text for id_ in ids)


def _candidates(db: MemoryDatabase, day: date, before: date | None) -> list[bytes]:
    last, first = day.isoformat(), "" if before is None else before.isoformat()
    found = [id_of(row) for row in db.transactions.values() if first < row["business_date"] <= last]
    if before is not None:
        old = db.open_items.get(before, {})
        found += [
            id_
            for id_, (reason, _) in old.items()
            if reason != "given up" and (id_, "payment") not in db.postings
        ]
    return found


def _stands(db: MemoryDatabase, row: Row) -> str | None:
    """Say that a transaction is posted, or why it is open; None where it is no money."""
    state, undo = row["state"], row["undo"]
    advice = advice_state(db, id_of(row))
    match state, undo:
        case "sending", _:
            return "sending"
        case _, "parked":
            return "parked"
        case "unknown", ("none" | "owed" | "closed"):
            return "advice refused" if advice is OwedState.PARKED else "in doubt"
        case _, "owed":
            return "reversal owed"
        case "approved", ("none" | "closed"):
            return POSTED if advice is None else _ADVICES.get(advice, "advice owed")
        case _:
            return None


def _list_undoing(db: MemoryDatabase, day: date, listed: dict[bytes, tuple[str, int]]) -> None:
    """List what was posted on an earlier day, or was declined or failed, and is to be undone."""
    for id_, owed in db.owed.items():
        if owed.kind != "reversal" or owed.state in (OwedState.DONE, OwedState.CLOSED):
            continue
        row, paid = db.transactions[id_], db.postings.get((id_, "payment"))
        reason = "parked" if owed.state is OwedState.PARKED else "reversal owed"
        signed = signed_minor(db, row)
        if paid is not None and paid.day < day:
            listed.setdefault(id_, (reason, -paid.signed_minor))
        late = row["state"] in {"declined", "failed"} and row["business_date"] < day.isoformat()
        if paid is None and late and signed is not None:
            listed.setdefault(id_, (reason, signed))
