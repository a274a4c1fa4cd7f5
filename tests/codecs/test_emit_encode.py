"""The text of encoding code, and values it leaves to the careful way."""

import ast

import pytest

from pointsman.codecs.codec import get_spec
from pointsman.codecs.emit_encode import emit_encode
from pointsman.codecs.errors import EncodeError
from pointsman.codecs.shape import compile_encode
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import golden, golden_messages

SALE = golden("cup-sale-chip-pin-req")
CUP = get_spec("cup-bcd")


def test_code_is_one_straight_function() -> None:
    for message in golden_messages():
        source, _ = emit_encode(get_spec(message.dialect), tuple(sorted(message.fields)))
        tree = ast.parse(source)
        assert not any(isinstance(node, ast.For | ast.While | ast.Try) for node in ast.walk(tree))
        assert not any(value in source for value in message.fields.values() if len(value) > 8)


def test_short_text_is_filled_by_the_code() -> None:
    fields = SALE.fields | {41: "TERM"}
    body = compile_encode(CUP, tuple(sorted(fields)))(SALE.mti, fields)
    assert body == walk_encode(CUP, SALE.mti, fields)[0]


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (4, "12"),
        (4, "00000001000x"),
        (2, "1" * 20),
        (35, "62=30"),
        (41, "T" * 9),
        (52, "0"),
        (55, "9"),
    ],
)
def test_what_does_not_plainly_fit_is_left_to_the_careful_way(number: int, value: str) -> None:
    fields = SALE.fields | {number: value}
    with pytest.raises((ValueError, LookupError)):
        compile_encode(CUP, tuple(sorted(fields)))(SALE.mti, fields)
    if number == 35:
        assert walk_encode(CUP, SALE.mti, fields)
    else:
        with pytest.raises(EncodeError):
            walk_encode(CUP, SALE.mti, fields)
