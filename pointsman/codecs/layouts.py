"""The layouts section of a dialect file: how private fields are divided.

Three kinds: by position, by tag and length in characters, BER-TLV. Dividing a value is private.py
and tlv.py; this file reads and checks the tables.
"""

from collections.abc import Mapping
from typing import Final

from pointsman.codecs.lines import Lines, RowError
from pointsman.codecs.spec import Field, Layout, LayoutKind, Show, SubField

SIZES: Final = ("tag_size", "length_size", "skip", "repeat_after", "size")
COLUMNS: Final = frozenset({"field", "kind", "parts", "mti", "code", *SIZES})
PART_COLUMNS: Final = frozenset({"key", "name", "size", "show"})


def read_layouts(section: object, rows: Mapping[int, Field], lines: Lines) -> tuple[Layout, ...]:
    """Return the layouts of a file; raises SpecError."""
    if not isinstance(section, list):
        raise lines.fault("layouts", "layouts are written as [[layouts]]")
    layouts = []
    for nth, table in enumerate(section):
        try:
            layouts.append(_read_layout(table, rows))
        except RowError as error:
            raise lines.fault("field", f"layout: {error}", "layouts", nth) from None
    return tuple(layouts)


def _read_layout(table: Mapping[str, object], rows: Mapping[int, Field]) -> Layout:
    for column in table:
        if column not in COLUMNS:
            raise RowError(f"unknown key {column!r}; known are {', '.join(sorted(COLUMNS))}")
    number = _number(table, "field", None)
    if number not in rows:
        raise RowError(f"the dialect has no field {number}")
    kinds = {kind.value: kind for kind in LayoutKind}
    kind = kinds.get(str(table.get("kind")))
    if kind is None:
        raise RowError(f"kind must be one of {', '.join(kinds)}")
    parts = table.get("parts", [])
    if not isinstance(parts, list):
        raise RowError("parts is a list of { key, name, size, show }")
    repeat = table.get("repeat_after")
    size = table.get("size")
    layout = Layout(
        number,
        kind,
        tuple(_read_part(part, kind) for part in parts),
        tag_size=_number(table, "tag_size", 2),
        length_size=_number(table, "length_size", 3),
        skip=_number(table, "skip", 0),
        repeat_after=None if repeat is None else _number(table, "repeat_after", None),
        mti=_condition(table, "mti"),
        code=_condition(table, "code"),
        size=None if size is None else _number(table, "size", None),
    )
    if kind is LayoutKind.POSITIONS and not layout.parts:
        raise RowError("positions need parts")
    if layout.repeat_after is not None and layout.repeat_after >= len(layout.parts):
        raise RowError("nothing is left to repeat")
    return layout


def _read_part(part: object, kind: LayoutKind) -> SubField:
    if not isinstance(part, dict) or not set(part) <= PART_COLUMNS or "key" not in part:
        raise RowError("a part is { key = ..., name = ..., size = ..., show = ... }")
    shows = {show.value: show for show in Show}
    show = shows.get(str(part.get("show", "show")))
    if show is None:
        raise RowError(f"show must be one of {', '.join(shows)}")
    size = _number(part, "size", 0)
    if kind is LayoutKind.POSITIONS and size == 0:
        raise RowError(f"part {part['key']} needs a size")
    return SubField(str(part["key"]), str(part.get("name", part["key"])), size, show)


def _number(table: Mapping[str, object], key: str, default: int | None) -> int:
    value = table.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RowError(f"{key} must be a number")
    return value


def _condition(table: Mapping[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise RowError(f"{key} must be text")
    return value
