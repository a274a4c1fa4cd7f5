"""The simulated acquirers' books of the history: what each of them approved and still counts.

A core. The rows are those of a simulator's ledger (sim/host_rows.py): a refund or a void of the
present finds its original there. What was reversed or declined is in no book.
"""

import msgspec

from pointsman.sim.cards import mask
from pointsman.sim.host_rows import HostRequest, Outcome, Work
from pointsman.store.records import Transaction

_WORKS = {
    "sale": Work.SALE,
    "void": Work.VOID,
    "refund": Work.REFUND,
    "preauth": Work.PREAUTH,
    "completion": Work.COMPLETION,
}


def line(transaction: Transaction, at: str, original: Transaction | None) -> bytes:
    """Return `row` as one line of a ledger."""
    return msgspec.json.encode(row(transaction, at, original)) + b"\n"


def row(transaction: Transaction, at: str, original: Transaction | None) -> HostRequest:
    """Return an approved transaction as its acquirer's book has it; `at` is UTC text."""
    card = transaction.card
    assert card is not None, "whatever the history approves has a card or a code"
    return HostRequest(
        at=at,
        key=_key(transaction),
        mti=transaction.host["0"],
        work=_WORKS[transaction.kind],
        processing_code=transaction.processing_code,
        amount_minor=transaction.amount_minor,
        currency=transaction.currency,
        mid=transaction.key.mid,
        tid=transaction.key.tid,
        rrn=transaction.host["37"],
        card=card.masked if card.first6 else mask(card.last4),
        pin="none",
        outcome=Outcome.APPROVED,
        code="00",
        auth=transaction.auth_code,
        behaviour="answer",
        original="" if original is None else _key(original),
    )


def _key(transaction: Transaction) -> str:
    return f"{transaction.host['7']}-{transaction.host_stan}"
