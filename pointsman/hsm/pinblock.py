"""PIN blocks: ISO 9564-1 formats 0 to 4 and the 16-byte SM4 block, built, read and translated.

All on integers. One error for every content fault: ``PinBlockError`` says which check failed only
in its ``detail``, for the audit log and never for the caller. Which format may become which is in
``policy``; keys come in as ready ciphers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from pointsman.hsm.primitives import Blocks

PIN_LENGTH_MIN, PIN_LENGTH_MAX = 4, 12
SM4_PIN_LENGTH_MAX = 9  # the sources do not fix how 10 to 12 digits are told

Fill = Callable[[int], bytes]
"""Gives so many random bytes."""


class PinFormat(IntEnum):
    """A PIN block format; 10 and 20 are our numbers for what ISO 9564-1 does not count."""

    ISO_0 = 0
    ISO_1 = 1
    ISO_2 = 2
    ISO_3 = 3
    ISO_4 = 4
    ISO_0_NO_ACCOUNT = 10
    SM4 = 20


BLOCK_SIZE: dict[PinFormat, int] = {
    PinFormat.ISO_0: 8,
    PinFormat.ISO_1: 8,
    PinFormat.ISO_2: 8,
    PinFormat.ISO_3: 8,
    PinFormat.ISO_4: 16,
    PinFormat.ISO_0_NO_ACCOUNT: 8,
    PinFormat.SM4: 16,
}
CONTROL: dict[PinFormat, int] = {
    PinFormat.ISO_0: 0,
    PinFormat.ISO_1: 1,
    PinFormat.ISO_2: 2,
    PinFormat.ISO_3: 3,
    PinFormat.ISO_4: 4,
    PinFormat.ISO_0_NO_ACCOUNT: 0,
    PinFormat.SM4: 0,
}


# The same by position: an Enum as a dictionary's key is hashed in Python, on every sale.
_SIZE, _CONTROL = [0] * (max(PinFormat) + 1), [0] * (max(PinFormat) + 1)
# The first bytes that a clear block may have: its PAN field starts with zeros but in format 4.
_HEADS: list[frozenset[int]] = [frozenset()] * (max(PinFormat) + 1)
for _kind in PinFormat:
    _SIZE[_kind], _CONTROL[_kind] = BLOCK_SIZE[_kind], CONTROL[_kind]
    _most = SM4_PIN_LENGTH_MAX if _kind is PinFormat.SM4 else PIN_LENGTH_MAX
    _HEADS[_kind] = frozenset(CONTROL[_kind] << 4 | n for n in range(PIN_LENGTH_MIN, _most + 1))
_BOUND = frozenset({PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.SM4})


class PinBlockError(ValueError):
    """A PIN block that does not hold what it should; ``detail`` is for the audit log alone."""

    def __init__(self, detail: str) -> None:
        super().__init__("PIN block invalid")
        self.detail = detail


def digits_only(text: str) -> bool:
    """Tell whether ``text`` is made of ASCII digits alone."""
    return text.isascii() and text.isdigit()


def check_pan(pan: str) -> None:
    """Raise PinBlockError for what cannot be a card number: digits alone, its check digit one."""
    if not (pan.isascii() and pan.isdigit() and 2 <= len(pan) <= 19):  # noqa: PLR2004  (ISO 7812)
        raise PinBlockError("pan")


def account_field(pan: str) -> int:
    """Return the twelve digits left of the check digit, as the number that formats 0 and 3 XOR."""
    check_pan(pan)
    return int(pan[-13:-1], 16)


def pan_field_4(pan: str) -> int:
    """Return the PAN field of format 4: the digits beyond twelve are counted, short PANs filled."""
    if not digits_only(pan) or not 1 <= len(pan) <= 19:  # noqa: PLR2004  (ISO 7812: at most 19 digits)
        raise PinBlockError("pan")
    padded = pan.rjust(12, "0")
    return int(f"{len(padded) - 12:X}{padded}".ljust(32, "0"), 16)


def fill_nibbles(block_format: PinFormat, fill: Fill) -> str:
    """Return 16 random nibbles as the format wants them: 0-F, and A-F for format 3."""
    number = int.from_bytes(fill(16))
    if block_format is not PinFormat.ISO_3:
        return f"{number % (1 << 64):016X}"
    nibbles = []
    for _ in range(16):
        number, digit = divmod(number, 6)
        nibbles.append("ABCDEF"[digit])
    return "".join(nibbles)


def plain_field(block_format: PinFormat, pin: str, nibbles: str = "") -> int:
    """Return the PIN side of a block, before any PAN is mixed in.

    ``nibbles`` fill formats 1, 3 and 4, as many as are needed. Raises PinBlockError for a PIN that
    is not 4 to 12 digits (SM4: 4 to 9).
    """
    length_max = SM4_PIN_LENGTH_MAX if block_format is PinFormat.SM4 else PIN_LENGTH_MAX
    if not digits_only(pin) or not PIN_LENGTH_MIN <= len(pin) <= length_max:
        raise PinBlockError("length")
    head = f"{_CONTROL[block_format]:X}{len(pin):X}{pin}"
    match block_format:
        case PinFormat.ISO_0 | PinFormat.ISO_0_NO_ACCOUNT | PinFormat.ISO_2:
            return int(head.ljust(16, "F"), 16)
        case PinFormat.ISO_1 | PinFormat.ISO_3:
            if len(nibbles) < 16 - len(head):
                raise ValueError("the format needs random fill")
            return int((head + nibbles)[:16], 16)
        case PinFormat.ISO_4:
            if len(nibbles) != 16:  # noqa: PLR2004  (half the block, ISO 9564-1, 9.4.2)
                raise ValueError("format 4 needs 16 nibbles of fill")
            return int(head.ljust(16, "A") + nibbles, 16)
        case PinFormat.SM4:
            return int(head.ljust(32, "F"), 16)


def pan_side(block_format: PinFormat, pan: str) -> int:
    """Return what the PAN contributes to a block of this format; 0 where it has no part."""
    match block_format:
        case PinFormat.ISO_0 | PinFormat.ISO_3 | PinFormat.SM4:
            return account_field(pan)
        case PinFormat.ISO_4:
            return pan_field_4(pan)
        case PinFormat.ISO_1 | PinFormat.ISO_2 | PinFormat.ISO_0_NO_ACCOUNT:
            return 0


def encode(block_format: int, pin: str, pan: str = "", fill: Fill | None = None) -> bytes:
    """Return the clear block of formats 0 to 3 or SM4, PAN mixed in; of format 4 its PIN field.

    ``fill`` gives random bytes; formats 1, 3 and 4 need it. For format 4 use ``encipher``.
    """
    kind = PinFormat(block_format)
    nibbles = fill_nibbles(kind, fill) if fill else ""
    field = plain_field(kind, pin, nibbles)
    if kind is not PinFormat.ISO_4:
        field ^= pan_side(kind, pan)
    return field.to_bytes(_SIZE[kind])


def encipher(kind: PinFormat, field: int, pan: str, encrypt: Blocks) -> bytes:
    """Encipher a PIN side with its PAN; format 4 enciphers twice (ISO 9564-1, 9.4.2)."""
    size = _SIZE[kind]
    side = pan_side(kind, pan)
    if kind is PinFormat.ISO_4:
        inner = int.from_bytes(encrypt(field.to_bytes(size)))
        return encrypt((inner ^ side).to_bytes(size))
    return encrypt((field ^ side).to_bytes(size))


def decipher(kind: PinFormat, block: bytes, pan: str, decrypt: Blocks) -> int:
    """Decipher a block and take the PAN out; the result is not yet known to hold a PIN."""
    size = _SIZE[kind]
    if len(block) != size:
        raise PinBlockError("size")
    side = pan_side(kind, pan)
    if kind is PinFormat.ISO_4:
        outer = int.from_bytes(decrypt(block)) ^ side
        return int.from_bytes(decrypt(outer.to_bytes(size)))
    return int.from_bytes(decrypt(block)) ^ side


def check_head(kind: PinFormat, field: int) -> int:
    """Check control nibble and length, nothing else; return the PIN's length."""
    bits = _SIZE[kind] * 8
    if field >> (bits - 4) != _CONTROL[kind]:
        raise PinBlockError("control")
    length = (field >> (bits - 8)) & 0xF
    length_max = SM4_PIN_LENGTH_MAX if kind is PinFormat.SM4 else PIN_LENGTH_MAX
    if not PIN_LENGTH_MIN <= length <= length_max:
        raise PinBlockError("length")
    return length


def read_pin(kind: PinFormat, field: int) -> str:
    """Return the PIN of a PIN side after checking control, length, digits and fill."""
    length = check_head(kind, field)
    text = f"{field:0{_SIZE[kind] * 2}X}"
    pin, rest = text[2 : 2 + length], text[2 + length :]
    if not digits_only(pin):
        raise PinBlockError("digit")
    whole = False
    match kind:
        case PinFormat.ISO_0 | PinFormat.ISO_0_NO_ACCOUNT | PinFormat.ISO_2 | PinFormat.SM4:
            whole = not rest.strip("F")
        case PinFormat.ISO_3:
            whole = not rest.strip("ABCDEF")
        case PinFormat.ISO_4:
            whole = not rest[:-16].strip("A")
        case PinFormat.ISO_1:
            whole = True
    if not whole:
        raise PinBlockError("fill")
    return pin


@dataclass(frozen=True, slots=True)
class PinSide:
    """One side of a translation: a format and the ready cipher of its key."""

    kind: PinFormat
    cipher: Blocks


def translate(source: PinSide, target: PinSide, block: bytes, pan: str, fill: Fill) -> bytes:
    """Decipher with ``source`` and encipher with ``target`` for the same PAN.

    Where the format stays, only control nibble and length are looked at: the PIN's digits are not
    tested (ISO 9564-1; PCI HSM). Raises PinBlockError.
    """
    kind = source.kind
    if kind is target.kind:
        if kind is PinFormat.ISO_4:
            field = decipher(kind, block, pan, source.cipher)
            check_head(kind, field)
            return encipher(kind, field, pan, target.cipher)
        # The PAN side is the same going in and coming out: the clear block goes over as it is.
        if len(block) != _SIZE[kind]:
            raise PinBlockError("size")
        if kind in _BOUND:
            check_pan(pan)
        clear = source.cipher(block)
        if clear[0] not in _HEADS[kind]:
            raise PinBlockError("head")
        return target.cipher(clear)
    pin = read_pin(source.kind, decipher(source.kind, block, pan, source.cipher))
    field = plain_field(target.kind, pin, fill_nibbles(target.kind, fill))
    return encipher(target.kind, field, pan, target.cipher)
