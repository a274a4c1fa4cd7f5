"""What follow-ups reserve on their originals, on the tables in memory (schema/0003 and 0010).

A core. Reserving, what is held and completed, and giving back. The tables are memory.py; the group
commit that reserves is memory_round.py, what is owed memory_owed.py.
"""

from collections.abc import Mapping

from pointsman.store.memory import MemoryDatabase, Row, id_of, original_of
from pointsman.store.memory_advices import advice_state, is_adjusting
from pointsman.store.parties import BatchState
from pointsman.store.records import OwedState, Transaction
from pointsman.store.rows import transaction

_RELEASES = ("declined", "failed", "refused")
_UNDER_WAY = (OwedState.DUE, OwedState.SENT)
_REFUSED = (OwedState.PARKED, OwedState.CLOSED)
_MONEY: Mapping[str, tuple[str, ...]] = {
    "void": ("debit", "points"),
    "cancel": ("hold",),
    "extend": ("hold",),
    "complete": ("hold",),
}
"""What an original must be for a guard; a debit for the others."""


def reserve(db: MemoryDatabase, follow_up: Row) -> str | None:
    """Reserve on an original what a follow-up needs; return the code that refuses it, or None."""
    original = db.transactions.get(original_of(follow_up) or b"")
    if original is None or original["mid"] != follow_up["mid"]:
        return "25"
    guard, amount = follow_up["guard"], follow_up["amount_minor"]
    if guard == "note":
        return None
    undo = original["undo"]
    stands = original["state"] == "approved" and (
        undo == "none" or (undo == "closed" and guard == "refund")
    )
    money = _MONEY.get(guard, ("debit",))
    if not stands or original["voiding"] != "none" or original["guard"] == "extend":
        return "12"
    if original["money"] not in money:
        return "12"
    if original["money"] == "hold" and is_completed(db, id_of(original), id_of(follow_up)):
        return "12"
    code = _code_of_advices(db, original, is_request=follow_up["state"] != "approved")
    if code is not None:
        return code
    if guard in ("void", "adjust"):
        batch = db.batches.get((original["mid"], original["tid"], original["batch"]))
        is_open = batch is not None and (
            batch.state is BatchState.OPEN
            or (guard == "adjust" and batch.overdue_since is not None)
        )
        if original["refunded_minor"] or not is_open:
            return "12"
    if original["currency"] != follow_up["currency"] or amount <= 0:
        return "64"
    return _reserve_amount(db, original, guard, amount, follow_up["ceiling_percent"])


def _code_of_advices(db: MemoryDatabase, original: Row, *, is_request: bool) -> str | None:
    """Refuse what would overtake an advice that it follows, or follow what was refused."""
    advice = advice_state(db, id_of(original))
    if advice in _REFUSED:
        return "12"
    if not is_request:
        return None
    if advice in _UNDER_WAY or is_adjusting(db, original, _UNDER_WAY):
        return "09"
    return "12" if is_adjusting(db, original, (OwedState.PARKED,)) else None


def _reserve_amount(
    db: MemoryDatabase, original: Row, guard: str, amount: int, percent: int
) -> str | None:
    approved = original["approved_minor"]
    match guard:
        case "void" | "cancel":
            if amount != (_held_minor(db, original) if guard == "cancel" else approved):
                return "64"
            db.change(original, voiding="reserved")
        case "refund":
            if original["refunded_minor"] + amount > approved:
                return "64"
            db.change(original, refunded_minor=original["refunded_minor"] + amount)
        case "complete":
            if amount * 100 > _held_minor(db, original) * percent:
                return "64"
        case "adjust":
            base = original["base_minor"] or approved
            if percent and (amount < base or amount * 100 > base * percent):
                return "64"
            db.change(original, approved_minor=amount, base_minor=base)
        case _:
            assert guard == "extend", "schema and memory differ"
    return None


def _held_minor(db: MemoryDatabase, hold: Row) -> int:
    """Return what is held altogether: the pre-authorisation and the additional ones that stand."""
    more = (db.transactions[one] for one in db.following.get(id_of(hold), ()))
    return int(hold["approved_minor"]) + sum(
        int(row["approved_minor"])
        for row in more
        if row["guard"] == "extend"
        and row["state"] == "approved"
        and row["undo"] in ("none", "closed")
    )


def settle_reservation(db: MemoryDatabase, row: Row, state: str, undo: str) -> None:
    """Make a follow-up's reservation on its original final, or give it back."""
    original = db.transactions.get(original_of(row) or b"")
    if original is None:
        return
    releases = state in _RELEASES or undo == "done"
    if row["guard"] in ("void", "cancel"):
        final = state == "approved" and undo in ("none", "closed")
        voiding = "done" if final else "none" if releases else "reserved"
        db.change(original, voiding=voiding)
    elif row["guard"] == "refund" and releases:
        db.change(original, refunded_minor=original["refunded_minor"] - row["amount_minor"])


def is_completed(db: MemoryDatabase, id_: bytes, but: bytes) -> bool:
    """Tell whether something that is held was completed, or may have been, by another row."""
    return any(
        one != but
        and row["guard"] == "complete"
        and row["state"] in ("sending", "approved", "unknown")
        and row["undo"] != "done"
        and row["voiding"] != "done"
        and advice_state(db, one) is not OwedState.CLOSED
        for one in db.following.get(id_, ())
        if (row := db.transactions[one])
    )


def is_followed(db: MemoryDatabase, row: Row) -> bool:
    """Tell whether something stands on a transaction, so that it cannot be undone under it."""
    if row["voiding"] != "none" or row["refunded_minor"] or row["base_minor"]:
        return True
    if row["money"] == "hold":
        return is_completed(db, id_of(row), id_of(row))
    original = db.transactions.get(original_of(row) or b"")
    if row["money"] != "debit minus" or original is None or original["guard"] != "complete":
        return False
    # Cancelling a completion made room for another one.
    held = original_of(original) or b""
    return original["voiding"] == "done" and is_completed(db, held, id_of(original))


def read_hold(
    db: MemoryDatabase, mid: str, token: bytes, auth_code: str, local_date: str
) -> Transaction | None:
    """Return the newest amount held for a card under this approval code, approved first."""
    rows = [
        row
        for row in db.transactions.values()
        if (row["mid"], row["money"], row["guard"]) == (mid, "hold", None)
        and row["card_token"] == "\\x" + token.hex()
        and row["auth_code"] == auth_code
        and row["details"]["local_date"] == local_date
    ]
    rows.reverse()
    rows.sort(key=lambda row: row["state"] != "approved")
    return transaction(rows[0]) if rows else None


def read_invoice(
    db: MemoryDatabase, mid: str, tid: str, batch: str, invoice: str
) -> Transaction | None:
    """Return the newest payment of a batch with this invoice number, approved ones first."""
    rows = [
        db.transactions[held[0]]
        for key, held in db.request_keys.items()
        if (key.mid, key.tid, key.batch) == (mid, tid, batch)
        and held is not None
        and held[0] in db.transactions
    ]
    found = [
        row
        for row in reversed(rows)
        if row["guard"] is None and row["details"].get("invoice") == invoice
    ]
    found.sort(key=lambda row: row["state"] != "approved")
    return transaction(found[0]) if found else None
