"""Source code that decodes the messages of one bitmap, in one straight line.

Values are slices of one text or hex image of the whole message; neighbouring fields of one class
are checked together. The code refuses by DoubtError whatever is not plainly right; then the careful
walk decides. Print it with ``pointsman spec compile NAME --bitmap HEX --show``.
"""

from dataclasses import dataclass

from pointsman.codecs.content import EBCDIC_PAGE
from pointsman.codecs.cuts import (
    IMAGES,
    Check,
    Image,
    View,
    check_of,
    own_checks,
    value_of,
)
from pointsman.codecs.places import (
    Namespace,
    Place,
    Placed,
    doubts,
    end_doubt,
    measure,
    place_fields,
)
from pointsman.codecs.spec import Coding, Kind, Spec
from pointsman.codecs.tables import DoubtError

WHOLE = {image: View(image.value, image) for image in Image}
MTI_CUT = {Image.HEX: "h[:4]", Image.TEXT: "t[:4]", Image.EBCDIC: "e[:4]"}


@dataclass(slots=True)
class _Run:
    image: Image
    check: Check
    start: Place
    end: Place


def emit_decode(spec: Spec, numbers: tuple[int, ...], bitmap_size: int) -> tuple[str, Namespace]:
    """Return source of ``decode(body)`` and the names it needs besides Message and shape."""
    names: Namespace = {"DoubtError": DoubtError}
    placed = place_fields(spec, numbers, bitmap_size)
    end = placed[-1].end if placed else Place(0, spec.mti_size + bitmap_size)
    images = {IMAGES[one.field.coding] for one in placed} | {IMAGES[spec.mti]}
    if any(one.field.kind is Kind.SIGNED and one.field.packed for one in placed):
        images.add(Image.TEXT)
    lines = measure(placed, Image.HEX in images, names)
    lines += guard(" or ".join([end_doubt(end), *doubts(placed)]))
    lines += _images(images, placed)
    lines.append(f"mti = {MTI_CUT[IMAGES[spec.mti]]}")
    checks = ["mti.isdecimal()"]
    checks += [_check(run) for run in _runs(placed) if run.check is not Check.NONE]
    values = []
    for one in placed:
        view = WHOLE[IMAGES[one.field.coding]]
        checks += own_checks(one, view, WHOLE[Image.TEXT], names)
        value = value_of(one, view, WHOLE[Image.TEXT])
        values.append(f"    {value},  # {one.field.number} {one.field.name}")
    lines += guard("not (" + " and ".join(checks) + ")")
    lines += ["return Message(shape, body, mti, (", *values, "))"]
    return function("decode(body)", lines), names


def emit_spans(spec: Spec, numbers: tuple[int, ...], bitmap_size: int) -> tuple[str, Namespace]:
    """Return source of ``spans(body)``, which gives start and end of each content by number."""
    names: Namespace = {"DoubtError": DoubtError}
    placed = place_fields(spec, numbers, bitmap_size)
    end = placed[-1].end if placed else Place(0, spec.mti_size + bitmap_size)
    lines = measure(placed, False, names)
    lines += guard(" or ".join([end_doubt(end), *doubts(placed)]))
    lines.append("return {")
    lines += [
        f"    {one.field.number}: ({one.start.text}, {one.end.text}),  # {one.field.name}"
        for one in placed
    ]
    lines.append("}")
    return function("spans(body)", lines), names


def guard(condition: str) -> list[str]:
    """Return the lines that give up under a condition."""
    return [f"if {condition}:", "    raise DoubtError"]


def function(head: str, lines: list[str]) -> str:
    """Return the source of a function."""
    return f"def {head}:\n" + "".join(f"    {line}\n" for line in lines)


def _images(images: set[Image], placed: tuple[Placed, ...]) -> list[str]:
    letters = any(
        IMAGES[one.field.coding] is Image.HEX and one.field.kind is not Kind.DIGITS
        for one in placed
    )
    lines = []
    if Image.HEX in images:
        lines.append(f"h = body.hex(){'.upper()' if letters else ''}")
    if Image.TEXT in images:
        lines.append('t = str(body, "latin-1")')
    if Image.EBCDIC in images:
        lines.append(f'e = str(body, "{EBCDIC_PAGE}")')
    return lines


def _runs(placed: tuple[Placed, ...]) -> list[_Run]:
    runs: list[_Run] = []
    for one in placed:
        image, check, prefix = IMAGES[one.field.coding], check_of(one), one.field.prefix
        # Digits of a length may stand in a run; other lengths begin a new one behind themselves.
        inside = prefix is None or (
            IMAGES[prefix.coding] is image and prefix.coding is not Coding.BINARY
        )
        last = runs[-1] if runs else None
        if last and inside and last.end == one.head and (last.image, last.check) == (image, check):
            last.end = one.end
        else:
            runs.append(_Run(image, check, one.head if inside else one.start, one.end))
    return runs


def _check(run: _Run) -> str:
    return check_text(WHOLE[run.image].cut(run.start, run.end), run.image, run.check)


def check_text(piece: str, image: Image, check: Check) -> str:
    """Return the expression that a piece of a view passes its check."""
    if check is Check.DIGITS:
        # Empty text is no digits: a run of one empty field goes to the walk.
        return f"{piece}.isdecimal()"
    if image is Image.TEXT:
        return f"(x := {piece}).isprintable() and x.isascii()"
    return f"{piece}.isprintable()"
