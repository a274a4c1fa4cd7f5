"""Source code that decodes a few fields of one bitmap's messages and passes over the rest.

Only stretches that hold wanted fields become text, each on its own, so that large fields nobody
asked for cost nothing. Lengths are measured as far as the last wanted field; what is behind it is
not looked at. The rest is as in emit_decode.py.
"""

from dataclasses import dataclass

from pointsman.codecs.content import EBCDIC_PAGE
from pointsman.codecs.cuts import IMAGES, Check, Image, View, check_of, own_checks, value_of
from pointsman.codecs.emit_decode import check_text, function, guard
from pointsman.codecs.places import (
    Namespace,
    Place,
    Placed,
    doubts,
    measure,
    place_fields,
)
from pointsman.codecs.spec import Coding, Kind, Spec
from pointsman.codecs.tables import DoubtError

GAP_SIZE_MAX = 48  # bytes between two wanted fields that are cheaper to take along


@dataclass(slots=True)
class _Stretch:
    image: Image
    check: Check
    fields: list[Placed]

    def alike(self, one: Placed) -> bool:
        """Say whether ``one`` passes the same check in the same image."""
        return (
            self.check is not Check.NONE
            and one.start.base == one.head.base == self.fields[0].start.base
            and (self.image, self.check) == (IMAGES[one.field.coding], check_of(one))
        )

    def near(self, one: Placed) -> bool:
        """Say whether ``one`` is near enough to take along what is between."""
        last = self.fields[-1].end
        return last.base == one.start.base and one.start.count - last.count <= GAP_SIZE_MAX


def emit_peek(
    spec: Spec, numbers: tuple[int, ...], bitmap_size: int, wanted: tuple[int, ...]
) -> tuple[str, Namespace]:
    """Return source of ``decode(body)`` for the wanted fields, and the names it needs."""
    names: Namespace = {"DoubtError": DoubtError}
    # What is behind the last wanted field may even have no row.
    last = max((number for number in numbers if number in wanted), default=0)
    near = tuple(number for number in numbers if number <= last)
    placed = place_fields(spec, near, bitmap_size)
    end = placed[-1].end if placed else Place(0, spec.mti_size + bitmap_size)
    lines = measure(placed, False, names)
    lines += guard(" or ".join([f"{end.text} > len(body)", *doubts(placed)]))
    mti = {
        Coding.BCD: "body[:2].hex()",
        Coding.ASCII: 'str(body[:4], "latin-1")',
        Coding.EBCDIC: f'str(body[:4], "{EBCDIC_PAGE}")',
    }
    lines.append(f"mti = {mti[spec.mti]}")
    checks, values = ["mti.isdecimal()"], []
    for i, stretch in enumerate(_stretches(placed, wanted)):
        view = View(f"x{i}", stretch.image, stretch.fields[0].start)
        lines.append(f"x{i} = {_image(stretch)}")
        if stretch.check is not Check.NONE:
            checks.append(_whole_check(view, stretch))
        for one in stretch.fields:
            text = View(f"t{i}", Image.TEXT, one.start)
            if one.field.kind is Kind.SIGNED and one.field.packed:
                lines.append(f't{i} = str(body[{one.start.text}:{one.end.text}], "latin-1")')
            checks += own_checks(one, view, text, names)
            value = value_of(one, view, text)
            values.append(f"    {one.field.number}: {value},  # {one.field.name}")
    lines += guard("not (" + " and ".join(checks) + ")")
    lines += ["return Message(shape, body, mti, None, {", *values, "})"]
    return function("decode(body)", lines), names


def _stretches(placed: tuple[Placed, ...], wanted: tuple[int, ...]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    joined = False  # whether everything since the last wanted field is alike
    for one in placed:
        joined = joined and stretches[-1].alike(one)
        if one.field.number not in wanted:
            continue
        if joined and stretches[-1].near(one):
            stretches[-1].fields.append(one)
        else:
            stretches.append(_Stretch(IMAGES[one.field.coding], check_of(one), [one]))
        joined = True
    return stretches


def _image(stretch: _Stretch) -> str:
    piece = f"body[{stretch.fields[0].start.text}:{stretch.fields[-1].end.text}]"
    match stretch.image:
        case Image.HEX:
            letters = any(one.field.kind is not Kind.DIGITS for one in stretch.fields)
            return f"{piece}.hex(){'.upper()' if letters else ''}"
        case Image.TEXT:
            return f'str({piece}, "latin-1")'
        case Image.EBCDIC:
            return f'str({piece}, "{EBCDIC_PAGE}")'
        case Image.NONE:
            return piece


def _whole_check(view: View, stretch: _Stretch) -> str:
    if stretch.check is Check.DIGITS:
        return check_text(view.name, stretch.image, stretch.check)
    name = view.name
    if stretch.image is Image.TEXT:
        return f"{name}.isprintable() and {name}.isascii()"
    return f"{name}.isprintable()"
