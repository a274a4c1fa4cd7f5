"""Generated code against the careful walk: same messages, same values, same bytes.

What the walk itself must do is in test_walk.py; when code is made at all in test_engine.py.
"""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.codecs.bitmap import write_bitmap
from pointsman.codecs.codec import get_spec
from pointsman.codecs.errors import DecodeError
from pointsman.codecs.shape import Shape, compile_encode
from pointsman.codecs.spec import Spec
from pointsman.codecs.tables import DoubtError
from pointsman.codecs.walk import walk_decode
from pointsman.codecs.write import walk_encode
from tests.codecs.golden import Golden, golden, golden_messages
from tests.codecs.samples import messages, mutations, specs

GIVES_UP = (ValueError, LookupError)


@pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)
def test_code_takes_every_golden_message_without_doubt(message: Golden) -> None:
    spec = get_spec(message.dialect)
    decoded = Shape(spec, write_bitmap(message.fields)).compile_decode()(message.body)
    assert dict(decoded.fields) == message.fields
    encode = compile_encode(spec, tuple(sorted(message.fields)))
    assert encode(message.mti, message.fields) == message.body


@settings(max_examples=100)
@given(st.data())
def test_code_and_walk_agree_on_drawn_dialects(data: st.DataObject) -> None:
    spec = data.draw(specs())
    mti, fields = data.draw(messages(spec))
    body, spans = walk_encode(spec, mti, fields)
    shape = Shape(spec, write_bitmap(fields))
    assert walk_decode(spec, body).values == fields
    assert walk_decode(spec, body).spans == spans == shape.read_spans(body)
    for number in fields:
        assert shape.read_span(body, number) == spans[number]
    _agree(shape, spec, body)
    with suppress(*GIVES_UP):  # doubt is always allowed; speed is measured elsewhere
        assert compile_encode(spec, tuple(sorted(fields)))(mti, fields) == body


@settings(max_examples=100)
@given(st.data())
def test_code_and_walk_agree_on_mutated_messages(data: st.DataObject) -> None:
    spec = data.draw(specs())
    mti, fields = data.draw(messages(spec))
    body, _ = walk_encode(spec, mti, fields)
    start = spec.mti_size + len(write_bitmap(fields)) // 8 * spec.bitmap_size
    changed = body[:start] + data.draw(mutations(body[start:]))
    _agree(Shape(spec, write_bitmap(fields)), spec, changed)


@settings(max_examples=100)
@given(st.sampled_from(golden_messages()), st.data())
def test_code_and_walk_agree_on_mutated_golden_messages(
    message: Golden, data: st.DataObject
) -> None:
    spec = get_spec(message.dialect)
    start = spec.mti_size + len(write_bitmap(message.fields)) // 8 * spec.bitmap_size
    changed = message.body[:start] + data.draw(mutations(message.body[start:]))
    _agree(Shape(spec, write_bitmap(message.fields)), spec, changed)


@settings(max_examples=100)
@given(st.data())
def test_code_writes_no_value_that_the_walk_refuses(data: st.DataObject) -> None:
    spec = data.draw(specs())
    mti, fields = data.draw(messages(spec))
    odd = st.text("09AaDF=C \u0663\xb2\u94f6\n", max_size=20)
    changed = {n: data.draw(st.one_of(st.just(value), odd)) for n, value in fields.items()}
    try:
        body = compile_encode(spec, tuple(sorted(fields)))(mti, changed)
    except GIVES_UP:
        return
    assert walk_encode(spec, mti, changed)[0] == body


def _agree(shape: Shape, spec: Spec, body: bytes) -> None:
    """What the code accepts the walk accepts with the same values, spans and peeks."""
    try:
        fast = shape.compile_decode()(body)
    except GIVES_UP:
        fast = None
    try:
        walked = walk_decode(spec, body)
    except DecodeError:
        assert fast is None
        return
    if fast is None:
        return
    assert dict(fast.fields) == walked.values
    assert fast.mti == walked.mti
    assert fast.spans == walked.spans
    wanted = tuple(walked.values)[::2]
    try:
        peeked = shape.compile_decode(wanted)(body)
    except GIVES_UP:
        return
    assert {n: peeked[n] for n in wanted} == {n: walked.values[n] for n in wanted}


def test_code_is_readable() -> None:
    message = golden("cup-sale-chip-pin-req")
    source = Shape(get_spec(message.dialect), write_bitmap(message.fields)).decode_source()
    assert "# 4 amount" in source
    assert len(source.splitlines()) < 50


def test_code_refuses_what_is_not_plainly_right() -> None:
    message = golden("cup-sale-chip-pin-req")
    decode = Shape(get_spec(message.dialect), write_bitmap(message.fields)).compile_decode()
    with pytest.raises(DoubtError):
        decode(message.body + b"x")
