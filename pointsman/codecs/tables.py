"""Look-up tables of compiled codecs: lengths from wire bytes and back, pads, without int().

A table knows every well-formed length and nothing else, so a sign, a blank or another script's
digit is a failed look-up and the message goes to the careful walk. Built when first asked for.
"""

from collections.abc import Mapping
from functools import cache
from itertools import product
from typing import Final

from pointsman.codecs.content import EBCDIC_PAGE

# Larger than any size a row may have, also when it stands in the second byte of two.
NO_LENGTH: Final = 1_000_000
PREFIX_DIGITS_MAX: Final = 4


class DoubtError(ValueError):
    """Compiled code is not sure of a message; the careful walk decides."""


def _packed_byte(byte: int) -> int:
    digits = f"{byte:02x}"
    return int(digits) if digits.isdecimal() else NO_LENGTH


BCD: Final = tuple(map(_packed_byte, range(256)))
PAD: Final[Mapping[str, tuple[str, str]]] = {nibble: ("", nibble) for nibble in "0123456789ABCDEF"}


@cache
def digit_lengths(places: int, page: str) -> dict[bytes, int]:
    """Return every length of ``places`` digits by its bytes in ``page``."""
    numbers = product("0123456789", repeat=places)
    return {"".join(digits).encode(page): i for i, digits in enumerate(numbers)}


@cache
def digit_texts(places: int, largest: int) -> tuple[str, ...]:
    """Return the texts of the lengths from 0 to ``largest`` with ``places`` digits."""
    return tuple(f"{i:0{places}d}" for i in range(largest + 1))


def ascii_lengths(places: int) -> dict[bytes, int]:
    """Return the table for ASCII digits."""
    return digit_lengths(places, "ascii")


def ebcdic_lengths(places: int) -> dict[bytes, int]:
    """Return the table for EBCDIC digits."""
    return digit_lengths(places, EBCDIC_PAGE)
