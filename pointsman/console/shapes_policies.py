"""What answers about limits and refused cards are made of.

Plain values, as shapes.py: exactly the members of the documents of policies.py and blacklisting.py.
Bodies are wants_policies.py.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from pointsman.console.shapes import ApprovalId, Day, Listed, Mid, Moment, Money, Shape

CardId = Annotated[str, Meta(examples=["crd_06dwe00000e0000000000000a9"])]
Masked = Annotated[str, Meta(examples=["622848******0019"])]
AnswerCode = Annotated[str, Meta(description="41, 43 or 04", examples=["41"])]


class Sum(Shape, frozen=True):
    """How many, and how much."""

    count: int
    sum: Money


class Used(Shape, frozen=True):
    """What counts for limits so far: sales or refunds, of the open day and of its month."""

    what: str
    business_date: Day
    day: Sum
    month: Sum


class Limits(Shape, frozen=True):
    """What limits a merchant; amounts are minor units of its currency."""

    mid: Mid
    currency: str
    rules: Annotated[dict[str, Any], Meta(description="by name, as in a site file")]  # Any: JSON
    used: Annotated[
        list[Used], Meta(description="counted as long as the merchant has limits at all")
    ]
    refund_limit: Annotated[
        int | None, Meta(description="up to which amount one person refunds alone; null: the usual")
    ]
    approval_id: ApprovalId | None
    state: Annotated[str, Meta(description="in_force, or waiting_approval of others")]


class ListedCard(Shape, frozen=True):
    """A refused card."""

    id: CardId
    card: Masked
    code: AnswerCode
    since: Moment


class ListedCards(Listed, frozen=True, kw_only=True):
    """A page of refused cards."""

    data: list[ListedCard]


class NewListedCard(Shape, frozen=True):
    """A card that is refused from now on."""

    id: CardId
    card: Masked
    code: AnswerCode


class Unlisted(Shape, frozen=True):
    """A card that is accepted again, or waits for a second person."""

    id: CardId
    state: Annotated[str, Meta(description="removed, waiting_approval")]
    approval_id: ApprovalId | UnsetType = UNSET
