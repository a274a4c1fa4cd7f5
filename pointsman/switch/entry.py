"""What a request says of the card and how it came in: number, track, payment code, PIN, chip data.

A core. Values for reading.py, and the refusals of what contradicts itself (terminal-protocol 4.1,
7, 10). What is sent on of it is hosts.py, what may be kept newrecord.py.
"""

from collections.abc import Mapping

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.tlv import parse_tlv
from pointsman.codecs.track import parse_track2
from pointsman.switch.flows import Ceiling, Flow
from pointsman.switch.requests import CardData, Refusal

_REQUIRED_TAGS = frozenset(
    "9F26 9F27 9F10 9F37 9F36 95 9A 9C 9F02 5F2A 82 9F1A 9F03 9F33".split()  # noqa: SIM905
)
_CHIP = frozenset({"05", "07"})
# Digit 2 of field 53: DES, TDES. Which of them a key is made for, the HSM knows.
_DES = frozenset("06")
_AMOUNT_SIZE = 12
INVOICE_TAG = "IN"  # of field 59: the terminal's own number of a payment (nii.py)
_WITH_EXPIRY = _CHIP | {"01"}  # a card number that was keyed or read needs its expiry beside it


def private_59(value_hex: str) -> dict[str, str]:
    """Read field 59: tag 2 characters, length 3 digits, value; stops at the first fault."""
    text = bytes.fromhex(value_hex).decode("latin-1")
    found: dict[str, str] = {}
    at = 0
    while at + 5 <= len(text):
        tag, digits = text[at : at + 2], text[at + 2 : at + 5]
        if not (digits.isascii() and digits.isdigit()) or at + 5 + int(digits) > len(text):
            break
        found[tag] = text[at + 5 : at + 5 + int(digits)]
        at += 5 + int(digits)
    return found


def card(
    flow: Flow, entry_mode: str, fields: Mapping[int, str]
) -> tuple[CardData | None, Refusal | None]:
    """Return the card or payment code of a request, or why there is none."""
    if entry_mode[:2] in ("03", "04"):
        code = private_59(fields.get(59, "")).get("A3", "")
        if not code:
            return None, (Refusal("30", 59, "payment code missing") if flow.needs_card else None)
        if not (code.isascii() and code.isdigit() and 16 <= len(code) <= 24):
            return None, Refusal("30", 59, "payment code is not 16 to 24 digits")
        return CardData(code, is_code=True), None
    track2 = fields.get(35, "")
    number = fields.get(2, "")
    expiry = fields.get(14, "")
    if track2:
        try:
            track = parse_track2(track2)
        except DecodeError:
            return None, Refusal("30", 35, "not a track 2")
        if number and number != track.pan:
            return None, Refusal("30", 35, "card number differs from field 2")
        return CardData(track.pan, expiry=expiry or track.expiry, track2=track2), None
    if number:
        if entry_mode[:2] in _WITH_EXPIRY and flow.needs_card and not expiry:
            return None, Refusal("30", 14, "missing beside a card number without track")
        return CardData(number, expiry=expiry), None
    if flow.needs_card:
        return None, Refusal("30", 35, "neither track nor card number")
    return None, None


def pin_refusal(entry_mode: str, fields: Mapping[int, str]) -> Refusal | None:
    """Return why the PIN block does not fit what was entered, or cannot be used."""
    entered = entry_mode[2:3] == "1"
    if entered and 52 not in fields:
        return Refusal("30", 52, "missing although a PIN was entered")
    if 52 in fields and not entered:
        return Refusal("30", 52, "present although no PIN was entered")
    if 52 in fields:
        if 26 not in fields:
            return Refusal("30", 26, "missing beside a PIN block")
        security = fields.get(53, "")
        if not security:
            return Refusal("30", 53, "missing beside a PIN block")
        if security[0] != "2":
            return Refusal("30", 53, "PIN format without account number is refused")
        if security[1] not in _DES:
            return Refusal("30", 53, "only DES and double-length TDES are supported")
    if fields.get(53, "000")[2] == "1":
        return Refusal("30", 53, "enciphered track data is not supported")
    return None


def tags(chip: str) -> dict[str, str] | None:
    """Return the tags of field 55, or None where it is no BER-TLV."""
    if not chip:
        return {}
    try:
        return {item.tag: item.value.hex().upper() for item in parse_tlv(bytes.fromhex(chip))}
    except DecodeError:
        return None


def chip_refusal(
    flow: Flow, entry_mode: str, fields: Mapping[int, str], found: Mapping[str, str] | None
) -> Refusal | None:
    """Return why chip data cannot be used: no TLV, or a tag that must be there is not."""
    if found is None:
        return Refusal("30", 55, "not a list of BER-TLV tags")
    if flow.follows or entry_mode[:2] not in _CHIP:
        return None
    if 55 not in fields:
        return Refusal("30", 55, "missing for a chip entry")
    missing = sorted(_REQUIRED_TAGS - found.keys())
    if missing:
        return Refusal("30", 55, f"tag {missing[0]} missing")
    return None


def chip_doubt(fields: Mapping[int, str], found: Mapping[str, str]) -> str:
    """Return which tag contradicts its field, or nothing: amount (9F02) or currency (5F2A)."""
    if "9F02" in found and 4 in fields and found["9F02"] != fields[4]:
        return "9F02 differs from field 4"
    if "5F2A" in found and 49 in fields and found["5F2A"][-3:] != fields[49]:
        return "5F2A differs from field 49"
    return ""


def tip_refusal(flow: Flow, fields: Mapping[int, str]) -> Refusal | None:
    """Return why field 48 of a tip is none: 12 digits, part of the new total in field 4."""
    if flow.ceiling is not Ceiling.TIP:
        return None
    tip = fields[48]
    if len(tip) != _AMOUNT_SIZE or tip > fields[4]:  # digits of equal length compare as numbers do
        return Refusal("30", 48, "not a tip within the amount")
    return None


def missing(flow: Flow, fields: Mapping[int, str]) -> Refusal | None:
    """Return which field of the type is missing, if one is."""
    for number in flow.required:
        if number not in fields:
            return Refusal("30", number, "missing")
    return None
