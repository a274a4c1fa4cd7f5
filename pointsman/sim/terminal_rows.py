"""The rows of simulated terminals' ledgers: what they asked, what they were told, what they undid.

Values only, one JSON object a line, told apart by ``kind``; every row names its terminal. A
request is on the disk before its first byte leaves, an answer before anybody acts on it. What rows
mean for a terminal is in device.py, for the audit in audit.py. Cards stand by their name.
"""

from enum import StrEnum
from typing import Final, Literal, TypeAlias

import msgspec


class Entry(StrEnum):
    """How the card or code came in; field 22 and 60.4 to 60.6 follow from it."""

    SWIPE = "swipe"
    CHIP = "chip"
    CONTACTLESS = "contactless"
    KEYED = "keyed"
    FALLBACK = "fallback"
    QR = "qr"


class Pin(StrEnum):
    """Which PIN is entered, if one is."""

    NONE = "none"
    RIGHT = "right"
    WRONG = "wrong"


class Kind(StrEnum):
    """What a request is; its message and its place in the totals are in pos_types.py."""

    SALE = "sale"
    CASH = "cash"
    VOID = "void"
    REFUND = "refund"
    REFUND_REQUEST = "refund-request"
    BALANCE = "balance"
    PREAUTH = "preauth"
    PREAUTH_MORE = "preauth-more"
    PREAUTH_CANCEL = "preauth-cancel"
    COMPLETION = "completion"
    COMPLETION_ADVICE = "completion-advice"
    COMPLETION_CANCEL = "completion-cancel"
    OFFLINE = "offline"
    ADJUST = "adjust"
    TIP = "tip"
    ECASH = "ecash"
    INSTALMENT = "instalment"
    INSTALMENT_VOID = "instalment-void"
    POINTS = "points"
    POINTS_VOID = "points-void"
    POINTS_BALANCE = "points-balance"
    SCRIPT_RESULT = "script-result"
    WALLET_ORDER = "wallet-order"
    WALLET_PAY = "wallet-pay"
    WALLET_REFUND = "wallet-refund"


class Asked(msgspec.Struct, frozen=True, tag_field="kind", tag="request"):
    """One money request, with all that is needed to reverse it after a power cut."""

    at: str
    mid: str
    tid: str
    batch: str
    stan: str
    flow: str
    what: Kind
    entry: Entry
    amount_minor: int
    currency: str
    card: str = ""  # name of a test card
    payment_code: str = ""  # made up for the test, single use
    pin: Pin = Pin.NONE
    original_batch: str = ""
    original_stan: str = ""
    original_date: str = ""
    original_rrn: str = ""
    original_auth: str = ""
    original_minor: int = 0  # approved of the original, before this one
    voucher: str = ""
    condition: str = ""  # field 25 where it is not that of the type: 08 for an order by mail
    voice_auth: str = ""  # approval code that was typed in (off-line sale)
    order: str = ""  # number of the order or payment that a wallet refund gives back


class Told(msgspec.Struct, frozen=True, tag_field="kind", tag="answer"):
    """An answer that verified, as the cashier sees it. A later one replaces it (refund, 98).

    That of an order is not approved before it was paid; ``order`` is its number.
    """

    at: str
    mid: str
    tid: str
    batch: str
    stan: str
    code: str
    approved: bool
    amount_minor: int
    rrn: str = ""
    auth: str = ""
    date: str = ""
    voucher: str = ""
    order: str = ""


class UndoDue(msgspec.Struct, frozen=True, tag_field="kind", tag="undo-due"):
    """The terminal owes a reversal of this request; ``reason`` is field 39 of it."""

    at: str
    mid: str
    tid: str
    batch: str
    stan: str
    reason: str


class UndoTried(msgspec.Struct, frozen=True, tag_field="kind", tag="undo-tried"):
    """One attempt of a reversal; ``code`` is empty where nothing came."""

    at: str
    mid: str
    tid: str
    batch: str
    stan: str
    attempt: int
    code: str
    settled: bool


class Repeated(msgspec.Struct, frozen=True, tag_field="kind", tag="repeat"):
    """A deliberate second copy: ``same`` says that its answer agreed with the first."""

    at: str
    mid: str
    tid: str
    batch: str
    stan: str
    code: str
    same: bool


class SignedIn(msgspec.Struct, frozen=True, tag_field="kind", tag="sign-in"):
    """A sign-in; ``batch`` is the number to use from now on."""

    at: str
    mid: str
    tid: str
    batch: str
    code: str


class Settled(msgspec.Struct, frozen=True, tag_field="kind", tag="settlement"):
    """A batch closed at the switch; debit and credit are the terminal's own, in minor units."""

    at: str
    mid: str
    tid: str
    batch: str
    debit_minor: int
    credit_minor: int
    debit_count: int
    credit_count: int
    results: str  # the two result digits of the answer: 1 equal, 2 different, 3 error
    uploaded: int


class Settling(msgspec.Struct, frozen=True, tag_field="kind", tag="settling"):
    """Totals of a batch are under way: whether it is open is not known until its end is heard."""

    at: str
    mid: str
    tid: str
    batch: str


class Started(msgspec.Struct, frozen=True, tag_field="kind", tag="started"):
    """A start of the simulator with this terminal."""

    at: str
    mid: str
    tid: str
    layout: Literal[1] = 1


TerminalRow: TypeAlias = (
    Asked | Told | UndoDue | UndoTried | Repeated | SignedIn | Settling | Settled | Started
)
TERMINAL_ROWS: Final[msgspec.json.Decoder[TerminalRow]] = msgspec.json.Decoder(TerminalRow)
