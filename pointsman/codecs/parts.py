"""The parts of every private field of one message, each with who may see it.

Joins the layouts of the dialect (private.py) and chip data (tlv.py, chip.py) into one shape for
explaining. A private field that breaks its layout is told as a fault; the message stays good.
"""

from dataclasses import dataclass

from pointsman.codecs.chip import show_tag, tag_name
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.mask import mask_value
from pointsman.codecs.private import Get, iterate_tags, layout_of, split_positions, text_of
from pointsman.codecs.spec import Layout, LayoutKind, Show, Spec
from pointsman.codecs.tlv import walk_tlv


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a private field; ``depth`` counts the templates around a tag."""

    key: str
    name: str
    value: str
    show: Show
    depth: int = 0

    @property
    def shown(self) -> str:
        """The value as it may be seen."""
        return mask_value(self.show, self.value)

    def __repr__(self) -> str:
        return f"Part({self.key}, {self.shown})"


@dataclass(frozen=True, slots=True)
class Parted:
    """The parts of one field, and the fault that ended them."""

    parts: tuple[Part, ...]
    error: DecodeError | None = None


def part_field(spec: Spec, number: int, mti: str, get: Get) -> Parted:
    """Return the parts of a field; none without a layout; never raises."""
    value = get(number)
    layout = layout_of(spec, number, mti, get)
    if value is None or layout is None:
        return Parted(())
    parts: list[Part] = []
    try:
        if layout.kind is LayoutKind.BER:
            for depth, one in walk_tlv(bytes.fromhex(value)):
                # A template's value is shown by its contents alone.
                text = "" if one.constructed else one.value.hex().upper()
                show = Show.SHOW if one.constructed else show_tag(one.tag)
                parts.append(Part(one.tag, tag_name(one.tag), text, show, depth))
        elif layout.kind is LayoutKind.TAGS:
            for key, text in iterate_tags(layout, text_of(spec, number, value)):
                parts.append(_named(spec, layout, key, text))
        else:
            found = split_positions(layout, value)
            parts += [_named(spec, layout, key, text) for key, text in found.items()]
    except DecodeError as error:
        told = DecodeError(error.reason, field=number, sub=error.sub, offset=error.offset, mti=mti)
        return Parted(tuple(parts), told)
    return Parted(tuple(parts))


def _named(spec: Spec, layout: Layout, key: str, value: str) -> Part:
    known = {part.key: part for part in layout.parts}
    part = known.get(key) or known.get(key.rpartition(".")[0])
    if part is not None:
        return Part(key, part.name, value, part.show)
    # What no row names may hold anything: the field's own class decides.
    show = Show.SHOW if spec.fields[layout.field].show is Show.SHOW else Show.HIDE
    return Part(key, "unknown", value, show)
