"""What a terminal's message can mean: a sale, a void, a sign-in, a settlement, or a refusal.

Values only. How fields become one of them is said in reading.py, what is checked of a payment in
checks.py, what is answered in responses.py.
"""

from dataclasses import dataclass

from msgspec import Struct

from pointsman.store.records import RequestKey
from pointsman.store.verbs import BatchTotals, UploadItem
from pointsman.switch.flows import Flow


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not sent on: the answer code, the field, and words for the log.

    One that `bars` says so of whoever asks: it beats all that is wrong with the request, but not
    what became of a first copy (switch-rules 9).
    """

    code: str
    field: int | None
    reason: str
    bars: bool = False


class Control(Struct, frozen=True):
    """Field 60: type code, batch, network management code (terminal-protocol 3.1)."""

    type_code: str
    batch: str
    network: str


@dataclass(frozen=True, slots=True)
class OriginalReference:
    """Field 61 and 37, 38: which transaction a follow-up speaks of; `id` wins where it is known."""

    batch: str
    stan: str
    date: str
    rrn: str
    auth_code: str
    id: bytes = b""  # where the back office asks: which one is known


class CardData(Struct, frozen=True):
    """What the message says of the card; lives for one request and is never shown.

    `account` is a card number, or the digits of a payment code when `is_code`.
    """

    account: str
    is_code: bool = False
    expiry: str = ""
    track2: str = ""

    def __repr__(self) -> str:
        return "CardData(...)"

    @property
    def has_chip(self) -> bool:
        """Whether the service code in track 2 says that the card has a chip."""
        _, _, rest = self.track2.partition("D")
        return rest[4:5] in ("2", "6")


class Payment(Struct, frozen=True):
    """A request of one of the types in flows.py.

    `amount_minor` is in minor units of `currency` (field 49, numeric text). `refusal` is the first
    rule that the message itself breaks; it is told only if no earlier check of switch-rules 9
    wins. `chip` is field 55 as hex, `chip_doubt` which of its tags
    contradicts a field, `pin_block` field 52 as hex, `auth_code` field 38.
    """

    flow: Flow
    key: RequestKey
    mti: str
    processing_code: str
    amount_minor: int
    currency: str
    method: str
    entry_mode: str
    condition: str
    control: Control
    card: CardData | None
    card_sequence: str
    pin_block: str
    pin_format: int
    chip: str
    chip_doubt: str
    cryptogram: str
    original: OriginalReference | None
    auth_code: str
    voucher: str
    invoice: str
    chip_failed: bool
    refusal: Refusal | None

    @property
    def is_fallback(self) -> bool:
        """Whether the stripe of a chip card was read: 60.5, or its service code (2 or 6)."""
        return self.method == "stripe" and (
            self.chip_failed or (self.card is not None and self.card.has_chip)
        )

    @property
    def card_is_code(self) -> bool:
        """Whether it is paid with a code that the customer showed."""
        return self.card is not None and self.card.is_code

    def __repr__(self) -> str:
        return f"Payment({self.flow.name}, {self.key})"


@dataclass(frozen=True, slots=True)
class Reversal:
    """A terminal's 0400: undo the request with this key; `reason` is field 39."""

    key: RequestKey
    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """An 0800 asking for working keys; `layout` is 60.3."""

    layout: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """An 0820 that ends the operator session."""


@dataclass(frozen=True, slots=True)
class Echo:
    """An 0820 that checks the line."""


@dataclass(frozen=True, slots=True)
class Download:
    """An 0800 or 0820 that fetches something, or tells its status; `asked` is field 62."""

    code: str
    asked: bytes


@dataclass(frozen=True, slots=True)
class Settle:
    """An 0500: the terminal's totals of its batch."""

    batch: str
    claimed: BatchTotals


@dataclass(frozen=True, slots=True)
class Upload:
    """An 0320 with items of the batch; `count` is what field 48 announced."""

    batch: str
    items: tuple[UploadItem, ...]
    count: int


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """An 0320 that ends the upload; `uploaded` is how many items the terminal sent."""

    batch: str
    uploaded: int


@dataclass(frozen=True, slots=True)
class OrderAsked:
    """A question about an order, or its end; `reference` is our RRN, taken from its number."""

    flow: Flow
    reference: str


Request = (
    Payment
    | OrderAsked
    | Reversal
    | SignIn
    | SignOff
    | Echo
    | Download
    | Settle
    | Upload
    | BatchEnd
    | Refusal
)
