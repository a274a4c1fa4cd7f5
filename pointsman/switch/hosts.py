"""What is said to an acquirer: a payment becomes the fields of a host message, and then its bytes.

What lives here: requests and advices of payments (terminal-protocol 14), what may be kept, and
where the HSM writes PIN block and MAC. Reversals and repeats are rebuilt in reversals.py, network
messages belong to session.py, bytes are the codec's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from msgspec import Struct

from pointsman.codecs.chip import SHOWN
from pointsman.codecs.codec import Codec, Message
from pointsman.codecs.tlv import parse_tlv
from pointsman.store.parties import Merchant
from pointsman.switch.inflight import Expected

PIN_FIELD: Final = 52
PLACEHOLDER: Final = "0" * 16  # room for eight octets, hex in the fields' convention
HEX_SIZE: Final = 16  # the octets stand as hex characters when they take this many bytes
PIN_LENGTH_MAX: Final = "12"  # field 26
PIN_SECURITY: Final = "2600000000000000"  # field 53: format with PAN, double-length key
CODE_TAG: Final = "A3"  # payment code, in field 48 coded as in the terminals' field 59
VOUCHER_TAG: Final = "A4"  # payment voucher number
ORDER_TAG: Final = "A6"  # number of an order
SHOWN_TAG: Final = "A7"  # in its answer: the text to be shown as a code
NAME_SIZE: Final = 24
CITY_SIZE: Final = 14
COUNTRY_SIZE: Final = 2
MTI_KEY: Final = "0"  # the message type among kept fields

# Of a host message these may be journaled (nothing of a card); of field 48 voucher and order.
KEPT: Final = frozenset(
    {3, 4, 7, 11, 12, 13, 15, 18, 19, 22, 23, 25, 32, 33, 37, 38, 39, 41, 42, 43, 49, 60, 90, 95}
)
_NAMES: Final = {number: str(number) for number in range(129)}


@dataclass(frozen=True, slots=True)
class OriginalData:
    """Field 90: what was really sent as the original (switch-rules 4)."""

    mti: str
    host_stan: str
    host_time: str
    institution: str
    forwarder: str = ""

    @property
    def text(self) -> str:
        """The 42 digits."""
        return (
            f"{self.mti}{self.host_stan}{self.host_time}"
            f"{self.institution.rjust(11, '0')}{self.forwarder.rjust(11, '0')}"
        )


class HostSale(Struct, frozen=True):
    """A payment as an acquirer must hear of it; an inquiry has no amount.

    `host_time` is field 7 (MMDDhhmmss, UTC), `host_stan` field 11, `rrn` field 37: a void quotes
    that of its sale. `chip` is field 55 as upper-case hex. `settlement_date` (15), `country` (19,
    ISO 3166 numeric), `private` (60), `plan` (62: instalments) and others may be
    empty: then the field is absent.
    """

    mti: str
    processing_code: str
    amount_minor: int | None
    currency: str
    host_time: str
    host_stan: str
    local_time: str
    local_date: str
    entry_mode: str
    condition: str
    institution: str
    rrn: str
    tid: str
    merchant: Merchant
    pan: str | None = None
    payment_code: str | None = None
    expiry: str = ""
    track2: str = ""
    chip: str = ""
    card_sequence: str = ""
    has_pin: bool = False
    auth_code: str = ""
    voucher: str = ""
    original: OriginalData | None = None
    settlement_date: str = ""
    country: str = ""
    private: str = ""
    plan: str = ""
    order: str = ""

    def __repr__(self) -> str:
        return f"HostSale({self.mti}, stan {self.host_stan})"


class HostDraft(Struct, frozen=True):
    """A host message before PIN block and MAC; `pin` says that room for a PIN block is wanted."""

    mti: str
    fields: Mapping[int, str]
    pin: bool = False

    def __repr__(self) -> str:
        return f"HostDraft({self.mti})"


class HostBytes(Struct, frozen=True):
    """An encoded draft and where the HSM writes: the values of hsm/commands.py's HostMessage.

    `mac_end` is where the covered bytes end and the MAC begins; without a MAC the end of `data`.
    """

    data: bytes
    pin_offset: int | None
    pin_hex: bool
    mac_end: int
    mac_hex: bool

    def __repr__(self) -> str:
        return "HostBytes(...)"


def payment(sale: HostSale) -> HostDraft:
    """Return the draft of a payment.

    A 0220 may have to be repeated with all other fields equal after its secrets are gone: it
    carries none that may not be kept: no expiry, track or PIN block, and of chip data only the tags
    that may be (docs/promises.md).
    """
    fields = {
        3: sale.processing_code,
        4: "" if sale.amount_minor is None else f"{sale.amount_minor:012d}",
        7: sale.host_time,
        11: sale.host_stan,
        12: sale.local_time,
        13: sale.local_date,
        15: sale.settlement_date,
        18: sale.merchant.mcc,
        19: sale.country,
        22: sale.entry_mode,
        23: sale.card_sequence,
        25: sale.condition,
        32: sale.institution,
        37: sale.rrn,
        38: sale.auth_code,
        41: sale.tid,
        42: sale.merchant.mid,
        43: place(sale.merchant.name, sale.merchant.city, sale.merchant.country),
        48: tagged(VOUCHER_TAG, sale.voucher) + tagged(ORDER_TAG, sale.order),
        49: sale.currency,
        60: sale.private,
        62: sale.plan,
        90: sale.original.text if sale.original else "",
    }
    if sale.pan is not None:
        fields[2] = sale.pan
    repeatable = is_repeatable(sale.mti)
    pin = sale.has_pin and not repeatable
    if repeatable:
        fields[55] = keepable_chip(sale.chip)
    else:
        fields |= {14: sale.expiry, 35: sale.track2, 55: sale.chip}
        if sale.payment_code is not None:
            fields[48] = tagged(CODE_TAG, sale.payment_code) + fields[48]
        if pin:
            fields |= {26: PIN_LENGTH_MAX, 53: PIN_SECURITY}
    return HostDraft(sale.mti, {number: value for number, value in fields.items() if value}, pin)


def is_repeatable(mti: str) -> bool:
    """Tell whether a message may be sent again: an advice."""
    return mti[2] == "2"


def keepable_chip(chip: str) -> str:
    """Return field 55 with the tags alone that may be kept (codecs/chip.py), in their order."""
    kept = (item for item in parse_tlv(bytes.fromhex(chip)) if item.tag in SHOWN)
    return "".join(
        f"{item.tag}{_ber_length(item.value)}{item.value.hex()}" for item in kept
    ).upper()


def _ber_length(value: bytes) -> str:
    size = len(value)
    return f"{size:02X}" if size < 0x80 else f"81{size:02X}"  # field 55 has 255 bytes at most


@lru_cache(maxsize=1_000)  # merchants that sell much
def place(name: str, city: str, country: str) -> str:
    """Return field 43: name, city and country in 40 characters, cut to fit, ASCII only."""
    parts = (name, NAME_SIZE), (city, CITY_SIZE), (country, COUNTRY_SIZE)
    return "".join(
        text.encode("ascii", "replace").decode("ascii")[:size].ljust(size) for text, size in parts
    )


def tagged(tag: str, value: str) -> str:
    """Return one sub-field of field 48, tag 2, length 3, value; nothing where there is no value."""
    return f"{tag}{len(value):03d}{value}" if value else ""


def untagged(text: str) -> dict[str, str]:
    """Return the sub-fields of field 48 by tag, as far as they can be read."""
    found: dict[str, str] = {}
    at = 0
    while len(text) >= at + 5:
        tag, length = text[at : at + 2], text[at + 2 : at + 5]
        if not (length.isascii() and length.isdigit()) or at + 5 + int(length) > len(text):
            break
        found[tag] = text[at + 5 : at + 5 + int(length)]
        at += 5 + int(length)
    return found


def encode(codec: Codec, draft: HostDraft, *, mac: bool) -> HostBytes:
    """Return the bytes of a draft with room for PIN block and MAC; raises EncodeError.

    The MAC stands in 64, or in 128 when there is a field above 64.
    """
    fields = dict(draft.fields)
    if draft.pin:
        fields[PIN_FIELD] = PLACEHOLDER
    mac_field = 128 if max(fields) > 64 else 64
    if mac:
        fields[mac_field] = PLACEHOLDER
    encoded = codec.encode_spans(draft.mti, fields)
    pin_start, pin_end = encoded.span(PIN_FIELD) if draft.pin else (0, 0)
    size = len(encoded.data)
    mac_start, mac_end = encoded.span(mac_field) if mac else (size, size)
    return HostBytes(
        data=encoded.data,
        pin_offset=pin_start if draft.pin else None,
        pin_hex=pin_end - pin_start == HEX_SIZE,
        mac_end=mac_start,
        mac_hex=mac_end - mac_start == HEX_SIZE,
    )


def kept(draft: HostDraft) -> dict[str, str]:
    """Return what of a host message may be journaled, and its type under "0"."""
    keep = KEPT | {55} if is_repeatable(draft.mti) else KEPT
    values = {MTI_KEY: draft.mti} | {
        _NAMES[number]: value for number, value in draft.fields.items() if number in keep
    }
    found = untagged(draft.fields.get(48, ""))
    private = "".join(tagged(tag, found.get(tag, "")) for tag in (VOUCHER_TAG, ORDER_TAG))
    return values | {"48": private} if private else values


def expected(draft: HostDraft) -> Expected:
    """Return what the answer to this message must say."""
    get = draft.fields.get
    return Expected(
        mti=draft.mti,
        host_time=draft.fields[7],
        host_stan=draft.fields[11],
        amount=get(4, ""),
        currency=get(49, ""),
        mid=get(42, ""),
        tid=get(41, ""),
        processing_code=get(3, ""),
        last4=get(2, "")[-4:],
    )


def answer_mac(answer: Message) -> tuple[bytes, bytes] | None:
    """Return what an answer's MAC covers and the MAC's eight bytes, or None where it has none."""
    for number in (128, 64):
        value = answer.get(number)
        if value is not None:
            return answer.raw[: answer.span(number)[0]], bytes.fromhex(value)
    return None
