"""What is answered about a payment's ledger and about decoded messages.

Plain values, as shapes.py: exactly the members of the documents of api_tools.py.
"""

from pointsman.console.shapes import Day, Money, PaymentId, Shape


class Posting(Shape, frozen=True):
    """A payment's part in the sums of a closed day: payment, or undo of it."""

    kind: str
    business_date: Day
    amount: Money


class OpenItem(Shape, frozen=True):
    """At the close of which day it was not final, and why."""

    business_date: Day
    reason: str


class PaymentLedger(Shape, frozen=True):
    """A payment's rows in the ledger."""

    id: PaymentId
    data: list[Posting]
    open: list[OpenItem]


class Fault(Shape, frozen=True):
    """Where a message breaks its dialect."""

    field: int | None
    sub: str | None
    offset: int | None
    reason: str


class DecodedMessage(Shape, frozen=True):
    """What a message says; what is secret is masked."""

    format: str
    framing: str | None
    tpdu: str | None
    header: str | None
    mti: str | None
    bitmap: str | None
    fields: dict[str, str]
    sub: dict[str, dict[str, str]]
    error: Fault | None


class DecodedMessages(Shape, frozen=True):
    """Messages in the order of their bytes."""

    data: list[DecodedMessage]
