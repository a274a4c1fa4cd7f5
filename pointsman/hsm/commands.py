"""What may be asked of the HSM, and its answers: values only, no crypto, no bytes on a wire.

The switch and the simulators import this, key and issuer requests too, which stand beside it.
``wire`` makes frames of it, ``engine`` performs it, ``policy`` says which role may ask what. Keys
are key blocks (ASCII ``bytes``); card numbers, PIN blocks and messages never show in a repr.
"""

from dataclasses import dataclass, field

from msgspec import Struct

from pointsman.hsm.issuercommands import (
    CryptogramChecked,
    Verified,
    VerifyCardValue,
    VerifyCryptogram,
    VerifyPin,
)
from pointsman.hsm.keycommands import (
    Component,
    ComponentTaken,
    Describe,
    Described,
    Exported,
    ExportUnder,
    ExportWaits,
    ImportBlock,
    ImportKey,
    ImportUnder,
    KeyMade,
    NewKey,
    NewTerminalKeys,
    Reseal,
    Resealed,
    Rewrap,
    Rewrapped,
    SetState,
    TerminalKeys,
)
from pointsman.hsm.macmethod import MacMethod


class Part(Struct, frozen=True):
    """A part of a sale's two trips: made and read thirteen times as fast as a dataclass.

    Most of its fields are secret, so its repr names its kind alone.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Dukpt(Part, frozen=True):
    """A key that is derived: the terminal family's BDK and the KSN of the message.

    ``working`` names the type of the derived key for AES (``dukpt.Working``); TDES ignores it.
    """

    bdk: bytes
    ksn: bytes
    working: str = "AES128"


class MacCheck(Part, frozen=True):
    """Is ``mac`` (field 64 as on the wire) right over ``data``? With ``dukpt`` ``key`` is empty."""

    key: bytes
    method: MacMethod
    data: bytes
    mac: bytes
    dukpt: Dukpt | None = None


class MacMake(Part, frozen=True):
    """The MAC over ``data``, as it stands on the wire; hex characters where ``hexed``."""

    key: bytes
    method: MacMethod
    data: bytes
    hexed: bool = False
    dukpt: Dukpt | None = None


class PanSeal(Part, frozen=True):
    """Token and cipher text of a card number, bound to ``row`` (table, row and field)."""

    pan: str
    row: bytes


class PinTranslate(Part, frozen=True):
    """A PIN block from one key and format to another, for the same card number.

    Formats are ``pinblock.PinFormat`` numbers. ``format_1_in`` says that the link's profile lets
    format 1 become 0, 3 or 4. With ``dukpt`` the source key is derived and ``source`` is empty.
    ``from_zone``: the source is a zone's key, not a terminal's; a hardware HSM must be told.
    """

    source: bytes
    target: bytes
    block: bytes
    pan: str
    source_format: int = 0
    target_format: int = 0
    format_1_in: bool = False
    dukpt: Dukpt | None = None
    from_zone: bool = False


class HostMessage(Part, frozen=True):
    """A host message that waits for its PIN block and its MAC.

    The translated block is written at ``pin_offset``, raw or as hex characters; then the MAC over
    ``data[mac_start:mac_end]`` is written at ``mac_end``. Room for both is already in ``data``.
    """

    data: bytes
    pin_offset: int | None
    pin_hex: bool
    mac_key: bytes | None
    mac_method: MacMethod
    mac_end: int
    mac_hex: bool
    mac_start: int = 0


class Outbound(Part, frozen=True):
    """Trip 1 of a sale, each part may be absent; if the MAC is wrong, nothing else is done."""

    mac: MacCheck | None = None
    seal: PanSeal | None = None
    pin: PinTranslate | None = None
    host: HostMessage | None = None


class OutboundDone(Part, frozen=True):
    """What trip 1 gave; a part that was absent or not done is None."""

    mac_ok: bool | None = None
    token: bytes | None = None
    cipher: bytes | None = None
    pin_ok: bool | None = None
    host: bytes | None = None


class Inbound(Part, frozen=True):
    """Trip 2: check the host's MAC, then make the terminal's over the answer."""

    mac: MacCheck | None = None
    make: MacMake | None = None


class InboundDone(Part, frozen=True):
    """What trip 2 gave; no MAC is made where the host's was wrong."""

    mac_ok: bool | None = None
    mac: bytes | None = None


@dataclass(frozen=True, slots=True)
class OpenPan:
    """The card number of a cipher text, for a reversal or a follow-up."""

    cipher: bytes = field(repr=False)
    row: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A deciphered card number."""

    pan: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenOf:
    """The token of a card number or of a payment code, without cipher text."""

    pan: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Token:
    """Sixteen bytes that stand for a card number."""

    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """Track 2 of a message whose last digits came enciphered under the TDK (field 53, digit 3)."""

    tdk: bytes = field(repr=False)
    track: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedTrack:
    """The clear track 2."""

    track: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskCounters:
    """The HSM's counters, and whether it is well."""


@dataclass(frozen=True, slots=True)
class Counters:
    """Calls by operation and result, and what else a gauge shows."""

    calls: tuple[tuple[str, str, int], ...]
    keys_cached: int
    mode: str
    started_s: int
    lmk_kcv: str


@dataclass(frozen=True, slots=True)
class AskHead:
    """The head of the audit chain, for the clerk to store."""


@dataclass(frozen=True, slots=True)
class Head:
    """Sequence number and hash of the last audit record of one HSM process."""

    log: str
    sequence: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """The HSM does not do this; ``reason`` is safe to log and says nothing of a key or a PIN."""

    code: str
    reason: str


class HsmUnavailable(Exception):  # noqa: N818  (also an answer, not only an error)
    """Not connected, circuit open or deadline passed: nothing is known about the request."""


Request = (
    Outbound
    | Inbound
    | OpenPan
    | TokenOf
    | OpenTrack
    | NewTerminalKeys
    | NewKey
    | ImportKey
    | ImportUnder
    | ImportBlock
    | ExportUnder
    | SetState
    | Describe
    | Component
    | Rewrap
    | Reseal
    | VerifyPin
    | VerifyCryptogram
    | VerifyCardValue
    | AskCounters
    | AskHead
)
Answer = (
    OutboundDone
    | InboundDone
    | Opened
    | Token
    | OpenedTrack
    | TerminalKeys
    | KeyMade
    | Exported
    | ExportWaits
    | Described
    | ComponentTaken
    | Rewrapped
    | Resealed
    | CryptogramChecked
    | Verified
    | Counters
    | Head
    | Refused
)

__all__ = [
    "Answer",
    "AskCounters",
    "AskHead",
    "Component",
    "ComponentTaken",
    "Counters",
    "CryptogramChecked",
    "Describe",
    "Described",
    "Dukpt",
    "ExportUnder",
    "ExportWaits",
    "Exported",
    "Head",
    "HostMessage",
    "HsmUnavailable",
    "ImportBlock",
    "ImportKey",
    "ImportUnder",
    "Inbound",
    "InboundDone",
    "KeyMade",
    "MacCheck",
    "MacMake",
    "MacMethod",
    "NewKey",
    "NewTerminalKeys",
    "OpenPan",
    "OpenTrack",
    "Opened",
    "OpenedTrack",
    "Outbound",
    "OutboundDone",
    "PanSeal",
    "PinTranslate",
    "Refused",
    "Request",
    "Reseal",
    "Resealed",
    "Rewrap",
    "Rewrapped",
    "SetState",
    "TerminalKeys",
    "Token",
    "TokenOf",
    "Verified",
    "VerifyCardValue",
    "VerifyCryptogram",
    "VerifyPin",
]
