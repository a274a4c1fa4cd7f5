"""A message told to people and programs: every byte's place, every field, the first fault.

Values are masked by their class unless the caller says otherwise. Finding out what the bytes are
is guess.py's; words for values are meaning.py's; drawing the table is cli/decode.py's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pointsman.codecs.errors import DecodeError
from pointsman.codecs.header import HeaderKind
from pointsman.codecs.lengths import PREFIX_SIZE
from pointsman.codecs.mask import HIDDEN, mask_value
from pointsman.codecs.meaning import meaning_of
from pointsman.codecs.mti import describe_mti
from pointsman.codecs.opening import Opening
from pointsman.codecs.parts import Parted, part_field
from pointsman.codecs.spec import Field, Kind, Show, Spec
from pointsman.codecs.walk import Far, walk_far

HEX_SHOWN = 24  # characters of bytes in one line of the table


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: place, label, name, and what may be seen of bytes and value."""

    offset: int
    size: int
    label: str
    name: str
    value: str = ""
    meaning: str = ""
    octets: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """A message by one dialect: how far it decodes, its parts, and its first fault if any."""

    wire: bytes
    opening: Opening
    spec: Spec
    far: Far
    parts: dict[int, Parted]
    error: DecodeError | None

    def __repr__(self) -> str:
        return f"Explained({self.spec.name}, {self.far!r})"


def explain(wire: bytes, opening: Opening, spec: Spec) -> Explained:
    """Read ``wire`` as opened, by ``spec``; never raises. The fault's offset counts from wire."""
    far = walk_far(spec, opening.envelope.body)
    parts: dict[int, Parted] = {}
    if far.head is not None:
        for number in far.values:
            parted = part_field(spec, number, far.head.mti, far.values.get)
            if parted.parts or parted.error:
                parts[number] = parted
    return Explained(wire, opening, spec, far, parts, _first_fault(opening, far, parts))


def _first_fault(opening: Opening, far: Far, parts: dict[int, Parted]) -> DecodeError | None:
    # A field's fault says more than a length that announces too much, its usual cause.
    error, start = far.error, opening.offset
    if error is None and opening.fault is not None:
        return opening.fault
    if error is None:
        for number, parted in parts.items():
            # What breaks at its very first part is private data of another kind, not a fault.
            if parted.error is not None and parted.parts:
                error, start = parted.error, start + far.spans[number][0]
                break
    if error is None:
        return None
    return DecodeError(
        error.reason,
        field=error.field,
        sub=error.sub,
        offset=start + error.offset,
        mti=error.mti,
        decoded=far.values,
    )


def shown_value(field: Field, value: str) -> str:
    """Return a field's value as its class may be seen."""
    if field.kind is Kind.BYTES and field.show is Show.MASK:
        return HIDDEN  # the ends of octets are not the ends of a card number; see its parts
    return mask_value(field.show, value)


def as_json(explained: Explained, *, unmasked: bool = False) -> dict[str, object]:
    """Return the object that ``pointsman decode --json`` prints."""
    far, spec, opening = explained.far, explained.spec, explained.opening
    fields = {
        str(n): value if unmasked else shown_value(spec.fields[n], value)
        for n, value in far.values.items()
    }
    sub = {
        str(n): {part.key: part.value if unmasked else part.shown for part in parted.parts}
        for n, parted in explained.parts.items()
    }
    error = explained.error
    return {
        "format": spec.name,
        "framing": opening.framing.name if opening.framing else None,
        "tpdu": opening.envelope.tpdu.hex().upper() or None,
        "header": opening.envelope.header.hex().upper() or None,
        "mti": far.head.mti if far.head else None,
        "bitmap": far.head.bits.hex().upper() if far.head else None,
        "fields": fields,
        "sub": sub,
        "error": error
        and {
            "field": error.field,
            "sub": error.sub,
            "offset": error.offset,
            "reason": error.reason,
        },
    }


def lines(explained: Explained, *, unmasked: bool = False) -> Iterator[Line]:
    """Yield the lines of the table, in the order of the bytes."""
    yield from _frame_lines(explained)
    far, spec = explained.far, explained.spec
    if far.head is None:
        return
    base = explained.opening.offset
    size = spec.mti_size
    yield Line(base, size, "MTI", "message type", far.head.mti, describe_mti(far.head.mti))
    numbers = " ".join(map(str, far.values))
    bits = far.head.bits.hex().upper()
    yield Line(base + size, far.head.end - size, "bitmap", "fields present", bits, numbers)
    for number, value in far.values.items():
        field = spec.fields[number]
        open_to_all = unmasked or field.show is Show.SHOW
        start, end = far.spans[number]
        octets = explained.wire[base + start : base + end].hex().upper() if open_to_all else ""
        yield Line(
            base + start,
            end - start,
            str(number),
            field.name.replace("_", " "),
            value if unmasked else shown_value(field, value),
            meaning_of(number, value) if field.show is Show.SHOW else "",
            octets if len(octets) <= HEX_SHOWN else f"{octets[:HEX_SHOWN]}..",
        )
        parted = explained.parts.get(number)
        if parted and parted.error and not parted.parts:
            yield Line(-1, 0, "", f"not divided: {parted.error.reason}")
        for part in parted.parts if parted else ():
            seen = part.value if unmasked else part.shown
            yield Line(-1, 0, "  " * part.depth + part.key, part.name, seen)


def _frame_lines(explained: Explained) -> Iterator[Line]:
    opening = explained.opening
    framing, envelope = opening.framing, opening.envelope
    if framing is None:
        return
    at = 0
    if opening.has_length:
        size = PREFIX_SIZE[framing.length]
        octets = explained.wire[:size].hex().upper()
        yield Line(0, size, "length", framing.length.value, octets=octets)
        at = size
    for label, piece, words in (
        ("TPDU", envelope.tpdu, _tpdu_words(envelope.tpdu)),
        ("monitor", envelope.monitor, ""),
        ("header", envelope.header, _header_words(framing.header, envelope.header)),
    ):
        if piece:
            yield Line(at, len(piece), label, words, octets=piece.hex().upper())
            at += len(piece)


def _tpdu_words(tpdu: bytes) -> str:
    digits = tpdu.hex()
    return f"to {digits[2:6]}, from {digits[6:]}"


def _header_words(kind: HeaderKind, header: bytes) -> str:
    if kind is not HeaderKind.CUP6:
        return kind.title
    digits = header.hex()
    return f"class {digits[:2]}, state {digits[4]}, asks {digits[5]}"
