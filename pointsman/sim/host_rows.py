"""The rows of a simulated host's ledger: what it was asked, what it did, what it said.

Values only, one JSON object a line, told apart by ``kind``. What a row does to the host's state is
in book.py, adding rows up is in audit.py, the file itself is ledger.py. No full card number is in a
row.
"""

from enum import StrEnum
from typing import Final, Literal, TypeAlias

import msgspec


class Work(StrEnum):
    """What a request asks the host to do."""

    SALE = "sale"
    VOID = "void"
    REFUND = "refund"
    PREAUTH = "preauth"
    CANCEL = "cancel"  # of a pre-authorisation
    COMPLETION = "completion"
    INQUIRY = "inquiry"
    ADVICE = "advice"  # of a sale that was approved elsewhere
    REPLACE = "replace"  # a tip or an adjustment: another amount
    POINTS = "points"
    SCRIPT = "script"
    ORDER = "order"  # to be paid by telephone; counts once it was
    QUERY = "query"  # was that order paid?


class Outcome(StrEnum):
    """What came of a request; only the first two are decisions of the issuer."""

    APPROVED = "approved"
    DECLINED = "declined"
    REFUSED = "refused"  # a follow-up that does not fit, or an original after its reversal
    REPEAT = "repeat"  # a flagged repeat of what is known: the first answer again
    DUPLICATE = "duplicate"  # the same (7, 11) again, not flagged as a repeat
    BAD_MAC = "bad-mac"
    LOST = "lost"  # the simulated line ate it: not carried out


class Effect(StrEnum):
    """What a reversal did to its original."""

    UNDONE = "undone"  # an approved original no longer counts
    NOTHING = "nothing"  # the original was not approved
    AGAIN = "again"  # the original had been undone by another reversal
    UNKNOWN = "unknown"  # no such original: remembered, a late one is refused
    DIFFERS = "differs"  # the original has another amount, merchant or terminal
    REFUSED = "refused"  # the original was voided or refunded since
    PAID = "paid"  # an order would not close: its customer has paid
    REPEAT = "repeat"  # the same reversal as before
    BAD_MAC = "bad-mac"
    LOST = "lost"


CONFIRMED, UNCONFIRMED = "confirm", "unconfirmed"
"""Behaviours (moods.py) of payments whose customer is asked to confirm."""


class HostRequest(msgspec.Struct, frozen=True, tag_field="kind", tag="request"):
    """One financial request or advice. ``key`` is field 7, a dash, field 11."""

    at: str
    key: str
    mti: str
    work: Work
    processing_code: str
    amount_minor: int
    currency: str
    mid: str
    tid: str
    rrn: str
    card: str  # first six, stars, last four
    pin: str
    outcome: Outcome
    code: str
    auth: str
    behaviour: str
    original: str = ""  # the key of what a follow-up follows
    voucher: str = ""
    date: str = ""  # settlement date (MMDD) that the answer named
    approved_minor: int = 0  # where another amount than the one asked for was approved

    @property
    def waits(self) -> bool:
        """Whether it counts only once its customer has paid or confirmed it."""
        return self.work is Work.ORDER or self.behaviour in {CONFIRMED, UNCONFIRMED}

    @property
    def counted_minor(self) -> int:
        """What this request moves when it is approved."""
        return self.approved_minor or self.amount_minor


class HostReversal(msgspec.Struct, frozen=True, tag_field="kind", tag="reversal"):
    """One reversal and what it undid."""

    at: str
    key: str
    mti: str
    original: str
    amount_minor: int
    mid: str
    tid: str
    rrn: str
    reason: str
    effect: Effect
    code: str
    behaviour: str


class HostNetwork(msgspec.Struct, frozen=True, tag_field="kind", tag="network"):
    """One network message: sign-on, echo, sign-off. ``link`` numbers the connections."""

    at: str
    key: str
    link: int
    what: str
    code: str


class HostTotals(msgspec.Struct, frozen=True, tag_field="kind", tag="totals"):
    """One reconciliation of a settlement date (MMDD): the switch's figures, ours, and field 66."""

    at: str
    key: str
    mti: str
    date: str
    currency: str
    said: tuple[tuple[int, str], ...]  # by field number
    ours: tuple[tuple[int, str], ...]
    code: str
    result: str


class HostStarted(msgspec.Struct, frozen=True, tag_field="kind", tag="started"):
    """A start of the simulator; ``format`` is the dialect it speaks."""

    at: str
    name: str
    format: str
    layout: Literal[1] = 1


HostRow: TypeAlias = HostRequest | HostReversal | HostNetwork | HostTotals | HostStarted
HOST_ROWS: Final[msgspec.json.Decoder[HostRow]] = msgspec.json.Decoder(HostRow)
