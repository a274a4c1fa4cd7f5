"""A refund as the API tells it, and how much of a payment may be given back.

Plain values of the rows of store/console_rows.py. Asking for refunds is refunding.py; that nothing
is given back twice is the journal's own guard.
"""

from typing import Final

from pointsman.console import ids
from pointsman.console.payments import PREFIX, Document, money, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.wants import NewRefund
from pointsman.money import currency
from pointsman.store.console_rows import Refundable, RefundRow

REFUND: Final = "ref"
APPROVAL: Final = "apr"
_NOT_SENT: Final = "91"


def amount_of(found: Refundable, want: NewRefund) -> int:
    """Return how much is to be given back; raises Problem where that cannot be."""
    stands = found.state == "approved" and found.undo in {"none", "closed"}
    if not stands or found.money != "debit" or found.voiding != "none":
        raise Problem(Code.STATE_CONFLICT, "Only a payment that was approved and stands.")
    if want.currency is not None and currency(found.currency).code != want.currency:
        raise Problem(Code.CURRENCY_MISMATCH, f"The payment is in {currency(found.currency).code}.")
    rest = found.approved_minor - found.refunded_minor
    amount_minor = rest if want.amount is None else want.amount
    if amount_minor > rest or amount_minor <= 0:
        left, paid = (money(one, found.currency)["text"] for one in (rest, found.approved_minor))
        raise Problem(Code.REFUND_EXCEEDS_REST, f"{left} of {paid} is left.")
    return amount_minor


def shown_refund(row: RefundRow) -> Document:
    """Return a refund as the API tells it."""
    return {
        "id": ids.encode(REFUND, row.id),
        "payment": ids.encode(PREFIX, row.payment),
        "mid": row.mid,
        "amount": money(row.amount_minor, row.currency),
        "state": _state(row),
        "reason": row.reason,
        "asked_by": row.asked_name,
        "transaction": None if row.transaction is None else ids.encode(PREFIX, row.transaction),
        "rrn": row.rrn or None,
        "response_code": row.response_code or None,
        "approval_id": None if row.approval is None else ids.encode(APPROVAL, row.approval),
        "created": time_text(row.made_at),
    }


def is_unsent(row: RefundRow) -> bool:
    """Say whether no acquirer could be reached: nothing of it left this house (code 91)."""
    return row.response_code == _NOT_SENT and row.journal_state in {"refused", "failed"}


def _state(row: RefundRow) -> str:
    """Return one word; what is not known yet is pending, whoever finds it out."""
    if row.state != "ordered":
        return {"waiting": "waiting_approval"}.get(row.state, row.state)
    match row.journal_state:
        case None | "sending" | "unknown":
            return "pending"
        case "approved":
            return "approved"
        case _:
            return "declined"
