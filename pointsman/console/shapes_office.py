"""What answers about refunds, decisions and what waits for somebody are made of.

Plain values of the documents of refunds.py, approving.py and parking.py. What acts answer is in
shapes_acts.py.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pointsman.console.shapes import (
    ApprovalId,
    Listed,
    Mid,
    Moment,
    Money,
    PaymentId,
    RefundId,
    Shape,
    Tid,
)


class Refund(Shape, frozen=True):
    """A refund as it stands."""

    id: RefundId
    payment: PaymentId
    mid: Mid
    amount: Money
    state: Annotated[
        str,
        Meta(
            description="waiting_approval, pending, approved, declined, rejected",
            examples=["approved"],
        ),
    ]
    reason: str
    asked_by: str
    transaction: PaymentId | None
    rrn: str | None
    response_code: str | None
    approval_id: ApprovalId | None
    created: Moment
    expanded: dict[str, Any] | UnsetType = UNSET  # Any: documents of other kinds, or null


class Refunds(Listed, frozen=True, kw_only=True):
    """A page of refunds."""

    data: list[Refund]


class Approval(Shape, frozen=True):
    """A decision of a second person."""

    id: ApprovalId
    kind: str
    object: str
    mid: str
    merchant_name: str
    summary: dict[str, Any]  # Any: JSON of what is to be decided
    asked_by: str
    asked: Moment
    state: str
    decided_by: str | None
    decided: Moment | None
    reason: str


class Approvals(Listed, frozen=True, kw_only=True):
    """A page of decisions."""

    data: list[Approval]


class Decided(Shape, frozen=True):
    """What was decided, and what came of it."""

    id: ApprovalId
    state: str
    result: Refund | UnsetType = UNSET


class OpenException(Shape, frozen=True):
    """What waits: a message that is owed to an acquirer, or something that does not agree."""

    id: Annotated[str, Meta(examples=["exc_17"])]
    kind: Annotated[str, Meta(examples=["late_approval"])]
    state: Annotated[str, Meta(description="waiting, due, sent, parked, open", examples=["parked"])]
    proposal: Annotated[str, Meta(description="wait, decide, ask_acquirer, ask_merchant")]
    payment: PaymentId | None
    acquirer: str | None
    cause: str
    code: str | None
    attempts: int
    since: Moment
    age_s: int
    next_try: Moment | None
    mid: Mid
    merchant_name: str
    tid: Tid
    batch: str
    stan: str
    amount: Money | None
    expected: Money | None
    found: Money | None
    asked: str | None
    asked_by: str | None


class Exceptions(Listed, frozen=True, kw_only=True):
    """A page of what waits for somebody."""

    data: list[OpenException]
