"""Layouts as a file gives them; mistakes and their lines are in test_profile.py."""

from pointsman.codecs.codec import get_spec
from pointsman.codecs.layouts import read_layouts
from pointsman.codecs.lines import Lines
from pointsman.codecs.spec import LayoutKind, Show

ROWS = get_spec("cup-bcd").fields


def test_table_becomes_a_layout_with_its_conditions() -> None:
    table = {
        "field": 48,
        "kind": "positions",
        "mti": "05??",
        "code": "201",
        "size": 62,
        "repeat_after": 1,
        "parts": [{"key": "a", "size": 2}, {"key": "b", "size": 3, "show": "hide", "name": "bee"}],
    }
    (layout,) = read_layouts([table], ROWS, Lines("", "x"))
    assert (layout.kind, layout.mti, layout.code, layout.size) == (
        LayoutKind.POSITIONS, "05??", "201", 62,
    )  # fmt: skip
    assert layout.repeat_after == 1
    first, second = layout.parts
    assert (first.name, first.show) == ("a", Show.SHOW)
    assert (second.name, second.show) == ("bee", Show.HIDE)


def test_tags_and_chip_data_need_no_parts() -> None:
    tables = [{"field": 59, "kind": "tags"}, {"field": 55, "kind": "ber"}]
    tags, chip = read_layouts(tables, ROWS, Lines("", "x"))
    assert (tags.tag_size, tags.length_size, tags.skip) == (2, 3, 0)
    assert chip.kind is LayoutKind.BER
