"""Headers between the length and the message: what must hold, and how an answer's is made.

The kinds are a closed set: the 6-byte header of China-style terminals, the 22-byte header of
Visa-like links, the 46-byte header of UnionPay-like interchange links and the 12-character
literal of BASE24 links. Lengths and TPDU are in framing.py.
"""

from enum import Enum
from typing import assert_never

from pointsman.codecs.errors import DecodeError


class HeaderKind(Enum):
    """Which header stands before the message, and its size in bytes."""

    NONE = ("none", 0)
    CUP6 = ("6-byte terminal header", 6)
    VISA22 = ("22-byte Visa-like header", 22)
    CUPS46 = ("46-byte interchange header", 46)
    BASE24 = ("12-character literal", 12)

    def __init__(self, title: str, size: int) -> None:
        self.title = title
        self.size = size


def check_header(kind: HeaderKind, header: bytes, offset: int) -> None:
    """Raise DecodeError where ``header``, standing at ``offset``, is not of its kind."""
    if len(header) < kind.size:
        raise DecodeError("frame ends inside the header", offset=offset + len(header))
    reason = _fault(kind, header)
    if reason is not None:
        raise DecodeError(reason, offset=offset)


def seal_header(kind: HeaderKind, header: bytes, body_size: int) -> bytes:
    """Return ``header`` with its total length set for a message of ``body_size`` bytes."""
    if len(header) != kind.size:
        raise ValueError(f"{kind.title} wants {kind.size} bytes, not {len(header)}")
    match kind:
        case HeaderKind.NONE | HeaderKind.CUP6 | HeaderKind.BASE24:
            return header
        case HeaderKind.VISA22:
            # Length 1, flag and format 1, text format 1, total length 2, then the rest.
            return header[:3] + (kind.size + body_size).to_bytes(2, "big") + header[5:]
        case HeaderKind.CUPS46:
            # Length 1, version 1, total length 4 digits, destination 11, source 11, then the rest.
            return header[:2] + b"%04d" % (kind.size + body_size) + header[6:]
        case _:
            assert_never(kind)


def answer_header(kind: HeaderKind, header: bytes, requirement: int) -> bytes:
    """Return the header of the answer: addresses swapped, processing requirement set."""
    match kind:
        case HeaderKind.NONE | HeaderKind.BASE24:
            return header
        case HeaderKind.CUP6:
            if not 0 <= requirement <= 9:  # noqa: PLR2004 - one decimal digit
                raise ValueError("processing requirement is one digit")
            return header[:2] + bytes((header[2] & 0xF0 | requirement,)) + header[3:]
        case HeaderKind.VISA22:
            # Destination and source station ids, 3 bytes each, behind the total length.
            return header[:5] + header[8:11] + header[5:8] + header[11:]
        case HeaderKind.CUPS46:
            return header[:6] + header[17:28] + header[6:17] + header[28:]
        case _:
            assert_never(kind)


def _fault(kind: HeaderKind, header: bytes) -> str | None:
    match kind:
        case HeaderKind.NONE:
            good, reason = True, ""
        case HeaderKind.CUP6:
            # Six BCD bytes: class, version, state, requirement, minor version.
            good, reason = header.hex().isdecimal(), "header holds other than digits"
        case HeaderKind.VISA22:
            # Byte 1 is the header's own length: 16 hex.
            good, reason = header[0] == kind.size, "header length is not 22"
        case HeaderKind.CUPS46:
            # Byte 1 is the header's own length; bytes 3 to 6 the total length in ASCII digits.
            good = header[0] == kind.size and header[2:6].isdigit()
            reason = "header length is not 46 or its total is not digits"
        case HeaderKind.BASE24:
            good, reason = header.startswith(b"ISO"), "header does not begin with ISO"
        case _:
            assert_never(kind)
    return None if good else reason
