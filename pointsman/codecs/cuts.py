"""How one field is cut out of a view of the message, in generated code.

A view is a text or hex image of the whole message, or of one stretch of it. What the whole
function looks like is emit_decode.py's and emit_peek.py's, where the fields stand places.py's.
"""

from binascii import unhexlify
from dataclasses import dataclass
from enum import Enum

from pointsman.codecs.places import Namespace, Place, Placed
from pointsman.codecs.spec import Coding, Counts, Kind, Side


class Image(Enum):
    """A view of the whole message from which values are cut."""

    HEX = "h"
    TEXT = "t"
    EBCDIC = "e"
    NONE = ""


class Check(Enum):
    """What has to hold for a run of neighbours."""

    DIGITS = "isdecimal"
    PRINTABLE = "isprintable"
    NONE = ""


@dataclass(frozen=True, slots=True)
class View:
    """A name in generated code: an image of the message from ``origin`` on.

    Within a view of a stretch, all places have the origin's base but the very end.
    """

    name: str
    image: Image
    origin: Place | None = None

    def index(self, place: Place, shift: int = 0) -> str:
        """Return the index of ``place``, ``shift`` characters on; empty for the view's end."""
        wide = self.image is Image.HEX
        if self.origin is None:
            assert wide or not shift
            return place.hex_text(shift) if wide else place.text
        if place.base != self.origin.base:
            return str(shift) if shift else ""
        return str((place.count - self.origin.count) * (2 if wide else 1) + shift)

    def cut(self, start: Place, end: Place, first: int = 0, last: int = 0) -> str:
        """Return the slice between two places, moved by characters at either end."""
        indices = f"{self.index(start, first)}:{self.index(end, last)}"
        return self.name if self.origin and indices == "0:" else f"{self.name}[{indices}]"


IMAGES = {
    Coding.BCD: Image.HEX,
    Coding.BINARY: Image.HEX,
    Coding.ASCII: Image.TEXT,
    Coding.LATIN1: Image.TEXT,
    Coding.HEX: Image.TEXT,
    Coding.EBCDIC: Image.EBCDIC,
    Coding.GBK: Image.NONE,
}


def check_of(one: Placed) -> Check:
    """Return what a run that holds this field must pass."""
    match one.field.kind:
        case Kind.DIGITS:
            # A pad that is not a digit would fail its neighbours: such a field is checked alone.
            odd = one.field.packed and (one.field.prefix is not None or one.field.size % 2)
            return Check.NONE if odd and one.field.pad.nibble > "9" else Check.DIGITS
        case Kind.TEXT if one.field.coding in (Coding.ASCII, Coding.EBCDIC):
            return Check.PRINTABLE
        case _:
            return Check.NONE


def own_checks(one: Placed, view: View, text: View, names: Namespace) -> list[str]:
    """Return what has to hold for this field beyond its run; ``text`` shows signs."""
    field = one.field
    piece = view.cut(one.start, one.end)
    match field.kind:
        case Kind.DIGITS if check_of(one) is Check.NONE:
            value = value_of(one, view, text)
            return [f"({value} or '0').isdecimal()"]
        case Kind.TRACK if not field.packed:
            # Anything but digits and one separator is left to the walk.
            return [f'({piece}.replace("=", "0", 1) or "0").isdecimal()']
        case Kind.SIGNED:
            behind = one.start.plus(1)
            sign = text if field.packed else view
            first = sign.cut(one.start, behind)
            return [f'{first} in ("C", "D")', f"{view.cut(behind, one.end)}.isdecimal()"]
        case Kind.BYTES if field.coding is Coding.HEX:
            names["unhexlify"] = unhexlify
            return [f"unhexlify({piece}) is not None"]
        case _:
            return []


def value_of(one: Placed, view: View, text: View) -> str:
    """Return the expression of this field's value."""
    field = one.field
    start, end = one.start, one.end
    if field.coding is Coding.GBK:
        return f'str(body[{start.text}:{end.text}], "gbk")'
    if field.kind is Kind.SIGNED and field.packed:
        return f"{text.cut(start, start.plus(1))} + {view.cut(start.plus(1), end)}"
    if field.coding is Coding.HEX:
        return f"{view.cut(start, end)}.upper()"
    if not field.packed:
        return view.cut(start, end)
    left = field.pad.side is Side.LEFT
    if field.prefix is None:
        odd = field.size % 2
        return view.cut(start, end, 1 if odd and left else 0, -1 if odd and not left else 0)
    if field.prefix.counts is Counts.BYTES:
        return view.cut(start, end)
    if left:
        return f"{view.cut(start, end)}[n{field.number} & 1:]"
    index = view.index(start)
    end_index = f"n{field.number}" if index == "0" else f"{index} + n{field.number}"
    return f"{view.name}[{index}:{end_index}]"
