"""Where the fields of one bitmap stand, as expressions in generated code.

A place is a base (the end of a variable field, known when the code runs) and a count of bytes
behind it. The lines that measure the variable fields are made here; what is done with the places
is emit_decode.py's.
"""

from dataclasses import dataclass
from typing import Final

from pointsman.codecs.spec import Coding, Counts, Field, Kind, Prefix, Spec
from pointsman.codecs.tables import BCD, ascii_lengths, ebcdic_lengths

Namespace = dict[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """``base`` is the number of the variable field it is measured from, 0 for the start."""

    base: int
    count: int

    def plus(self, count: int) -> "Place":
        """Return the place ``count`` bytes further on."""
        return Place(self.base, self.count + count)

    @property
    def text(self) -> str:
        """The index into bytes and text images."""
        if not self.base:
            return str(self.count)
        return f"e{self.base} + {self.count}" if self.count else f"e{self.base}"

    def hex_text(self, shift: int = 0) -> str:
        """Return the index into the hex image, ``shift`` characters on."""
        count = self.count * 2 + shift
        if not self.base:
            return str(count)
        if not count:
            return f"d{self.base}"
        return f"d{self.base} {'+' if count > 0 else '-'} {abs(count)}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A field and its places: where its length begins, its content begins, and it ends."""

    field: Field
    head: Place
    start: Place
    end: Place


def place_fields(spec: Spec, numbers: tuple[int, ...], bitmap_size: int) -> tuple[Placed, ...]:
    """Return the places of ``numbers`` behind type and bitmap."""
    place = Place(0, spec.mti_size + bitmap_size)
    placed = []
    for number in numbers:
        field = spec.fields[number]
        if field.prefix is None:
            start, end = place, place.plus(field.wire_size(field.size))
        else:
            start, end = place.plus(field.prefix.size), Place(number, 0)
        placed.append(Placed(field, place, start, end))
        place = end
    return tuple(placed)


def measure(placed: tuple[Placed, ...], hex_bases: bool, names: Namespace) -> list[str]:
    """Return the lines that set ``nN`` (units), ``eN`` (end) and ``dN`` (its hex index)."""
    lines = []
    for one in placed:
        field = one.field
        if field.prefix is None:
            continue
        n = f"n{field.number}"
        lines.append(f"{n} = {_count(field.prefix, one.head, names)}  # {field.name}")
        lines.append(f"e{field.number} = {one.start.text} + {_wire(field, n)}")
        if hex_bases:
            lines.append(f"d{field.number} = e{field.number} * 2")
    return lines


def doubts(placed: tuple[Placed, ...]) -> list[str]:
    """Return the conditions on lengths under which the walk must decide."""
    conditions = []
    for one in placed:
        field = one.field
        if field.prefix is None:
            continue
        n = f"n{field.number}"
        match field.prefix.counts:
            case Counts.BYTES if field.coding is Coding.BCD:
                conditions.append(f"{n} > {field.size // 2}")
            case Counts.BYTES if field.coding is Coding.HEX:
                conditions.append(f"{n} > {field.size * 2} or {n} & 1")
            case Counts.DIGITS if field.kind is Kind.BYTES:
                conditions.append(f"{n} > {field.size * 2} or {n} & 1")
            case _:
                conditions.append(f"{n} > {field.size}")
    return conditions


def _wire(field: Field, n: str) -> str:
    assert field.prefix is not None
    match field.prefix.counts:
        case Counts.DIGITS if field.kind is Kind.BYTES and field.coding is Coding.BINARY:
            return f"({n} >> 1)"
        case Counts.DIGITS if field.coding is Coding.BCD:
            return f"({n} + 1 >> 1)"
        case Counts.OCTETS:
            return f"{n} * 2"
        case _:
            return n


def _count(prefix: Prefix, at: Place, names: Namespace) -> str:
    index, last = at.text, at.plus(prefix.size).text
    match prefix.coding:
        case Coding.BCD:
            names["BCD"] = BCD
            byte_values = [f"BCD[body[{at.plus(i).text}]]" for i in range(prefix.size)]
            total = byte_values[0]
            for value in byte_values[1:]:
                total = (
                    f"{total} * 100 + {value}" if "*" not in total else f"({total}) * 100 + {value}"
                )
            return total
        case Coding.BINARY if prefix.size == 1:
            return f"body[{index}]"
        case Coding.BINARY:
            return f'int.from_bytes(body[{index}:{last}], "big")'
        case Coding.EBCDIC:
            names[f"EBCDIC{prefix.size}"] = ebcdic_lengths(prefix.size)
            return f"EBCDIC{prefix.size}[body[{index}:{last}]]"
        case _:
            names[f"ASCII{prefix.size}"] = ascii_lengths(prefix.size)
            return f"ASCII{prefix.size}[body[{index}:{last}]]"


END_SIZE: Final = "len(body)"


def end_doubt(place: Place) -> str:
    """Return the condition that the last field does not end with the message."""
    return f"{place.text} != {END_SIZE}"
