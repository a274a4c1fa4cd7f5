"""Characters as bytes: packed digits, ASCII, EBCDIC, GBK, binary and hex, each way.

These are the careful forms, which say what is wrong; the generated code of compiled codecs
(emit_decode.py) does the same on whole images of a message and comes here when a check fails.
Digits are ASCII digits only. Reasons never hold the value.
"""

from binascii import unhexlify
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, assert_never

from pointsman.codecs.spec import Coding, Field, Kind, Prefix, Side

# Visa-like and Mastercard-like hosts use the North American page; digits, letters and blanks are
# the same in all EBCDIC pages.
EBCDIC_PAGE: Final = "cp037"
PAGES: Final[Mapping[Coding, str]] = MappingProxyType(
    {
        Coding.ASCII: "ascii",
        Coding.EBCDIC: EBCDIC_PAGE,
        Coding.LATIN1: "latin-1",
        Coding.GBK: "gbk",
        Coding.HEX: "ascii",
    }
)
TRACK_CHARACTERS: Final = frozenset("0123456789ABCDEF=")


class ContentError(ValueError):
    """A value or its bytes against the row; the text is fit to be shown."""


def is_digits(text: str) -> bool:
    """Say whether ``text`` has only ASCII digits (the empty text has)."""
    return not text or (text.isascii() and text.isdecimal())


def read_content(field: Field, data: bytes, units: int) -> str:
    """Return the value in ``data``, which has exactly the bytes of ``units``."""
    match field.coding:
        case Coding.BCD:
            return _read_packed(field, data, units)
        case Coding.BINARY:
            return data.hex().upper()
        case Coding.HEX:
            if not (data.isascii() and _is_hex(data)):
                raise ContentError("not hex characters")
            return data.decode("ascii").upper()
        case Coding.ASCII | Coding.EBCDIC | Coding.LATIN1 | Coding.GBK:
            try:
                text = data.decode(PAGES[field.coding])
            except UnicodeDecodeError:
                raise ContentError(f"not {field.coding.value} text") from None
            _check_text(field, text)
            return text
        case _:
            assert_never(field.coding)


def write_content(field: Field, value: str) -> tuple[bytes, int]:
    """Return the bytes of ``value`` and its units; raises ContentError."""
    match field.coding:
        case Coding.BCD:
            return _write_packed(field, value), len(value)
        case Coding.BINARY:
            if len(value) % 2 or not _is_hex(value):
                raise ContentError("not whole octets of hex")
            return unhexlify(value), len(value) // 2
        case Coding.HEX:
            if len(value) % 2 or not _is_hex(value):
                raise ContentError("not whole octets of hex")
            return value.upper().encode("ascii"), len(value) // 2
        case Coding.ASCII | Coding.EBCDIC | Coding.LATIN1 | Coding.GBK:
            _check_text(field, value)
            if field.kind is Kind.TRACK:
                # ISO/IEC 7813: the separator is = as a character and D as a nibble.
                value = value.replace("D", "=")
            try:
                data = value.encode(PAGES[field.coding])
            except UnicodeEncodeError:
                raise ContentError(f"not to be written as {field.coding.value}") from None
            if field.prefix is None and field.kind is Kind.TEXT and len(data) < field.size:
                # ISO 8583: fixed text is left-justified and filled with blanks.
                data += " ".encode(PAGES[field.coding]) * (field.size - len(data))
            return data, len(data)
        case _:
            assert_never(field.coding)


def read_count(prefix: Prefix, data: bytes) -> int:
    """Return the number in a length prefix, or -1 where it is none."""
    match prefix.coding:
        case Coding.BINARY:
            return int.from_bytes(data, "big")
        case Coding.BCD:
            digits = data.hex()
        case Coding.EBCDIC:
            digits = data.decode(EBCDIC_PAGE)
        case _:
            digits = data.decode("latin-1")
    # isdecimal is exact on hex and on one-byte pages: no other decimal digits live there.
    return int(digits) if digits.isdecimal() else -1


def write_count(prefix: Prefix, count: int) -> bytes:
    """Return ``count`` as a prefix; raises ContentError where it has too few places."""
    try:
        match prefix.coding:
            case Coding.BINARY:
                return count.to_bytes(prefix.size, "big")
            case Coding.BCD:
                data = bytes.fromhex(f"{count:0{prefix.size * 2}d}")
            case Coding.EBCDIC:
                data = f"{count:0{prefix.size}d}".encode(EBCDIC_PAGE)
            case _:
                data = b"%0*d" % (prefix.size, count)
    except (OverflowError, ValueError):
        data = b""
    if len(data) != prefix.size:
        raise ContentError("too long for its length prefix")
    return data


def _is_hex(value: str | bytes) -> bool:
    try:
        unhexlify(value)  # takes no blanks, unlike bytes.fromhex
    except ValueError:
        return False
    return True


def _is_amount(text: str) -> bool:
    return bool(text) and is_digits(text)


def _read_packed(field: Field, data: bytes, units: int) -> str:
    if field.kind is Kind.SIGNED:
        sign, digits = data[:1].decode("latin-1"), data[1:].hex()
        if sign not in ("C", "D") or not digits.isdecimal():
            raise ContentError("not C or D and digits")
        return sign + digits
    nibbles = data.hex()
    if units % 2:
        nibbles = nibbles[1:] if field.pad.side is Side.LEFT else nibbles[:-1]
    if field.kind is Kind.TRACK:
        return nibbles.upper()
    if nibbles and not nibbles.isdecimal():
        raise ContentError("not digits")
    return nibbles


def _write_packed(field: Field, value: str) -> bytes:
    if field.kind is Kind.SIGNED:
        if value[:1] not in ("C", "D") or not _is_amount(value[1:]) or len(value) % 2 == 0:
            raise ContentError("not C or D and an even count of digits")
        return value[:1].encode() + bytes.fromhex(value[1:])
    if field.kind is Kind.TRACK:
        nibbles = value.replace("=", "D")
        if not (nibbles.isascii() and _is_hex(nibbles + "0" * (len(nibbles) % 2))):
            raise ContentError("not track characters")
    else:
        nibbles = value
        if not is_digits(nibbles):
            raise ContentError("not digits")
    if len(nibbles) % 2:
        nibble = field.pad.nibble
        nibbles = nibble + nibbles if field.pad.side is Side.LEFT else nibbles + nibble
    return unhexlify(nibbles)


def _check_text(field: Field, text: str) -> None:
    match field.kind:
        case Kind.DIGITS:
            if not is_digits(text):
                raise ContentError("not digits")
        case Kind.SIGNED:
            if text[:1] not in ("C", "D") or not _is_amount(text[1:]):
                raise ContentError("not C or D and digits")
        case Kind.TRACK:
            if not TRACK_CHARACTERS.issuperset(text):
                raise ContentError("not track characters")
        case Kind.TEXT:
            # Latin-1 and GBK are for text whose writer we do not know: bytes pass as they are.
            if field.coding in (Coding.ASCII, Coding.EBCDIC) and not text.isprintable():
                raise ContentError("control characters")
        case Kind.BYTES:
            raise ContentError("octets cannot be written as text")
        case _:
            assert_never(field.kind)
