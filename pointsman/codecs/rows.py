"""One row of a dialect file: from its columns to a checked field, and back.

A row is ``{ name, kind, size, coding, length, pad, show }``; a variant's row gives only what
differs from its base. A column that contradicts another is refused here, before any byte is read.
Files and lines are profile.py's.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final, TypeVar

from pointsman.codecs.lines import RowError
from pointsman.codecs.spec import SIZE_MAX, Coding, Counts, Field, Kind, Pad, Prefix, Show, Side

COLUMNS: Final = ("name", "kind", "size", "coding", "length", "pad", "show")
TEXT_CODINGS: Final = (Coding.ASCII, Coding.EBCDIC)
CODINGS: Final[Mapping[Kind, tuple[Coding, ...]]] = {
    Kind.DIGITS: (Coding.BCD, *TEXT_CODINGS),
    Kind.TRACK: (Coding.BCD, *TEXT_CODINGS),
    Kind.SIGNED: (Coding.BCD, *TEXT_CODINGS),
    Kind.TEXT: (*TEXT_CODINGS, Coding.LATIN1, Coding.GBK),
    Kind.BYTES: (Coding.BINARY, Coding.HEX),
}
PREFIX_CODINGS: Final = (Coding.BCD, Coding.ASCII, Coding.EBCDIC, Coding.BINARY)
PREFIX_SIZE_MAX: Final = 4
_E = TypeVar("_E", bound=Enum)


def read_row(number: int, row: object, base: Field | None) -> Field:
    """Return the field that ``row`` describes over ``base``; raises RowError with the reason."""
    if not isinstance(row, dict):
        raise RowError("a row is written { name = ..., kind = ..., size = ..., ... }")
    for column in row:
        if column not in COLUMNS:
            raise RowError(f"unknown column {column!r}; known are {', '.join(COLUMNS)}")
    columns = (write_row(base) if base else {"show": "show", "length": "fixed"}) | row
    for column in ("name", "kind", "size", "coding"):
        if column not in columns:
            raise RowError(f"{column} is missing")
    name, size = columns["name"], columns["size"]
    if not isinstance(name, str) or not name:
        raise RowError("name must be text")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= SIZE_MAX:
        raise RowError(f"size must be a number from 1 to {SIZE_MAX}")
    field = Field(
        number,
        name,
        _member(Kind, "kind", columns["kind"]),
        _member(Coding, "coding", columns["coding"]),
        size,
        _read_length(columns["length"]),
        _read_pad(columns.get("pad", "right 0")),
        _member(Show, "show", columns["show"]),
    )
    check_row(field)
    return field


def write_row(field: Field) -> dict[str, object]:
    """Return the columns of ``field`` as a file has them."""
    length = "fixed"
    if field.prefix:
        length = f"{field.prefix.coding.value} {field.prefix.size} {field.prefix.counts.value}"
    row: dict[str, object] = {
        "name": field.name,
        "kind": field.kind.value,
        "size": field.size,
        "coding": field.coding.value,
        "length": length,
    }
    if field.packed and field.kind is not Kind.SIGNED:
        row["pad"] = f"{field.pad.side.value} {field.pad.nibble}"
    row["show"] = field.show.value
    return row


def _member(kind: type[_E], column: str, word: object) -> _E:
    for member in kind:
        if member.value == word:
            return member
    names = ", ".join(str(member.value) for member in kind)
    raise RowError(f"{column} must be one of {names}")


def _read_length(word: object) -> Prefix | None:
    if word == "fixed":
        return None
    parts = word.split() if isinstance(word, str) else []
    if len(parts) != 3 or parts[1] not in "1234":  # noqa: PLR2004 - coding, size, what it counts
        raise RowError('length is "fixed" or coding, size and what it counts: "bcd 1 digits"')
    prefix = Prefix(
        _member(Coding, "length coding", parts[0]),
        int(parts[1]),
        _member(Counts, "length count", parts[2]),
    )
    if prefix.coding not in PREFIX_CODINGS:
        raise RowError("a length is written in bcd, ascii, ebcdic or binary")
    return prefix


def _read_pad(word: object) -> Pad:
    parts = word.split() if isinstance(word, str) else []
    if len(parts) != 2 or len(parts[1]) != 1 or parts[1] not in "0123456789ABCDEF":  # noqa: PLR2004
        raise RowError('pad is a side and a nibble: "right F"')
    return Pad(_member(Side, "pad side", parts[0]), parts[1])


def check_row(field: Field) -> None:
    """Raise RowError where one column of a field contradicts another."""
    if field.coding not in CODINGS[field.kind]:
        names = ", ".join(coding.value for coding in CODINGS[field.kind])
        raise RowError(f"kind {field.kind.value} is written in {names}")
    if field.kind is Kind.SIGNED and field.size == 1:
        raise RowError("x+n has a sign and at least one digit")
    if field.kind is Kind.SIGNED and field.packed and (field.size % 2 == 0 or field.prefix):
        raise RowError("packed x+n is fixed and has an even count of digits behind its sign")
    prefix = field.prefix
    if prefix is None:
        if field.coding is Coding.GBK:
            raise RowError("fixed text cannot be gbk: a cut may fall inside a character")
        return
    if prefix.counts is Counts.OCTETS and field.coding is not Coding.HEX:
        raise RowError("only hex fields count octets")
    if prefix.counts is Counts.DIGITS and field.kind in (Kind.TEXT, Kind.SIGNED):
        raise RowError("text is counted in bytes")
    if prefix.coding is Coding.BINARY:
        most = 256**prefix.size - 1
    else:
        most = 10 ** (prefix.size * (2 if prefix.coding is Coding.BCD else 1)) - 1
    if field.count_for(field.size - field.size % 2) > most:
        raise RowError(f"size {field.size} does not fit a length of at most {most}")
