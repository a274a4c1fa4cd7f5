"""Terminals and their batches on the tables in memory: what schema/0005_terminals.sql does.

A core. Sign-in with its key sets, totals of a batch, its closing and what is found then. The tables
are memory.py; what a terminal sends is read in switch/requests.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

from pointsman.store.memory import BatchRow, MemoryDatabase, Row
from pointsman.store.memory_advices import told_minor
from pointsman.store.parties import BatchState, KeySet, KeySetState, Terminal
from pointsman.store.records import RequestKey
from pointsman.store.verbs import BatchTotals, SideTotals, SignedIn, UploadItem

_RETIRING_S = 120.0
_SIGN_INS_MAX = 6
_HOUR_S = 3600.0
_PENDING_MAX = 3
_BATCH_MAX = 999_999
_ORDER = (KeySetState.PENDING, KeySetState.CURRENT, KeySetState.RETIRING)


def zone_keys(
    db: MemoryDatabase, name: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
) -> None:
    """Put an acquirer's new keys in place (schema/0019_zone_keys.sql)."""
    old = db.acquirers[name]
    made = replace(old, zpk=zpk[0] if zpk else old.zpk, zak=zak[0] if zak else old.zak)
    db.acquirers[name] = made
    db.version += 1


def terminal(db: MemoryDatabase, mid: str, tid: str) -> Terminal | None:
    """Read one terminal with the key sets that are still good, in the order of trying."""
    row = db.terminals.get((mid, tid))
    if row is None:
        return None
    oldest = db.clock() - _RETIRING_S
    sets = [
        one
        for one, changed in row.key_sets.values()
        if one.state is not KeySetState.RETIRING or changed > oldest
    ]
    sets.sort(key=lambda one: (_ORDER.index(one.state), -one.number))
    batch = db.batches.get((mid, tid, row.batch))
    return Terminal(
        mid=mid,
        tid=tid,
        active=row.active,
        format=row.format,
        framing=row.framing,
        mac_method=row.mac_method,
        tmk=row.tmk,
        key_sets=tuple(sets),
        signed_in=row.signed_in,
        batch=row.batch,
        batch_state=BatchState.OPEN if batch is None else batch.state,
    )


def sign_in(db: MemoryDatabase, mid: str, tid: str, tpk: bytes, tak: bytes) -> SignedIn | None:
    """Store a pending key set and open the next batch where the last is closed."""
    row = db.terminals.get((mid, tid))
    if row is None:
        return None
    batch = db.batches.get((mid, tid, row.batch))
    if batch is not None and batch.state is BatchState.CLOSED:
        row.batch = f"{int(row.batch) % _BATCH_MAX + 1:06d}"
        batch = db.batches.get((mid, tid, row.batch))
    if batch is None:
        db.batches[mid, tid, row.batch] = BatchRow()
    elif batch.state is BatchState.CLOSING:
        batch.state = BatchState.OPEN
    row.signed_in = True
    now = db.clock()
    often = len(row.sign_ins) >= _SIGN_INS_MAX and row.sign_ins[0] > now - _HOUR_S
    if often and row.key_sets:
        return SignedIn(row.batch, row.key_sets[max(row.key_sets)][0])
    made = KeySet(max(row.key_sets, default=0) + 1, tpk, tak, KeySetState.PENDING)
    row.key_sets[made.number] = (made, now)
    pending = [n for n, (one, _) in row.key_sets.items() if one.state is KeySetState.PENDING]
    for number in sorted(pending)[:-_PENDING_MAX]:
        del row.key_sets[number]
    row.sign_ins = [*row.sign_ins, now][-_SIGN_INS_MAX:]
    return SignedIn(row.batch, made)


def promote(db: MemoryDatabase, mid: str, tid: str, number: int) -> None:
    """Make a pending set current; what was current retires, older pending ones go."""
    row = db.terminals.get((mid, tid))
    if row is None or number not in row.key_sets:
        return
    if row.key_sets[number][0].state is not KeySetState.PENDING:
        return
    now = db.clock()
    for other, (one, _) in list(row.key_sets.items()):
        if other == number:
            row.key_sets[other] = (replace(one, state=KeySetState.CURRENT), now)
        elif one.state is KeySetState.CURRENT:
            row.key_sets[other] = (replace(one, state=KeySetState.RETIRING), now)
        elif one.state is KeySetState.RETIRING or other < number:
            del row.key_sets[other]


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


def settle_batch(
    db: MemoryDatabase, mid: str, tid: str, batch: str, claimed: BatchTotals
) -> BatchTotals | None:
    """Move an open batch to closing and keep the claim."""
    row = db.batches.get((mid, tid, batch))
    if row is None:
        return None
    if row.state is not BatchState.CLOSED:
        row.state, row.claimed = BatchState.CLOSING, claimed
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
    if row.state is BatchState.CLOSED:
        return row.result
    row.journal = batch_totals(db, mid, tid, batch)
    if row.claimed == row.journal:
        row.result = "balanced"
    else:
        row.result = _compared(db, (mid, tid, batch), row, row.journal, uploaded)
    row.state, row.uploaded = BatchState.CLOSED, uploaded
    return row.result


def _compared(
    db: MemoryDatabase,
    key: tuple[str, str, str],
    batch: BatchRow,
    journal: BatchTotals,
    uploaded: int,
) -> str:
    items = list(db.uploads.get(key, {}).values())
    for item in items:
        _judge_item(db, key, item)
    claimed = batch.claimed
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
    held = db.request_keys.get(RequestKey(*key, item.stan))
    return None if held is None else db.transactions[held[0]]


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
