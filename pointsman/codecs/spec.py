"""A dialect as data: three independent axes per field, and who may see the value.

How a value is written (kind and coding), how its length is told (prefix) and how it is padded are
separate columns that combine; nobody writes a class per combination. Reading a dialect from its
file and finding the line of a mistake is profile.py; the bytes themselves are content.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

FIELD_FIRST: Final = 2
FIELD_LAST: Final = 128
THIRD_BITMAP: Final = 65  # a bit that no dialect here has a row for
SIZE_MAX: Final = 9999  # no prefix tells more


class Kind(Enum):
    """Which characters a value may have."""

    DIGITS = "n"
    TRACK = "z"  # digits, separator D or =, and in packed form any nibble
    SIGNED = "x+n"  # C or D, then digits
    TEXT = "ans"
    BYTES = "b"  # upper-case hex as a value


class Coding(Enum):
    """How the characters of a value become bytes."""

    BCD = "bcd"
    ASCII = "ascii"
    EBCDIC = "ebcdic"
    LATIN1 = "latin-1"
    GBK = "gbk"
    BINARY = "binary"
    HEX = "hex"  # two ASCII characters an octet


class Counts(Enum):
    """What a length prefix counts: digits of the value, bytes on the wire, or octets."""

    DIGITS = "digits"
    BYTES = "bytes"
    OCTETS = "octets"  # of a hex field: half of its bytes


class Side(Enum):
    """Where a pad nibble or filler stands."""

    LEFT = "left"
    RIGHT = "right"


class Show(Enum):
    """Who may see a value: everybody, everybody in masked form, nobody."""

    SHOW = "show"
    MASK = "mask"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A length in front of a value: ``size`` bytes in ``coding``."""

    coding: Coding
    size: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Pad:
    """The nibble beside an odd count of packed digits; any nibble is accepted on receive."""

    side: Side = Side.RIGHT
    nibble: str = "0"


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a dialect.

    ``size`` is exact without a prefix and the maximum with one: digits for n, z and x+n (the sign
    counts), bytes on the wire for text, octets for b.
    """

    number: int
    name: str
    kind: Kind
    coding: Coding
    size: int
    prefix: Prefix | None = None
    pad: Pad = Pad()
    show: Show = Show.SHOW

    @property
    def packed(self) -> bool:
        """Whether digits stand two to a byte."""
        return self.coding is Coding.BCD

    def wire_size(self, units: int) -> int:
        """Return the bytes that ``units`` (see ``size``) take on the wire."""
        if self.coding is Coding.BCD:
            # The sign of x+n is a whole byte before the packed digits.
            return units // 2 + 1 if self.kind is Kind.SIGNED else (units + 1) // 2
        if self.coding is Coding.HEX:
            return units * 2
        return units

    def units_told(self, count: int) -> int:
        """Return the units a prefix of ``count`` tells, or -1 where it tells none."""
        assert self.prefix is not None
        match self.prefix.counts:
            case Counts.DIGITS if self.kind is Kind.BYTES:
                return -1 if count % 2 else count // 2
            case Counts.BYTES if self.coding is Coding.BCD:
                return count * 2
            case Counts.BYTES if self.coding is Coding.HEX:
                return -1 if count % 2 else count // 2
            case _:
                return count

    def count_for(self, units: int) -> int:
        """Return what the prefix must tell for ``units``, or -1 where it cannot."""
        assert self.prefix is not None
        match self.prefix.counts:
            case Counts.DIGITS if self.kind is Kind.BYTES:
                return units * 2
            case Counts.BYTES if self.coding is Coding.BCD:
                return -1 if units % 2 else units // 2
            case Counts.BYTES if self.coding is Coding.HEX:
                return units * 2
            case _:
                return units


@dataclass(frozen=True, slots=True)
class SubField:
    """One part of a positional layout, or one known tag of a tagged one; ``size`` in characters."""

    key: str
    name: str
    size: int = 0
    show: Show = Show.SHOW


class LayoutKind(Enum):
    """How a private field is divided."""

    POSITIONS = "positions"
    TAGS = "tags"
    BER = "ber"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a private field is divided, and when this division holds.

    Positions are cut as far as the value reaches; ``repeat_after`` says behind how many leading
    parts the others come again and again. Tags have ``tag_size`` characters and ``length_size``
    digits, behind ``skip`` characters. ``mti`` (? for any digit), ``code`` (digits 9 to 11 of field
    60) and ``size`` (characters of the value) limit where it is used.
    """

    field: int
    kind: LayoutKind
    parts: tuple[SubField, ...] = ()
    tag_size: int = 2
    length_size: int = 3
    skip: int = 0
    repeat_after: int | None = None
    mti: str | None = None
    code: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """One dialect: how type and bitmap are written, and a row for each field there may be."""

    name: str
    title: str
    mti: Coding
    bitmap: Coding
    framing: str
    fields: Mapping[int, Field]
    layouts: tuple[Layout, ...] = ()
    assumed: str = ""
    base: str | None = None
    version: str = "1987"
    path: str = field(default="", compare=False)

    @property
    def mti_size(self) -> int:
        """Bytes of the message type."""
        return 2 if self.mti is Coding.BCD else 4

    @property
    def bitmap_size(self) -> int:
        """Bytes of one bitmap."""
        return 8 if self.bitmap is Coding.BINARY else 16


def make_fields(rows: Mapping[int, Field]) -> Mapping[int, Field]:
    """Return ``rows`` in the order of their numbers, read-only."""
    return MappingProxyType(dict(sorted(rows.items())))
