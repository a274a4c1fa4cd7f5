"""What the terminal is told: an outcome becomes the fields of the answer.

Which fields an answer echoes and which the switch adds (terminal-protocol 4), and what a response
code means for us (terminal-protocol 12). `told` is what is journaled of an answer, so that a repeat
gets the same one; the fields that only echo come from the request in hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from pointsman.codecs.codec import Codec
from pointsman.store.records import State
from pointsman.switch.flows import answer_mti

APPROVED = "00"
PARTIAL = "10"
NO_ANSWER = "98"  # silence after sending; the switch has taken the reversal over
MALFUNCTION = "96"
NOT_SENT = "91"
WRONG_MAC = "A0"
UNKNOWN_TERMINAL = "97"
WRONG_BATCH = "77"
DUPLICATE = "94"
FORMAT = "30"
INVALID = "12"
NOT_FOUND = "25"
PIN_BLOCK_WRONG = "99"

# An acquirer that says one of these does not know what became of the request behind it: whoever
# hands such a code on owes the undoing (terminal-protocol 12).
IN_DOUBT = frozenset({"68", MALFUNCTION, NO_ANSWER})
_APPROVALS = frozenset({"00", "10", "11", "A2", "A4", "A5", "A6"})
_ECHOED = (3, 4, 11, 25, 41, 42, 49, 60)
_NETWORK = 24  # of the international dialect, whose terminals look for it
_CARD_ECHOED = (14, 23)
_NUMBERS = {str(number): number for number in range(129)}
_KEYED = "01"
_EMPTY_MAC = "0" * 16
_MMDD = 4  # digits of field 15
_LEAP_YEAR = 2000  # field 15 has no year: 29 February may be meant
_ISSUER_SIZE = 11  # field 44: issuer 11, acquirer 11, blank padded

SIGN_IN_REQUIREMENT = 3  # header digit 6: sign in again
_WANTS_SIGN_IN = frozenset({WRONG_MAC, WRONG_BATCH, "88", "89", PIN_BLOCK_WRONG})


@dataclass(frozen=True, slots=True)
class Moment:
    """The switch's clock at one request, as text: fields 12 and 13, and field 7 in UTC."""

    time: str  # hhmmss
    date: str  # MMDD
    sent: str  # MMDDhhmmss, UTC


def is_day(text: str) -> bool:
    """Tell whether this (field 15, MMDD) is a day of the year."""
    if len(text) != _MMDD or not (text.isascii() and text.isdigit()):
        return False
    try:
        date(_LEAP_YEAR, int(text[:2]), int(text[2:]))
    except ValueError:
        return False
    return True


def is_approved(code: str) -> bool:
    """Tell whether field 39 approves (class A of terminal-protocol 12)."""
    return code in _APPROVALS


def requirement(code: str) -> int:
    """Return digit 6 of the answer's header: 3 asks the terminal to sign in again."""
    return SIGN_IN_REQUIREMENT if code in _WANTS_SIGN_IN else 0


def told_by_us(code: str, moment: Moment, rrn: str = "") -> dict[str, str]:
    """Return what is told when the switch itself decided: clock, reference and code, if any."""
    told = {"12": moment.time, "13": moment.date}
    if code:
        told["39"] = code
    if rrn:
        told["37"] = rrn
    return told


def told_by_host(
    host: Mapping[int, str], moment: Moment, rrn: str, institution: str, scheme: str
) -> dict[str, str]:
    """Return what is told when the acquirer answered; `host` are the fields of its answer.

    The terminal gets the switch's own RRN: void and refund quote it (switch-rules 1).
    """
    code = host[39]
    told = told_by_us(code, moment, rrn)
    told["32"] = institution
    told["15"] = host.get(15) or moment.date
    issuer = host.get(44, "")[:_ISSUER_SIZE].strip()
    if issuer:
        told["44"] = issuer.ljust(_ISSUER_SIZE) + institution.ljust(_ISSUER_SIZE)
    if 54 in host:
        told["54"] = host[54]
    if is_approved(code):
        if host.get(38, "").strip():
            told["38"] = host[38]
        if code == PARTIAL:
            told["4"] = host[4]
        if scheme:
            told["63"] = scheme
    return told


def payment_answer(
    mti: str, request: Mapping[int, str], card: str, entry_mode: str, told: Mapping[str, str]
) -> tuple[str, dict[int, str]]:
    """Return MTI and fields of the answer to a payment, without field 64.

    `card` is the card number where the request gave one, else empty: it goes back in field 2
    unless it was keyed in.
    """
    fields = _echoed(request, _ECHOED)
    if card and entry_mode[:2] != _KEYED:
        fields[2] = card
        fields.update(_echoed(request, _CARD_ECHOED))
    fields.update({_NUMBERS[number]: value for number, value in told.items()})
    return answer_mti(mti), fields


def _echoed(request: Mapping[int, str], numbers: tuple[int, ...]) -> dict[int, str]:
    get = request.get
    return {number: value for number in numbers if (value := get(number)) is not None}


def bare_answer(
    mti: str, request: Mapping[int, str], told: Mapping[str, str]
) -> tuple[str, dict[int, str]]:
    """Return MTI and fields of an answer without card: reversals, sign-in, refusals."""
    fields = _echoed(request, (*_ECHOED, _NETWORK))
    fields.update({_NUMBERS[number]: value for number, value in told.items()})
    return answer_mti(mti), fields


def outcome_label(state: State) -> str:
    """Return the metrics label of an outcome: approved, declined, timeout, error, rejected."""
    match state:
        case State.APPROVED:
            return "approved"
        case State.DECLINED:
            return "declined"
        case State.UNKNOWN:
            return "timeout"
        case State.REFUSED:
            return "rejected"
        case _:
            return "error"


class Unsigned(Struct, frozen=True):
    """An answer whose field 64 is still empty: what its MAC covers ends at `mac_at`."""

    data: bytes
    mac_at: int

    @property
    def covered(self) -> bytes:
        """MTI up to the last byte before field 64."""
        return self.data[: self.mac_at]

    def signed(self, mac: bytes) -> bytes:
        """Return the whole answer with its MAC as it stands on the wire."""
        return self.data[: self.mac_at] + mac

    def __repr__(self) -> str:
        return "Unsigned(...)"


def unsigned(codec: Codec, mti: str, fields: Mapping[int, str]) -> Unsigned:
    """Encode an answer with room for its MAC at the end."""
    encoded = codec.encode_spans(mti, {**fields, 64: _EMPTY_MAC})
    return Unsigned(encoded.data, encoded.span(64)[0])
