"""What is owed to acquirers, on the tables in memory: what schema/0004_verbs.sql does.

A core. Reversals that arrive, the queue and its ends, the recovery of dead incarnations. The tables
are memory.py; the group commit, which owes as well, is memory_round.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from pointsman.store.leases import QUIET_S
from pointsman.store.memory import Incarnation, MemoryDatabase, OwedRow, Posting, Row, original_of
from pointsman.store.memory import id_of as _id
from pointsman.store.memory_guards import is_followed, settle_reservation
from pointsman.store.records import Owed, OwedState, RequestKey, ReversalArrival
from pointsman.store.rows import transaction

_OPEN = (OwedState.DUE, OwedState.SENT)
_ENDED = (OwedState.DONE, OwedState.CLOSED)
_OVER = (*_ENDED, OwedState.PARKED)
_LATER_S_MAX = 600.0
_RELEASES = ("declined", "failed", "refused")
RECOVERY_REASON = "98"


def enqueue(
    db: MemoryDatabase, row: Row, kind: str, reason: str, state: OwedState = OwedState.DUE
) -> None:
    """Add what is owed for a transaction, where nothing is yet."""
    now, id_ = db.clock(), _id(row)
    if id_ not in db.owed:
        acquirer, session, order = row["acquirer"], row["session"], len(db.owed)
        owed = OwedRow(kind, acquirer, session, state, reason, now, now, order)
        db.owed[id_] = db.owed_open[id_] = owed


def put_in_doubt(db: MemoryDatabase, id_: bytes, reason: str) -> bool:
    """Treat a row in state sending that nobody will conclude: it may have reached the acquirer."""
    row = db.transactions.get(id_)
    if row is None or row["state"] != "sending":
        return False
    undo = "owed" if row["reversible"] else row["undo"]
    answer = {**row["answer"], "39": "98"}
    nothing = row["money"] == "none" and not row["reversible"]
    state = "declined" if nothing else "unknown"
    db.change(row, state=state, response_code="98", answer=answer, undo=undo)
    owed = db.owed.get(id_)
    if nothing:
        pass  # no money can have moved: there is nothing to find out
    elif owed is None:
        enqueue(db, row, "reversal" if row["reversible"] else "advice", reason)
    elif owed.state is OwedState.WAITING:
        owed.state, owed.due_at = OwedState.DUE, db.clock()
    db.tell("in-doubt", row)
    return True


def owe(db: MemoryDatabase, id_: bytes, reason: str) -> bool:
    """Owe what undoes a transaction of ours; false where there is nothing to undo."""
    row = db.transactions.get(id_)
    if row is None:
        return False
    if row["state"] == "sending":
        return put_in_doubt(db, id_, reason)
    if row["undo"] != "none":
        return row["undo"] in ("owed", "parked", "done")
    if row["state"] not in ("approved", "unknown"):
        return False
    if row["state"] == "approved" and (not row["reversible"] or row["taken"]):
        return False  # once a terminal may hold the approval, only it may reverse
    if is_followed(db, row):
        return False
    enqueue(db, row, "reversal" if row["reversible"] else "advice", reason)
    if row["reversible"]:
        db.change(row, undo="owed")
        settle_reservation(db, row, row["state"], "owed")
    db.tell("owed", row)
    return True


def reversal_arrived(
    db: MemoryDatabase, key: RequestKey, amount_minor: int, reason: str
) -> ReversalArrival:
    """Say what a terminal's reversal meets, and write what follows from it."""
    if key not in db.request_keys:
        db.request_keys[key] = None
        tombstone: Row = {"mid": key.mid, "tid": key.tid, "batch": key.batch, "stan": key.stan}
        db.tell("tombstone", tombstone)
        return ReversalArrival.UNKNOWN_ORIGINAL
    held = db.request_keys[key]
    if held is None:
        return ReversalArrival.UNKNOWN_ORIGINAL
    row = db.transactions[held[0]]
    if row["amount_minor"] != amount_minor:
        db.note_exception("reversal amount differs", row)
        return ReversalArrival.AMOUNT_DIFFERS
    if row["undo"] in ("owed", "parked"):
        return ReversalArrival.OWED
    if row["undo"] in ("done", "closed") or row["state"] in _RELEASES:
        return ReversalArrival.NOTHING_TO_UNDO
    if row["money"] == "none" and not row["reversible"]:
        return ReversalArrival.NOTHING_TO_UNDO
    if not row["reversible"] or is_followed(db, row):
        return ReversalArrival.VOIDED
    waits = row["state"] == "sending"
    enqueue(db, row, "reversal", reason, OwedState.WAITING if waits else OwedState.DUE)
    db.change(row, undo="owed")
    settle_reservation(db, row, row["state"], "owed")
    db.tell("reversal-arrived", row)
    return ReversalArrival.OWED


def reversal_told(
    db: MemoryDatabase, key: RequestKey, answer: Mapping[str, str]
) -> Mapping[str, str]:
    """Keep what a reversal is about to be told; return what its first copy was told."""
    kept = db.reversal_answers.get(key)
    if kept is None or kept["39"] != answer["39"]:
        kept = db.reversal_answers[key] = answer
    return kept


def due(db: MemoryDatabase, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
    """Return what may be sent now, oldest first."""
    now = db.clock()
    for id_ in [one for one, owed in db.owed_open.items() if owed.state in _OVER]:
        del db.owed_open[id_]
    found = [
        (owed.created_at, owed.order, id_, owed)
        for id_, owed in db.owed_open.items()
        if owed.state in _OPEN
        and owed.acquirer == acquirer
        and owed.session in sessions
        and not _waits_for_original(db, id_, owed)
        and (owed.due_at <= now or owed.due_at > now + _LATER_S_MAX)
    ]
    found.sort(key=lambda one: one[:3])
    return [
        Owed(
            id=id_,
            kind=owed.kind,
            original=transaction(db.transactions[id_]),
            state=owed.state,
            reason=owed.reason,
            attempts=owed.attempts,
            host_stan=owed.host_stan,
            host_time=owed.host_time,
            age_s=max(int(now - owed.created_at), 0),
        )
        for _, _, id_, owed in found[:limit]
    ]


def _waits_for_original(db: MemoryDatabase, id_: bytes, owed: OwedRow) -> bool:
    """Tell whether an advice follows another message that the acquirer does not have yet."""
    original = original_of(db.transactions[id_])
    if owed.kind != "advice" or original is None:
        return False
    before = [db.owed.get(original)]
    if db.transactions[id_]["guard"] == "adjust":
        older = takewhile(lambda one: one != id_, db.following[original])
        before += [db.owed.get(one) for one in older]
    return any(one is not None and one.state not in _OVER for one in before)


def owed_numbers(db: MemoryDatabase, id_: bytes, stan: str, time: str) -> bool:
    """Fix the numbers and count an attempt, unless others are fixed."""
    owed = db.owed.get(id_)
    if owed is None or (owed.host_stan and (owed.host_stan, owed.host_time) != (stan, time)):
        return False
    if owed.state in _OPEN:
        owed.host_stan, owed.host_time = stan, time
    return owed_attempt(db, id_)


def owed_attempt(db: MemoryDatabase, id_: bytes) -> bool:
    """Count an attempt."""
    owed = db.owed.get(id_)
    if owed is None or owed.state not in _OPEN:
        return False
    owed.attempts += 1
    owed.state = OwedState.SENT
    return True


def owed_later(db: MemoryDatabase, id_: bytes, after_s: float) -> None:
    """Put off the next attempt."""
    owed = db.owed.get(id_)
    if owed is not None and owed.state in _OPEN:
        owed.due_at = db.clock() + min(max(after_s, 0.0), _LATER_S_MAX - 1.0)


def owed_soon(db: MemoryDatabase, acquirer: str, session: int) -> None:
    """Bring what was put off on this session nearer."""
    soon = db.clock() + QUIET_S
    for owed in db.owed_open.values():
        if (owed.acquirer, owed.session) == (acquirer, session) and owed.state in _OPEN:
            owed.due_at = min(owed.due_at, soon)


def owed_done(db: MemoryDatabase, id_: bytes, code: str) -> None:
    """Record the acknowledgement: the original is undone, also in settlement."""
    owed = db.owed.get(id_)
    if owed is None or owed.state in _ENDED:
        return
    row = db.transactions[id_]
    owed.state, owed.code = OwedState.DONE, code
    if owed.kind == "reversal":
        db.change(row, undo="done")
        settle_reservation(db, row, row["state"], "done")
        paid = db.postings.get((id_, "payment"))
        if paid is not None:
            undone = Posting(db.open_day(), paid.currency, -paid.signed_minor)
            db.postings.setdefault((id_, "undo"), undone)
    db.tell("owed-done", row)


def owed_answered(db: MemoryDatabase, id_: bytes, outcome: dict[str, Any]) -> None:
    """Give a row in doubt its real outcome, once. Any: a row of JSON."""
    row = db.transactions.get(id_)
    if row is None or row["state"] != "unknown" or row["undo"] != "none":
        return
    approved = int(outcome["approved_minor"] or row["amount_minor"])
    names = ("state", "response_code", "answer", "host_code", "auth_code", "host_rrn", "host_date")
    values = {name: outcome[name] for name in names}
    db.change(row, **values, approved_minor=approved if outcome["state"] == "approved" else 0)
    settle_reservation(db, row, row["state"], row["undo"])
    owed = db.owed.get(id_)
    if owed is not None:
        owed.state, owed.code = OwedState.DONE, outcome["host_code"]
    db.tell("owed-answered", row)


def owed_parked(db: MemoryDatabase, id_: bytes, code: str) -> None:
    """Record a refusal for good."""
    owed = db.owed.get(id_)
    if owed is None or owed.state in _OVER:
        return
    row = db.transactions[id_]
    owed.state, owed.code = OwedState.PARKED, code
    if row["undo"] == "owed":
        db.change(row, undo="parked")
    db.note_exception("owed message refused", row)
    db.tell("owed-parked", row)


def begin(db: MemoryDatabase, machine: str, worker: int) -> tuple[int, int]:
    """Recover this worker's dead incarnations and start a new one."""
    dead = [
        number
        for number, one in db.incarnations.items()
        if (one.machine, one.worker) == (machine, worker) and one.state != "recovered"
    ]
    new = len(db.incarnations) + 1
    db.incarnations[new] = Incarnation(machine, worker)
    return new, recover(db, dead)


def retire(db: MemoryDatabase, machine: str, workers: range) -> int:
    """Recover the rows of workers that no longer exist."""
    dead = [
        number
        for number, one in db.incarnations.items()
        if one.machine == machine and one.worker not in workers and one.state != "recovered"
    ]
    return recover(db, dead)


def recover(db: MemoryDatabase, dead: Iterable[int]) -> int:
    """Declare incarnations dead and put their unfinished rows in doubt."""
    count = 0
    for number in dead:
        for id_ in sorted(db.sending.get(number, ())):
            if put_in_doubt(db, id_, RECOVERY_REASON):
                count += 1
                db.tell("recovered", db.transactions[id_])
        db.incarnations[number].state = "recovered"
    return count
