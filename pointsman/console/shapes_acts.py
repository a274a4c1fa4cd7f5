"""What acts answer: what was made or changed, with its secrets in the first answer alone.

Plain values of the documents of onboarding.py, changing.py, staffing.py, keyring.py and others.
"""

from msgspec import UNSET, UnsetType

from pointsman.console.shapes import (
    ApplicationId,
    ApprovalId,
    KeyId,
    Mid,
    OneTimeLink,
    OutletId,
    PaymentId,
    Shape,
    Tid,
    UserId,
)


class Verified(Shape, frozen=True):
    """What following the audit trail's chain found."""

    whole: bool
    broken_at: int | None
    rows: int


class ShownLetter(Shape, frozen=True):
    """An open link."""

    id: str
    recipient: str
    link: OneTimeLink


class EndedSessions(Shape, frozen=True):
    """How many sessions ended."""

    id: UserId
    ended: int


class NewMerchant(Shape, frozen=True):
    """A merchant that was added."""

    mid: Mid
    name: str
    state: str
    outlet: OutletId | UnsetType = UNSET


class TakenMerchant(NewMerchant, frozen=True, kw_only=True):
    """A merchant that was taken, with the link of its first person."""

    application: ApplicationId
    login: str
    link: OneTimeLink | UnsetType = UNSET


class ChangedMerchant(Shape, frozen=True):
    """A merchant as it is now."""

    mid: Mid
    name: str
    mcc: str
    city: str
    country: str
    tip_percent: int


class NewOutlet(Shape, frozen=True):
    """An outlet that was added."""

    id: OutletId
    mid: Mid
    name: str
    city: str
    address: str
    state: str


class Place(Shape, frozen=True):
    """A terminal's number at a merchant."""

    mid: Mid
    tid: Tid


class NewTerminal(Shape, frozen=True):
    """A terminal that was added or moved; the key is told once, under the transport key."""

    mid: Mid
    tid: Tid
    outlet: OutletId | None
    serial: str
    state: str
    key_check_value: str
    moved_from: Place | UnsetType = UNSET
    wrapped_key: str | UnsetType = UNSET


class Active(Shape, frozen=True):
    """Whether a merchant or terminal is active now."""

    mid: Mid
    active: bool
    tid: Tid | UnsetType = UNSET


class Limit(Shape, frozen=True):
    """Up to which amount one person may refund alone."""

    mid: Mid
    refund_limit: int


class Opened(Shape, frozen=True):
    """The new token of the session's forms."""

    csrf: str


class Invited(Shape, frozen=True):
    """A link for a new person, or the decision that is waited for."""

    login: str
    role: str
    mid: str | UnsetType = UNSET
    link: OneTimeLink | UnsetType = UNSET
    approval_id: ApprovalId | UnsetType = UNSET
    state: str | UnsetType = UNSET


class Given(Shape, frozen=True):
    """A role that was given or taken, or the decision that is waited for."""

    role: str
    id: UserId | UnsetType = UNSET
    mid: str | UnsetType = UNSET
    login: str | UnsetType = UNSET
    approval_id: ApprovalId | UnsetType = UNSET
    state: str | UnsetType = UNSET


class State(Shape, frozen=True):
    """What something is now."""

    id: str
    state: str


class Reset(Shape, frozen=True):
    """A link with which a person begins anew."""

    id: UserId
    link: OneTimeLink | UnsetType = UNSET


class NewKey(Shape, frozen=True):
    """An API key; the key itself is told once."""

    id: KeyId
    hint: str
    name: str
    role: str
    mid: str
    scopes: list[str]
    days: int
    key: str | UnsetType = UNSET


class ParkedWord(Shape, frozen=True):
    """What became of one person's word on a parked message."""

    payment: PaymentId
    action: str
    state: str
