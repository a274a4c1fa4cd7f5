"""What answers about payments and terminals' batches are made of.

Plain values of the documents of payments.py and parties.py. Money, pages and reports are in
shapes.py.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pointsman.console.shapes import (
    Day,
    Listed,
    Mid,
    Moment,
    Money,
    Number,
    OutletId,
    PaymentId,
    Shape,
    Tid,
)


class Card(Shape, frozen=True):
    """First six and last four digits."""

    masked: Annotated[str, Meta(examples=["622848****0019"])]
    last4: Annotated[str, Meta(examples=["0019"])]
    brand: Annotated[str, Meta(examples=["CUP"])]


class MerchantName(Shape, frozen=True):
    """A merchant as a payment names it."""

    mid: Mid
    name: str


class OutletName(Shape, frozen=True):
    """An outlet as a payment names it."""

    id: OutletId
    name: str


class Payment(Shape, frozen=True):
    """A payment as lists tell it; its outlet is the one in which its terminal stood."""

    id: PaymentId
    created: Moment
    business_date: Day
    merchant: MerchantName
    outlet: OutletName | None
    terminal: Tid
    kind: Annotated[str, Meta(examples=["sale"])]
    state: Annotated[str, Meta(examples=["approved"])]
    amount: Money
    approved: Money
    refunded: Money
    method: Annotated[str, Meta(examples=["chip"])]
    entry_mode: Annotated[str, Meta(description="field 22", examples=["051"])]
    card: Card | None
    acquirer: Annotated[str, Meta(examples=["alpha"])]
    rrn: Annotated[str, Meta(examples=["632600000042"])]
    stan: Number
    batch: Number
    approval_code: Number
    response_code: Annotated[str, Meta(examples=["00"])]
    original: PaymentId | None
    expanded: dict[str, Any] | UnsetType = UNSET  # Any: documents of other kinds, or null


class Payments(Listed, frozen=True, kw_only=True):
    """A page of payments."""

    data: list[Payment]


class JournalState(Shape, frozen=True):
    """The states of the journal's row."""

    state: str
    undo: str
    void: str


class AcquirerSide(Shape, frozen=True):
    """The numbers by which the acquirer knows a payment, and its answer."""

    stan: Number
    rrn: str
    response_code: str


class MessageField(Shape, frozen=True):
    """One field of a message; one that may be secret is named and not shown."""

    number: Annotated[str, Meta(examples=["11"])]
    value: str
    hidden: bool


class BothMessages(Shape, frozen=True):
    """The terminal's request, the acquirer's, and both answers, as far as they are kept."""

    from_terminal: list[MessageField]
    to_acquirer: list[MessageField]
    from_acquirer: list[MessageField]
    to_terminal: list[MessageField]


class Messages(BothMessages, frozen=True, kw_only=True):
    """The messages of one payment."""

    id: PaymentId


class Event(Shape, frozen=True):
    """One row of the journal with what people read of it."""

    at: Moment
    kind: Annotated[str, Meta(examples=["intent"])]
    writer: int
    sequence: int
    facts: dict[str, Any]  # Any: texts and numbers


class Timeline(Shape, frozen=True):
    """The journal's rows of one payment."""

    id: PaymentId
    data: list[Event]


class Owed(Shape, frozen=True):
    """What the acquirer must still acknowledge."""

    kind: str
    state: str
    reason: str
    attempts: int
    code: str
    due: Moment
    since: Moment


class PaymentDetail(Payment, frozen=True, kw_only=True):
    """Everything about one payment."""

    journal_state: JournalState
    acquirer_side: AcquirerSide
    processing_code: str
    local_time: str
    local_date: str
    messages: BothMessages
    timeline: list[Event]
    owed: list[Owed]
    followers: list[Payment]


class BatchSide(Shape, frozen=True):
    """One side of a batch."""

    count: int
    sum: Money


class Batch(Shape, frozen=True):
    """A terminal's batch."""

    mid: Mid
    merchant_name: str
    terminal: Tid
    batch: Number
    state: str
    opened: Moment
    closed: Moment | None
    result: Annotated[
        str | None,
        Meta(description="balanced, unbalanced-explained, unbalanced-open, forced"),
    ]
    late_result: Annotated[
        str | None, Meta(description="of the terminal's totals that came after the force")
    ]
    terminal_totals: dict[str, Any] | None  # Any: by type of card and kind
    journal_totals: dict[str, Any] | None
    currency: str | None
    business_date: Day | None
    debits: BatchSide | None  # sales and completions less what was voided
    credits: BatchSide | None  # refunds
    net: Money | None
    expanded: dict[str, Any] | UnsetType = UNSET


class BatchTotal(Shape, frozen=True):
    """What the batches of a page come to in one currency."""

    currency: str
    debits: BatchSide
    credits: BatchSide
    net: Money


class Batches(Listed, frozen=True, kw_only=True):
    """A page of batches."""

    data: list[Batch]
    totals: list[BatchTotal]
