"""Dialects from and to the spec dictionaries of pyiso8583, so that what people have comes in.

Its vocabulary says less than ours: packed digits and octets are both ``b``, text has no kind. What
cannot be told is taken from hints (rows of the same field elsewhere); what cannot be said there is
left out with a note. The library itself is used in tests only, as the oracle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.codecs.content import EBCDIC_PAGE
from pointsman.codecs.errors import SpecError
from pointsman.codecs.lines import RowError
from pointsman.codecs.rows import check_row
from pointsman.codecs.spec import (
    FIELD_FIRST,
    FIELD_LAST,
    Coding,
    Counts,
    Field,
    Kind,
    Pad,
    Prefix,
    Show,
    Side,
    Spec,
    make_fields,
)

# Header, type, bitmaps; 65 is the third bitmap, which no dialect here has.
NO_ROWS: Final = frozenset({"h", "t", "p", "1", "65"})
Properties = Mapping[str, object]
ENCODINGS: Final = {
    Coding.ASCII: "ascii",
    Coding.EBCDIC: EBCDIC_PAGE,
    Coding.LATIN1: "latin-1",
    Coding.GBK: "gbk",
    Coding.BCD: "bcd",
    Coding.BINARY: "b",
}
CODINGS: Final = {word: coding for coding, word in ENCODINGS.items()} | {
    "latin1": Coding.LATIN1,
    "iso-8859-1": Coding.LATIN1,
    "iso8859_1": Coding.LATIN1,
    "us-ascii": Coding.ASCII,
    # The pages differ in punctuation alone, which no length and no number holds.
    "cp500": Coding.EBCDIC,
    "cp1140": Coding.EBCDIC,
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A spec dictionary, and what of the dialect it cannot say."""

    spec: dict[str, dict[str, object]]
    notes: tuple[str, ...]


def to_pyiso(spec: Spec) -> Exported:
    """Return the dialect as a spec dictionary of pyiso8583."""
    mti = "b" if spec.mti is Coding.BCD else ENCODINGS[spec.mti]
    bitmap = {Coding.BINARY: "b", Coding.HEX: "ascii"}.get(spec.bitmap, EBCDIC_PAGE)
    found: dict[str, dict[str, object]] = {
        "h": _fixed("b", 0, "header: none, see framing"),
        "t": _fixed(mti, spec.mti_size, "message type"),
        "p": _fixed(bitmap, spec.bitmap_size, "bitmap, primary"),
        "1": _fixed(bitmap, spec.bitmap_size, "bitmap, secondary"),
    }
    notes = []
    for number, field in spec.fields.items():
        if field.kind is Kind.SIGNED and field.packed:
            notes.append(f"field {number}: packed x+n has no counterpart")
        elif field.prefix and field.prefix.counts is Counts.OCTETS:
            notes.append(f"field {number}: hex counted in octets has no counterpart")
        else:
            found[str(number)] = _export(field)
    return Exported(found, tuple(notes))


def from_pyiso(
    name: str, source: Mapping[str, Properties], hints: Mapping[int, Field], framing: str = "len2"
) -> Spec:
    """Return a dialect from a spec dictionary; raises SpecError with the key as its path.

    ``hints`` say what a field is where the dictionary cannot: kind, name, who may see it.
    """
    rows = {}
    for key, properties in source.items():
        if key in NO_ROWS:
            continue
        number = int(key) if key.isascii() and key.isdecimal() else 0
        if not FIELD_FIRST <= number <= FIELD_LAST:
            raise SpecError(f"no field {key!r}", path=name, line=1)
        try:
            rows[number] = _import(number, properties, hints.get(number))
        except (RowError, KeyError) as error:
            raise SpecError(f"field {key}: {error}", path=name, line=1) from None
    kinds = {"b": Coding.BCD}
    mti = _coding(source["t"].get("data_enc"))
    bitmap = _coding(source["p"].get("data_enc"))
    return Spec(
        name=name,
        title=f"{name}, from a pyiso8583 dictionary",
        mti=kinds["b"] if mti is Coding.BINARY else mti,
        bitmap=Coding.HEX if bitmap is Coding.ASCII else bitmap,
        framing=framing,
        fields=make_fields(rows),
        path=name,
    )


def _fixed(encoding: str, size: int, words: str) -> dict[str, object]:
    return {
        "data_enc": encoding,
        "len_enc": "ascii",
        "len_type": 0,
        "max_len": size,
        "desc": words,
    }


def _export(field: Field) -> dict[str, object]:
    size = field.size
    row = _fixed("ascii" if field.coding is Coding.HEX else "b", size, field.name)
    if field.coding not in (Coding.BCD, Coding.BINARY, Coding.HEX):
        row["data_enc"] = ENCODINGS[field.coding]
    counts = field.prefix.counts if field.prefix else None
    if field.coding is Coding.HEX:
        row["max_len"] = size * 2
    elif field.packed and counts is Counts.BYTES:
        row["max_len"] = size // 2
    elif field.packed:
        row["len_count"] = "nibbles"
        if size % 2 or field.prefix:
            row[f"{field.pad.side.value}_pad"] = field.pad.nibble
    elif field.coding is Coding.BINARY and counts is Counts.DIGITS:
        row |= {"len_count": "nibbles", "max_len": size * 2}
    if field.prefix:
        row |= {"len_enc": ENCODINGS[field.prefix.coding], "len_type": field.prefix.size}
    return row


def _import(number: int, row: Properties, hint: Field | None) -> Field:
    nibbles = row.get("len_count", "bytes") == "nibbles"
    kind = hint.kind if hint else Kind.TEXT
    coding = _coding(row["data_enc"])
    size = _number(row["max_len"])
    if coding is Coding.BINARY and (nibbles or kind in (Kind.DIGITS, Kind.TRACK)):
        coding = Coding.BCD
        kind = kind if kind in (Kind.DIGITS, Kind.TRACK) else Kind.TRACK
        size = size if nibbles else size * 2
    elif coding is Coding.BINARY:
        kind = Kind.BYTES
    elif kind is Kind.BYTES and coding is Coding.ASCII and size % 2 == 0:
        coding, size = Coding.HEX, size // 2
    elif kind is Kind.BYTES or coding in (Coding.LATIN1, Coding.GBK):
        kind = Kind.TEXT
    side = Side.LEFT if row.get("left_pad") else Side.RIGHT
    nibble = str(row.get("left_pad") or row.get("right_pad") or "0")[:1].upper()
    prefix = None
    places = _number(row["len_type"])
    if places:
        by_digits = nibbles and coding is Coding.BCD
        counts = Counts.DIGITS if by_digits else Counts.BYTES
        prefix = Prefix(_coding(row["len_enc"]), places, counts)
    name = hint.name if hint else f"field_{number}"
    show = hint.show if hint else Show.HIDE
    field = Field(number, name, kind, coding, size, prefix, Pad(side, nibble), show)
    check_row(field)
    return field


def _coding(word: object) -> Coding:
    found = CODINGS.get(str(word).lower())
    if found is None:
        raise RowError(f"encoding {word!r} is not known here")
    return found


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RowError("a size is not a number")
    return value
