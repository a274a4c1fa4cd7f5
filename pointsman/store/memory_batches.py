"""The life of a terminal's batch on the tables in memory: what schema/0005 and 0034 do.

A core. Its totals, what its terminal claims and uploads, its end, and its end by force where the
terminal forgot it. Which batch is open says the sign-in, memory_terminals.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Final

from pointsman.store.day import FORCED
from pointsman.store.memory import BatchRow, MemoryDatabase, Row
from pointsman.store.memory_advices import told_minor
from pointsman.store.parties import BatchState
from pointsman.store.records import RequestKey
from pointsman.store.verbs import BatchTotals, SideTotals, UploadItem

OVERDUE_WAIT_S: Final = 600.0
_OWN_NUMBERS: Final = "nii-bcd"  # its terminals number their batches themselves
_OFFICE: Final = "CONSOLE0"


def _held(db: MemoryDatabase, mid: str, tid: str, batch: str) -> Iterator[Row]:
    """Yield the transactions that hold a key of this batch."""
    for key, held in db.request_keys.items():
        if (key.mid, key.tid, key.batch) == (mid, tid, batch) and held is not None:
            yield db.transactions[held[0]]


def _lines(db: MemoryDatabase, mid: str, tid: str, batch: str) -> list[Row]:
    """Return what counts in a batch: voided, reversed, owed and in doubt do not."""
    return [
        row
        for row in _held(db, mid, tid, batch)
        if (row["state"], row["undo"]) == ("approved", "none")
        and row["voiding"] != "done"
        and row["money"] in ("debit", "credit")
    ]


def batch_totals(db: MemoryDatabase, mid: str, tid: str, batch: str) -> BatchTotals:
    """Add up one batch from the journal."""
    sides: dict[bool, list[int]] = {True: [0, 0, 0, 0], False: [0, 0, 0, 0]}
    for row in _lines(db, mid, tid, batch):
        side, at = sides[row["domestic"]], 2 * (row["money"] == "credit")
        side[at] += told_minor(db, row)
        side[at + 1] += 1
    return BatchTotals(SideTotals(*sides[True]), SideTotals(*sides[False]))


def mark_overdue(db: MemoryDatabase) -> None:
    """Let nothing new come into the batches that their terminals have not ended with the day."""
    taken = (key for key, held in db.request_keys.items() if held is not None)
    used = {(key.mid, key.tid, key.batch) for key in taken}
    for name, row in db.batches.items():
        terminal = db.terminals.get(name[:2])
        own = name[1] == _OFFICE or (terminal is not None and terminal.format == _OWN_NUMBERS)
        waits = row.state is not BatchState.CLOSED and row.overdue_since is None
        if waits and not own and name in used:
            row.state, row.overdue_since = BatchState.CLOSING, db.clock()


def force_batches(db: MemoryDatabase, limit: int) -> int:
    """Close at most so many batches that are overdue, by the journal; return how many."""
    due = sorted(name for name, row in db.batches.items() if _is_due(db, name, row))[:limit]
    for name in due:
        row = db.batches[name]
        row.state, row.result, row.journal = BatchState.CLOSED, FORCED, batch_totals(db, *name)
    return len(due)


def _is_due(db: MemoryDatabase, name: tuple[str, str, str], row: BatchRow) -> bool:
    if row.overdue_since is None or row.state is BatchState.CLOSED:
        return False
    if row.overdue_since < db.clock() - OVERDUE_WAIT_S:
        return True
    settles = row.settling_at is not None and row.settling_at >= row.overdue_since - OVERDUE_WAIT_S
    return not settles and all(one["state"] != "sending" for one in _held(db, *name))


def settle_batch(
    db: MemoryDatabase, mid: str, tid: str, batch: str, claimed: BatchTotals
) -> BatchTotals | None:
    """Move an open batch to closing and keep the claim."""
    row = db.batches.get((mid, tid, batch))
    if row is None:
        return None
    if row.state is not BatchState.CLOSED:
        row.state, row.claimed, row.settling_at = BatchState.CLOSING, claimed, db.clock()
    elif row.result == FORCED and row.late_result is None:
        row.late_claimed = claimed
    return batch_totals(db, mid, tid, batch)


def upload(db: MemoryDatabase, mid: str, tid: str, batch: str, items: Sequence[UploadItem]) -> int:
    """Keep uploaded items; return how many are new."""
    kept = db.uploads.setdefault((mid, tid, batch), {})
    before = len(kept)
    for item in items:
        kept.setdefault(item.stan, item)
    return len(kept) - before


def close_batch(db: MemoryDatabase, mid: str, tid: str, batch: str, uploaded: int) -> str | None:
    """Fix a batch: compare its items with the journal; the result is final."""
    row = db.batches.get((mid, tid, batch))
    if row is None:
        return None
    key, journal = (mid, tid, batch), batch_totals(db, mid, tid, batch)
    if row.state is BatchState.CLOSED:
        if row.result == FORCED and row.late_result is None:
            row.late_result = _compared(db, key, row.late_claimed, journal, uploaded)
        return row.late_result or row.result
    row.journal = journal
    row.result = _compared(db, key, row.claimed, journal, uploaded)
    row.state = BatchState.CLOSED
    return row.result


def _compared(
    db: MemoryDatabase,
    key: tuple[str, str, str],
    claimed: BatchTotals | None,
    journal: BatchTotals,
    uploaded: int,
) -> str:
    if claimed == journal:
        return "balanced"
    items = list(db.uploads.get(key, {}).values())
    for item in items:
        _judge_item(db, key, item)
    unequal = [
        one.name == "domestic"
        for one in fields(BatchTotals)
        if claimed is None or getattr(claimed, one.name) != getattr(journal, one.name)
    ]
    shown = {item.stan for item in items}
    for row in _lines(db, *key):
        if row["domestic"] in unequal and row["stan"] not in shown:
            db.note_exception("terminal lost it", row)
    if claimed is None or uploaded != len(items):
        return "unbalanced-open"
    for domestic in unequal:
        side = claimed.domestic if domestic else claimed.foreign
        found = [i for i in items if i.foreign is not domestic and not _netted(db, key, i)]
        minor = sum(item.amount_minor for item in found)
        said = (side.debit_count + side.credit_count, side.debit_minor + side.credit_minor)
        if said != (len(found), minor):
            return "unbalanced-open"
    return "unbalanced-explained"


def _item_row(db: MemoryDatabase, key: tuple[str, str, str], item: UploadItem) -> Row | None:
    """Return what an item is of: this batch, or the terminal's newest that was closed by force."""
    forced = [
        name
        for name, row in db.batches.items()
        if name[:2] == key[:2] and name != key and row.result == FORCED
    ]
    for name in (key, *forced[-1:]):
        held = db.request_keys.get(RequestKey(*name, item.stan))
        if held is not None:
            return db.transactions[held[0]]
    return None


def _judge_item(db: MemoryDatabase, key: tuple[str, str, str], item: UploadItem) -> None:
    row = _item_row(db, key, item)
    if row is None:
        db.exceptions.setdefault((*key, item.stan, "unknown item"), None)
    elif (row["state"], row["undo"]) != ("approved", "none"):
        db.note_exception("terminal thinks paid", row)
    elif item.amount_minor != row["approved_minor"]:
        db.note_exception("amount differs", row)


def _netted(db: MemoryDatabase, key: tuple[str, str, str], item: UploadItem) -> bool:
    row = _item_row(db, key, item)
    return row is not None and (row["money"] not in ("debit", "credit") or row["voiding"] == "done")
