"""What a payment may be told and may ask for: the events and commands of transaction.py.

Values only. conductor.py performs each command and brings its result back as an event.
"""

from dataclasses import dataclass
from enum import Enum, auto

from msgspec import Struct

from pointsman.codecs.message import Message
from pointsman.hsm.commands import (
    HsmUnavailable,
    Inbound,
    InboundDone,
    Outbound,
    OutboundDone,
    Refused,
)
from pointsman.routing.table import Choice, NoRoute
from pointsman.store.parties import Terminal
from pointsman.store.records import Intent, IntentResult, Outcome, OutcomeResult, Transaction
from pointsman.switch.inflight import Expected
from pointsman.switch.requests import Payment


class Step(Enum):
    """What the payment waits for."""

    CHECK = auto()  # HSM trip 1, or only its MAC check where an original must be found
    FIND = auto()  # the original of a follow-up
    PREPARE = auto()  # the rest of trip 1, once the original is known
    INTEND = auto()  # commit 1
    HOST = auto()  # the acquirer's answer
    VERIFY = auto()  # HSM trip 2
    CONCLUDE = auto()  # commit 2
    OWE = auto()  # that what may have moved is owed its undoing; 98 is told after that
    SIGN = auto()  # the terminal's MAC over an answer that trip 2 did not sign
    JOIN = auto()  # the outcome of the first copy
    DONE = auto()


# ------------------------------------------------------------------------------------- commands


class AskHsm(Struct, frozen=True):
    """Ask the HSM; its answer comes back as an event."""

    request: Outbound | Inbound


@dataclass(frozen=True, slots=True)
class FindOriginal:
    """Look for what a follow-up speaks of; `hold_of` is the token of the card, if it goes by it."""

    payment: Payment
    hold_of: bytes | None


class Intend(Struct, frozen=True):
    """Commit 1."""

    intent: Intent


class Send(Struct, frozen=True):
    """Write this host message to this acquirer, now that its intent is durable."""

    acquirer: str
    data: bytes
    expected: Expected

    def __repr__(self) -> str:
        return "Send(...)"


class Conclude(Struct, frozen=True):
    """Commit 2."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Promote:
    """The request's MAC verified under a pending key set: it is the current one from now on."""

    number: int


@dataclass(frozen=True, slots=True)
class RereadTerminal:
    """No known key set verified the MAC: another worker may have signed the terminal in."""


@dataclass(frozen=True, slots=True)
class Join:
    """A first copy is in flight: wait for its outcome, here or in another worker."""

    first: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A further copy is to be told an approval: only once that is noted. Answered: FirstSettled."""

    first: Transaction


@dataclass(frozen=True, slots=True)
class OweLater:
    """The money is in doubt: owe its undoing once that can be written. Answered: DebtSettled."""

    id: bytes
    reason: str


class Reply(Struct, frozen=True):
    """Put this answer on the connection that asked. `approves` is the transaction it approves."""

    body: bytes
    code: str
    approves: bytes | None

    def __repr__(self) -> str:
        return "Reply(...)"


@dataclass(frozen=True, slots=True)
class Finish:
    """Nobody is told anything more; the payment is over."""


Command = (
    AskHsm
    | FindOriginal
    | Intend
    | Send
    | Conclude
    | Promote
    | RereadTerminal
    | Join
    | Claim
    | OweLater
    | Reply
    | Finish
)

# --------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class OriginalSought:
    """The original of a follow-up, or None; `route` is whether its acquirer can be reached."""

    original: Transaction | None
    route: Choice | NoRoute | None


class HostAnswered(Struct, frozen=True):
    """The acquirer's answer, which the identity guard let pass."""

    message: Message


@dataclass(frozen=True, slots=True)
class HostSilent:
    """Sent, or partly sent, and no answer that can be used."""


@dataclass(frozen=True, slots=True)
class HostNotSent:
    """Not one byte left this house."""

    reason: str


@dataclass(frozen=True, slots=True)
class DebtSettled:
    """The journal has the debt, or did not take it: the outcome stands otherwise there."""

    owed: bool


@dataclass(frozen=True, slots=True)
class TerminalReread:
    """The terminal as the database knows it now."""

    terminal: Terminal | None


@dataclass(frozen=True, slots=True)
class StoreAway:
    """The store could not answer a question: what it would have said is not known."""


@dataclass(frozen=True, slots=True)
class FirstSettled:
    """What became of the first copy; None when it could not be learnt in time."""

    first: Transaction | None


Event = (
    OutboundDone
    | InboundDone
    | HsmUnavailable
    | Refused
    | OriginalSought
    | IntentResult
    | HostAnswered
    | HostSilent
    | HostNotSent
    | OutcomeResult
    | TerminalReread
    | FirstSettled
    | DebtSettled
    | StoreAway
)
