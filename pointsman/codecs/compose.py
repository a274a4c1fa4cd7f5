"""A private field from its parts: the way back from what parts.py shows of one.

Chooses among the dialect's layouts and joins. The joining of one layout is private.py's, of chip
data tlv.py's.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from pointsman.codecs.errors import EncodeError
from pointsman.codecs.private import (
    Get,
    join_positions,
    join_tags,
    layouts_of,
    octets_of,
)
from pointsman.codecs.spec import Layout, LayoutKind, Spec
from pointsman.codecs.tlv import Tlv, build_tlv

LEAD: Final = "lead"
"""The part that holds the characters before the first tag, where a layout skips some."""


def compose_field(spec: Spec, number: int, mti: str, get: Get, parts: Mapping[str, str]) -> str:
    """Return the value of a private field, given its parts by the keys that decoding shows.

    Several layouts may hold for a message type; the first that takes these parts is used. Raises
    EncodeError where none does, with what the first one lacks.
    """
    fault = EncodeError("has no parts in this dialect and message", field=number)
    first = True
    for layout in layouts_of(spec, number, mti, get):
        try:
            value = _joined(layout, parts)
            if layout.size is None or layout.size == len(value):
                return octets_of(spec, number, value) if layout.kind is LayoutKind.TAGS else value
        except EncodeError as error:
            fault, first = (error if first else fault), False
    raise fault


def _joined(layout: Layout, parts: Mapping[str, str]) -> str:
    match layout.kind:
        case LayoutKind.POSITIONS:
            return join_positions(layout, parts)
        case LayoutKind.TAGS:
            tags = {key: value for key, value in parts.items() if key != LEAD}
            return join_tags(layout, tags, parts.get(LEAD, ""))
        case LayoutKind.BER:
            return build_tlv(_objects(layout, parts)).hex().upper()


def _objects(layout: Layout, parts: Mapping[str, str]) -> Iterator[Tlv]:
    for tag, value in parts.items():
        try:
            one = Tlv(tag, bytes.fromhex(value))
        except ValueError:
            raise EncodeError("is not hex", field=layout.field, sub=tag) from None
        if one.constructed:
            raise EncodeError("holds other tags; give it whole", field=layout.field, sub=tag)
        yield one
