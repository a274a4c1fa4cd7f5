"""Bitmaps: which fields are present, from bytes to numbers and back.

Bit 1 of the first bitmap announces a second one for fields 65 to 128. A third (bit 65) is not part
of any dialect here: field 65 is refused like any other field without a row. Where the bitmap
stands and how it is written belongs to the walk.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

BITMAP_SIZE: Final = 8
CACHE_SIZE_MAX: Final = 1024  # an odd bitmap a message must not grow the process


@lru_cache(maxsize=CACHE_SIZE_MAX)
def read_bitmap(bits: bytes) -> tuple[int, ...]:
    """Return the field numbers in 8 or 16 bytes of bitmap, without the announcing bit 1."""
    number = int.from_bytes(bits, "big")
    top = len(bits) * 8
    return tuple(n for n in range(2, top + 1) if number >> (top - n) & 1)


def write_bitmap(numbers: Iterable[int]) -> bytes:
    """Return 8 bytes, or 16 with bit 1 set where a field above 64 is present."""
    bits = 0
    for n in numbers:
        bits |= 1 << (128 - n)
    if bits & ((1 << 64) - 1):
        return (bits | 1 << 127).to_bytes(16, "big")
    return (bits >> 64).to_bytes(8, "big")
