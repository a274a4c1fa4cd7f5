"""Business days on the tables in memory: what schema/0006_days.sql does.

A core. Closing a day posts what counts and lists what is open, once. The tables are memory.py; the
reversal of what was posted is memory_owed.py. Reading a closed day back is left to PostgreSQL: what
settlement makes of it is proven there.
"""

from datetime import date

from pointsman.store.memory import MemoryDatabase, Posting, Row, id_of, original_of
from pointsman.store.parties import BatchState

_SIGNS = {"debit": 1, "debit minus": -1, "credit": -1}


def open_first(db: MemoryDatabase, day: date) -> None:
    """Open a business day where there is none."""
    if not db.days:
        db.days[day] = "open"


def begin_day_close(db: MemoryDatabase, day: date, following: date) -> str | None:
    """Move a day from open to closing and open the following one; harmless twice."""
    if db.days.get(day) == "open":
        db.days[day] = "closing"
        db.days[following] = "open"
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
        signed = signed_minor(row)
        if signed is None:
            continue
        if (row["state"], row["undo"]) == ("approved", "none"):
            db.postings.setdefault((id_, "payment"), Posting(day, row["currency"], signed))
        elif (reason := _open_reason(row)) is not None:
            listed[id_] = (reason, signed)
    _post_replaced(db, day, candidates)
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
        if row["money"] == "replaces" and row["state"] == "approved" and original is not None:
            newest[original] = row
    for original, row in newest.items():
        paid = db.transactions[original]
        if (original, "payment") not in db.postings or paid["undo"] != "none":
            continue
        ids = [one for one in db.following[original] if _adjusts(db.transactions[one])]
        posted = [db.postings.get((one, "payment")) for one in (original, *ids)]
        before = sum(one.signed_minor for one in posted if one is not None)
        difference = (signed_minor(paid) or 0) - before
        if difference:
            key = (id_of(row), "payment")
            db.postings[key] = Posting(day, row["currency"], difference)


def _adjusts(row: Row) -> bool:
    return bool(row["guard"] == "adjust")


def signed_minor(row: Row) -> int | None:
    """Return what a transaction is worth: positive where the merchant earns."""
    sign = _SIGNS.get(row["money"])
    if sign is None:
        return None
    amount = row["approved_minor"] if row["state"] == "approved" else row["amount_minor"]
    return sign * int(amount)


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
        found += [id_ for id_ in old if (id_, "payment") not in db.postings]
    return found


def _open_reason(row: Row) -> str | None:
    """Say why a transaction is not posted though it may be money."""
    state, undo = row["state"], row["undo"]
    in_doubt = state == "unknown" and undo != "done"
    if (
        state != "sending"
        and not in_doubt
        and not (state == "approved" and undo in ("owed", "parked"))
    ):
        return None
    if undo == "parked":
        return "parked"
    return {"sending": "sending", "unknown": "in doubt"}.get(state, "reversal owed")


def _list_undoing(db: MemoryDatabase, day: date, listed: dict[bytes, tuple[str, int]]) -> None:
    """List what was posted on an earlier day and is still to be undone."""
    for id_, owed in db.owed.items():
        paid = db.postings.get((id_, "payment"))
        if owed.kind != "reversal" or owed.state in ("done", "closed"):
            continue
        if paid is not None and paid.day < day:
            reason = "parked" if owed.state == "parked" else "reversal owed"
            listed[id_] = (reason, -paid.signed_minor)
