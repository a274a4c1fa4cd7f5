"""Bytes of the host link to the book's questions, and rows back to answers with their MAC.

Works for every 1987 dialect of the codecs: only field numbers are known here. Field 64 carries the
MAC, 128 where a field above 64 is there (X9.19). The keys are the simulator's own clear test keys.
Deciding is book.py, waiting is acquirer.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.content import is_digits
from pointsman.codecs.errors import DecodeError
from pointsman.hsm.mac import x9_19
from pointsman.hsm.primitives import same
from pointsman.sim.cards import Card, card_of, mask
from pointsman.sim.host_rows import Work

ECHOED: Final = (2, 3, 4, 7, 11, 12, 13, 15, 25, 32, 37, 41, 42, 49)
NETWORK_ECHOED: Final = (7, 11, 12, 13, 15, 53, 70)
PREAUTHORISED: Final = frozenset({"06", "18"})  # field 25
POINTS: Final = "65"  # field 25
REFUND_REQUEST: Final = "25"  # field 60: a refund that is a request (0200)
REPLACING: Final = frozenset({"32", "34"})  # field 60: adjustment, tip
ORDER_TAG: Final = "A6"  # field 48: the number of an order
SHOWN_TAG: Final = "A7"  # the text of its code
ORIGINAL_SIZE: Final = 42  # field 90: type 4, STAN 6, date-time 10, acquirer 11, forwarder 11
FIELD_64, FIELD_128 = 64, 128
BALANCE_MINOR: Final = 1_234_560  # every test card has so much
BLANK_MAC: Final = "0" * 16


@dataclass(frozen=True, slots=True)
class ZoneKeys:
    """Clear test keys of one link: PIN key and MAC key of the zone."""

    zpk: bytes = field(repr=False)
    zak: bytes = field(repr=False)


def mac_ok(message: Message, zak: bytes) -> bool:
    """Tell whether field 64 or 128 is there and verifies."""
    number = FIELD_128 if FIELD_128 in message else FIELD_64
    if number not in message:
        return False
    covered = message.raw[: message.span(number)[0]]
    return same(x9_19(zak, covered).hex().upper(), message[number].upper())


def close(codec: Codec, mti: str, fields: Mapping[int, str], zak: bytes) -> bytes:
    """Return the message with its MAC over all before it."""
    number = FIELD_128 if any(n > FIELD_64 for n in fields) else FIELD_64
    blank = codec.encode_spans(mti, {**fields, number: BLANK_MAC})
    covered = blank.data[: blank.spans[number][0]]
    return codec.encode(mti, {**fields, number: x9_19(zak, covered).hex().upper()})


def key_of(message: Message) -> str:
    """Return field 7, a dash and field 11: the name of a message on this link."""
    return f"{message.get(7) or ''}-{message.get(11) or ''}"


def original_key(message: Message) -> str:
    """Return the key of the original that field 90 names, or the empty text."""
    data = message.get(90) or ""
    return f"{data[10:20]}-{data[4:10]}" if len(data) == ORIGINAL_SIZE else ""


def work_of(message: Message) -> Work:
    """Return what is asked: by type, processing code, condition and the first digits of 60."""
    code = (message.get(3) or "")[:2]
    if ORDER_TAG in read_tags(message.get(48) or ""):
        return Work.ORDER if message.mti.startswith("01") else Work.QUERY
    if code == "31" and 90 in message:
        return Work.QUERY  # of a payment: has its customer confirmed?
    condition = message.get(25) or ""
    advice = message.mti.startswith("022")
    if message.mti.startswith("06"):
        return Work.SCRIPT
    if code in {"30", "31", "38"}:
        return Work.INQUIRY
    if condition == POINTS:
        return Work.POINTS
    if message.mti.startswith("01"):
        return Work.CANCEL if code == "20" else Work.PREAUTH
    if code == "20":
        gives_back = advice or (message.get(60) or "")[:2] == REFUND_REQUEST
        return Work.REFUND if gives_back else Work.VOID
    if condition in PREAUTHORISED:
        return Work.COMPLETION
    if advice and (message.get(60) or "")[:2] in REPLACING:
        return Work.REPLACE
    return Work.ADVICE if advice else Work.SALE


def amount_of(message: Message) -> int:
    """Return field 4 as minor units; 0 where it is absent."""
    text = message.get(4) or "0"
    if not is_digits(text):
        raise DecodeError("amount is not digits", field=4)
    return int(text)


def pan_of(message: Message) -> str:
    """Return the card number from field 2 or track 2, or the empty text."""
    track = message.get(35) or ""
    return message.get(2) or track.replace("=", "D").partition("D")[0]


def payment_code_of(message: Message) -> str:
    """Return the payment code or voucher in field 48 (tag A3 or A4), or the empty text."""
    tags = read_tags(message.get(48) or "")
    return tags.get("A3") or tags.get("A4") or ""


def read_tags(text: str) -> dict[str, str]:
    """Read tag 2, length 3, value, one after the other; what does not fit ends the reading."""
    tags: dict[str, str] = {}
    while len(text) >= 5 and is_digits(text[2:5]):
        size = int(text[2:5])
        tags[text[:2]] = text[5 : 5 + size]
        text = text[5 + size :]
    return tags


def write_tag(tag: str, value: str) -> str:
    """Return tag, three digits of length, value."""
    return f"{tag}{len(value):03d}{value}"


def shown_card(message: Message) -> tuple[Card | None, str]:
    """Return the test card, if it is one, and the masked number or payment code."""
    pan = pan_of(message)
    return card_of(pan), mask(pan or payment_code_of(message))


def answer_mti(mti: str) -> str:
    """Return the type of the answer: repeats are answered like the first (0421 -> 0430)."""
    return f"{mti[:2]}{int(mti[2]) + 1}0"


def answer_fields(
    message: Message, code: str, *, auth: str = "", voucher: str = "", date: str = ""
) -> dict[int, str]:
    """Return the fields of a financial answer: the request's own, 39, and what approval adds."""
    fields = {n: value for n in ECHOED if (value := message.get(n)) is not None}
    fields[39] = code
    if date and 15 not in fields:
        fields[15] = date
    if auth:
        fields[38] = auth
    if code == "00" and work_of(message) is Work.INQUIRY:
        # Field 54: account type, 02 available, currency, credit, amount (terminal-protocol 3).
        fields[54] = f"3002{message.get(49) or '156'}C{BALANCE_MINOR:012d}"
    if code == "00" and message.get(62) is not None:
        fields[62] = _plan_answer(fields.get(4, "0"), message.get(49) or "156")
    if code == "00" and work_of(message) is Work.ORDER:
        number = read_tags(message.get(48) or "")[ORDER_TAG]
        fields[48] = write_tag(SHOWN_TAG, f"https://pay.example.invalid/{number}")
    if voucher:
        fields[48] = write_tag("A4", voucher)
    return fields


def _plan_answer(amount: str, currency: str) -> str:
    """Return field 62 of an instalment's answer: the first of three parts, and a fee of nothing."""
    return f"{int(amount) // 3:012d}{currency}{0:012d}".ljust(62)


def network_fields(message: Message, code: str) -> dict[int, str]:
    """Return the fields of an answer to a network message; it carries no MAC."""
    fields = {n: value for n in NETWORK_ECHOED if (value := message.get(n)) is not None}
    return fields | {39: code}
