"""The journal's vocabulary: what is known of one transaction, its outcome and what is owed.

What lives here are values. How they are written and asked for is in verbs.py; merchants, terminals
and acquirers are in parties.py; what moves a transaction from state to state is decided in
switch/transaction.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """Where one transaction stands; no arrow leads backwards (switch-rules 5).

    `SENDING` is durable before the first byte goes to the acquirer. `UNKNOWN` may have reached the
    acquirer and has no valid answer: it is owed a reversal, or is sent on if it is an advice.
    """

    SENDING = "sending"
    APPROVED = "approved"
    DECLINED = "declined"
    REFUSED = "refused"  # by us, before anything was sent
    FAILED = "failed"  # never left this house: nothing to undo
    UNKNOWN = "unknown"


class Undo(StrEnum):
    """What has become of the reversal of a transaction, if one was ever owed."""

    NONE = "none"
    OWED = "owed"
    DONE = "done"
    PARKED = "parked"
    CLOSED = "closed"  # nothing was undone: the original was declined, or two users gave it up


class Voiding(StrEnum):
    """Whether a sale is voided: reserved by a void that waits, or done by one that was approved."""

    NONE = "none"
    RESERVED = "reserved"
    DONE = "done"


@dataclass(frozen=True, slots=True, order=True)
class RequestKey:
    """Names one request of one logical terminal: unique while its batch is kept (P5)."""

    mid: str
    tid: str
    batch: str
    stan: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it may be kept: keyed token, cipher text bound to its row, first six, last four."""

    token: bytes
    cipher: bytes | None
    first6: str
    last4: str

    @property
    def masked(self) -> str:
        """First six and last four, or only the last four of a payment code."""
        return f"{self.first6}******{self.last4}" if self.first6 else f"******{self.last4}"


class Money(StrEnum):
    """What an approved transaction does with money: totals and posting (terminal-protocol 9)."""

    DEBIT = "debit"  # the merchant earns
    DEBIT_MINUS = "debit minus"  # takes a debit of the same batch back
    CREDIT = "credit"  # the merchant gives back
    HOLD = "hold"  # an amount is held for the merchant; nothing moves
    POINTS = "points"  # is spent, but is no money
    NONE = "none"
    REPLACES = "replaces"  # its amount takes the place of its original's


class Guard(StrEnum):
    """What a follow-up reserves on its original, in the same commit as its own intent."""

    VOID = "void"  # the whole of a debit, in its open batch
    REFUND = "refund"  # a part of a debit, or what is left of it
    CANCEL = "cancel"  # the whole of what is held
    EXTEND = "extend"  # nothing: more is held, for the same completion
    COMPLETE = "complete"  # what is held, once, up to a ceiling
    NOTE = "note"  # nothing, whatever its state: something is told about it
    ADJUST = "adjust"  # the amount of a debit in its open batch: replaced


@dataclass(frozen=True, slots=True)
class Transaction:
    """The current state of one transaction: everything that may be kept of it.

    `id` is 16 bytes, made by the application. Amounts are minor units of `currency` (ISO 4217
    numeric text). `host` holds what was sent to the acquirer and `answer` what the terminal was
    told, as field number (text) to value; neither holds a card number, track, PIN block or MAC.
    `session` is the number of the acquirer link's session that carried it. `base_minor` is what was
    approved before a tip or an adjustment replaced `approved_minor`; 0 where none did.
    """

    id: bytes
    key: RequestKey
    fingerprint: bytes
    kind: str
    money: Money
    method: str
    state: State
    amount_minor: int
    currency: str
    card: Card | None
    scheme: str
    domestic: bool
    mti: str
    processing_code: str
    entry_mode: str
    condition: str
    type_code: str
    reversible: bool
    acquirer: str
    session: int
    host_stan: str
    host_time: str
    rrn: str
    local_time: str
    local_date: str
    host: Mapping[str, str] = field(default_factory=dict)
    answer: Mapping[str, str] = field(default_factory=dict)
    response_code: str = ""
    host_code: str = ""
    auth_code: str = ""
    host_rrn: str = ""
    host_date: str = ""
    approved_minor: int = 0
    refunded_minor: int = 0
    base_minor: int = 0
    undo: Undo = Undo.NONE
    voiding: Voiding = Voiding.NONE
    original: bytes | None = None
    taken: bool = False  # a connection has taken at least one byte of the answer
    business_date: date | None = None
    incarnation: int = 0
    version: int = 0


class Intent(Struct, frozen=True):
    """What commit 1 writes: the transaction in state sending (or refused), and what it reserves.

    `guard` reserves on `transaction.original`; one that fails writes the row as refused instead
    (`GuardFailed`), for its repeats too. `ceiling_percent` is how much of what was held, or first
    approved, it may come to; 0: none. One in state approved was told before the acquirer has it,
    and is owed to it at once. `limits` (parties.Rules) and `invoice` (its terminal's) are its own.
    """

    transaction: Transaction
    guard: Guard | None = None
    ceiling_percent: int = 0
    limits: Mapping[str, int] | None = None
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The intent is durable and new: the request may be sent."""

    business_date: date


@dataclass(frozen=True, slots=True)
class Repeated:
    """The request key is taken by an equal fingerprint: this is what became of the first copy."""

    first: Transaction


@dataclass(frozen=True, slots=True)
class Conflicting:
    """The request key is taken by another fingerprint: 94, and log."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A reversal of this key came first: the late original is refused with 12."""


@dataclass(frozen=True, slots=True)
class BatchNotOpen:
    """The batch of the request is not the terminal's open batch: 77. Nothing was written."""


@dataclass(frozen=True, slots=True)
class GuardFailed:
    """What the follow-up wanted to reserve is not free; the row is durable as refused.

    `code` is 25 (no such original), 12 (its state forbids it), 64 (the amount does not fit) or 09
    (the acquirer does not have the original yet).
    """

    code: str


@dataclass(frozen=True, slots=True)
class NotDurable:
    """Nothing was written and nothing will be: answer 96 and do not forward."""

    reason: str


IntentResult = (
    Recorded | Repeated | Conflicting | Tombstone | BatchNotOpen | GuardFailed | NotDurable
)


class Outcome(Struct, frozen=True):
    """What commit 2 writes: the state that a sending transaction reached, and what follows from it.

    `owe` asks for a reversal (or, for an advice, a repeat) in the same commit; `reason` is field 39
    of that reversal. Reservations on the original are kept, made final or released by the store
    from `state` alone: approved keeps, declined, refused and failed release, unknown holds.
    """

    id: bytes
    state: State
    response_code: str
    answer: Mapping[str, str]
    host_code: str = ""
    auth_code: str = ""
    host_rrn: str = ""
    host_date: str = ""
    approved_minor: int = 0
    owe: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Concluded:
    """The outcome is durable. `tell` is false where a reversal had arrived before: tell nobody."""

    tell: bool


@dataclass(frozen=True, slots=True)
class NotConcluded:
    """The outcome was not written: the row was not in the expected state, owner or version.

    Nothing approved may be told. `reason` says which; recovery and the sweeper own the row now.
    """

    reason: str


OutcomeResult = Concluded | NotConcluded


class OwedState(StrEnum):
    """Where an owed message stands: waiting for its original, due, sent, done, parked, closed."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    DONE = "done"
    PARKED = "parked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Owed:
    """A reversal (or repeated advice) that an acquirer must still acknowledge.

    `host_stan` and `host_time` (field 7) are empty until the first attempt and stay the same after.
    `not_before_s` is how long to wait, counted by the caller's own monotonic clock.
    """

    id: bytes
    kind: str  # "reversal" or "advice"
    original: Transaction
    state: OwedState
    reason: str
    attempts: int
    host_stan: str
    host_time: str
    age_s: int


class ReversalArrival(StrEnum):
    """What a terminal's reversal met (switch-rules 4, the table of states)."""

    UNKNOWN_ORIGINAL = "unknown original"  # tombstone written: 25
    AMOUNT_DIFFERS = "amount differs"  # 25 and an exception
    NOTHING_TO_UNDO = "nothing to undo"  # declined, refused, failed or already reversed: 00
    OWED = "owed"  # approved, in doubt or still waiting: 00, the reversal is on its way
    VOIDED = "voided"  # the sale's void is the thing to reverse: 12
    NOT_DURABLE = "not durable"  # 96
