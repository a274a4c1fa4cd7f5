"""How single fields are cut out of a view, as text of generated code."""

import pytest

from pointsman.codecs.cuts import Check, Image, View, check_of, own_checks, value_of
from pointsman.codecs.places import Place, Placed
from pointsman.codecs.rows import read_row

HEX = View("h", Image.HEX)
TEXT = View("t", Image.TEXT)


def placed(**columns: object) -> Placed:
    field = read_row(7, {"name": "x", "size": 3, "kind": "n", "coding": "bcd"} | columns, None)
    start = Place(0, 10)
    end = start.plus(field.wire_size(field.size)) if field.prefix is None else Place(7, 0)
    return Placed(field, start, start, end)


@pytest.mark.parametrize(
    ("columns", "view", "text"),
    [
        ({}, HEX, "h[20:23]"),
        ({"pad": "left 0"}, HEX, "h[21:24]"),
        ({"size": 4}, HEX, "h[20:24]"),
        ({"coding": "ascii"}, TEXT, "t[10:13]"),
        ({"kind": "b", "coding": "hex"}, TEXT, "t[10:16].upper()"),
        ({"kind": "b", "coding": "binary"}, HEX, "h[20:26]"),
        ({"length": "bcd 1 digits"}, HEX, "h[20:20 + n7]"),
        ({"length": "bcd 1 digits", "pad": "left F"}, HEX, "h[20:d7][n7 & 1:]"),
        ({"length": "bcd 1 bytes"}, HEX, "h[20:d7]"),
        ({"kind": "x+n"}, HEX, "t[10:11] + h[22:24]"),
        (
            {"kind": "ans", "coding": "gbk", "length": "bcd 1 bytes"},
            TEXT,
            'str(body[10:e7], "gbk")',
        ),
    ],
)
def test_value_is_a_slice(columns: dict[str, object], view: View, text: str) -> None:
    assert value_of(placed(**columns), view, TEXT) == text


def test_view_of_a_stretch_counts_from_its_origin() -> None:
    view = View("x1", Image.HEX, Place(7, 4))
    assert view.cut(Place(7, 6), Place(7, 9)) == "x1[4:10]"
    assert view.cut(Place(7, 4), Place(8, 0)) == "x1"
    assert view.cut(Place(7, 5), Place(8, 0), 1, -1) == "x1[3:-1]"


def test_field_with_a_pad_that_is_no_digit_is_checked_alone() -> None:
    assert check_of(placed(pad="right 0")) is Check.DIGITS
    alone = placed(pad="right F")
    assert check_of(alone) is Check.NONE
    assert own_checks(alone, HEX, TEXT, {}) == ["(h[20:23] or '0').isdecimal()"]
    assert check_of(placed(kind="ans", coding="latin-1")) is Check.NONE
    assert check_of(placed(kind="ans", coding="ascii")) is Check.PRINTABLE
