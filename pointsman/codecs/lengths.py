"""The length before a frame: how it is written, read and checked.

Exact digits only; a length that is none is told as -1 and ends the stream. Which profile uses
which kind is framing.py's, lengths inside a message are content.py's.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, assert_never


class LengthKind(Enum):
    """How the length before a frame is written."""

    BINARY2 = "2 bytes, big-endian"
    BINARY4 = "4 bytes, big-endian"
    BINARY2_ZERO2 = "2 bytes, big-endian, and 2 zero bytes"
    ASCII4 = "4 ASCII digits"
    BCD2 = "4 digits in 2 bytes"


PREFIX_SIZE: Final[Mapping[LengthKind, int]] = MappingProxyType(
    {
        LengthKind.BINARY2: 2,
        LengthKind.BINARY4: 4,
        LengthKind.BINARY2_ZERO2: 4,
        LengthKind.ASCII4: 4,
        LengthKind.BCD2: 2,
    }
)


def read_length(kind: LengthKind, inclusive: bool, prefix: bytes) -> int:
    """Return how many bytes follow the prefix, or -1 when it is not a length."""
    match kind:
        case LengthKind.BINARY2 | LengthKind.BINARY4:
            length = int.from_bytes(prefix, "big")
        case LengthKind.BINARY2_ZERO2:
            length = int.from_bytes(prefix[:2], "big") if prefix[2:] == b"\0\0" else -1
        case LengthKind.ASCII4:
            length = int(prefix) if prefix.isdigit() else -1  # bytes.isdigit: ASCII 0-9 alone
        case LengthKind.BCD2:
            digits = prefix.hex()
            length = int(digits) if digits.isdecimal() else -1
        case _:
            assert_never(kind)
    if not inclusive or length < 0:
        return length
    return max(length - len(prefix), 0)


def write_length(kind: LengthKind, inclusive: bool, size: int) -> bytes:
    """Return the prefix for ``size`` bytes, which must fit its kind."""
    length = size + PREFIX_SIZE[kind] if inclusive else size
    match kind:
        case LengthKind.BINARY2:
            return length.to_bytes(2, "big")
        case LengthKind.BINARY4:
            return length.to_bytes(4, "big")
        case LengthKind.BINARY2_ZERO2:
            return length.to_bytes(2, "big") + b"\0\0"
        case LengthKind.ASCII4:
            return b"%04d" % length
        case LengthKind.BCD2:
            return bytes.fromhex(f"{length:04d}")
        case _:
            assert_never(kind)
