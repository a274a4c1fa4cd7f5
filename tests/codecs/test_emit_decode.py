"""The text of decoding code: one function, no loop, places of contents."""

import ast

from pointsman.codecs.codec import get_spec
from pointsman.codecs.emit_decode import emit_decode, emit_spans
from tests.codecs.golden import golden_messages


def test_code_is_one_straight_function() -> None:
    for message in golden_messages():
        spec = get_spec(message.dialect)
        size = spec.bitmap_size * (2 if max(message.fields) > 64 else 1)
        for emit in (emit_decode, emit_spans):
            source, _ = emit(spec, tuple(message.fields), size)
            tree = ast.parse(source)
            assert [type(node).__name__ for node in tree.body] == ["FunctionDef"]
            loops = (ast.For, ast.While, ast.ListComp, ast.DictComp, ast.Try)
            assert not any(isinstance(node, loops) for node in ast.walk(tree))
            assert not any(value in source for value in message.fields.values() if len(value) > 8)


def test_message_without_fields_has_code_too() -> None:
    source, _ = emit_decode(get_spec("cup-bcd"), (), 8)
    assert "10 != len(body)" in source
