"""Terminals on the tables in memory: what schema/0005 and 0034 do at a sign-in.

A core. Sign-in with its key sets and the number of its batch; what becomes of a batch is
memory_batches.py. The tables are memory.py; what a terminal sends is read in switch/requests.py.
"""

from dataclasses import replace

from pointsman.store.memory import BatchRow, MemoryDatabase
from pointsman.store.parties import BatchState, KeySet, KeySetState, Terminal
from pointsman.store.verbs import SignedIn

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
    if batch is not None and (batch.state is BatchState.CLOSED or batch.overdue_since is not None):
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
