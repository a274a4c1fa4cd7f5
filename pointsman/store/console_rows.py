"""People of the back office as values, how long a session or a lock lasts, and names of columns.

Read by console_people.py, written by console_people_acts.py. What a role may do is decided in
console/rights.py: here a role is a word.
"""

from dataclasses import dataclass, field
from datetime import datetime

SESSION_IDLE_S = 15 * 60
SESSION_S_MAX = 12 * 60 * 60
FAILURES_MAX = 10
LOCK_S = 30 * 60
REPORT_LINE = (
    *("id", "created_at", "business_date", "mid", "merchant_name", "tid", "kind", "money"),
    *("method", "scheme", "first6", "last4", "amount_minor", "approved_minor", "base_minor"),
    *("currency", "state", "undo", "voiding", "refunded_minor", "response_code", "acquirer"),
    *("rrn", "stan", "auth_code", "batch", "host_rrn", "original", "entry_mode", "counted_minor"),
)
"""The columns of a transaction as console_figures.py reads it for reports."""


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role within a scope; `outlet` is the id of an outlet of the merchant, or empty."""

    role: str
    scope: str
    mid: str
    outlet: bytes = b""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One person; hash and sealed secret are never shown."""

    id: bytes
    login: str
    name: str
    password_hash: str = field(repr=False)
    totp_sealed: bytes = field(repr=False)
    totp_step: int
    state: str
    failures: int
    locked: bool
    last_sign_in_at: datetime | None
    grants: tuple[GrantRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session that is alive, with its person; `proven_s` since the second factor was shown."""

    user: UserRow
    csrf: str
    proven_s: float


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An API key that may be used: some rights of a role, from some addresses; empty is all."""

    id: bytes
    hint: str
    name: str
    grant: GrantRow
    made_by: bytes
    scopes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A one-time link that is open."""

    hash: bytes
    kind: str
    user_id: bytes | None
    login: str
    role: str
    scope: str
    mid: str
    totp_sealed: bytes
    made_by: str
    outlet: bytes = b""

    @property
    def grant(self) -> GrantRow:
        """The first role of whom it makes."""
        return GrantRow(self.role, self.scope, self.mid, self.outlet)


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund; `transaction` and what follows is the journal's, None before it has it."""

    id: bytes
    payment: bytes
    mid: str
    amount_minor: int
    currency: str
    reason: str
    asked_name: str
    state: str
    approval: bytes | None
    batch: str
    stan: str
    transaction: bytes | None
    journal_state: str | None
    undo: str | None
    response_code: str | None
    rrn: str | None
    made_at: datetime
    owed: str | None


@dataclass(frozen=True, slots=True)
class NewRefundRow:
    """A refund that is asked for; `approval` where it waits for a second person."""

    id: bytes
    payment: bytes
    mid: str
    amount_minor: int
    currency: str
    reason: str
    asked_name: str
    state: str
    approval: bytes | None


@dataclass(frozen=True, slots=True)
class Refundable:
    """A payment as far as a refund of it is asked for."""

    mid: str
    kind: str
    money: str
    state: str
    undo: str
    voiding: str
    currency: str
    approved_minor: int
    refunded_minor: int
    limit_minor: int
    outlet: bytes | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is to be sent now; `tries` counts this one."""

    id: bytes
    kind: str
    recipient: str
    link_hash: bytes
    sealed: bytes = field(repr=False)
    tries: int = 1
