"""The golden messages both ways, through the door the house uses.

Speed is bench/codec.py; every cell of the dialect tables is test_walk.py.
"""

import pytest

from pointsman.codecs.codec import add_dialect, codec_names, get_codec, get_spec
from pointsman.codecs.errors import SpecError
from pointsman.codecs.framing import get_framing
from tests.codecs.golden import Golden, golden_messages

ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)


def test_all_golden_messages_are_here() -> None:
    assert len(golden_messages()) == 111


@ALL
def test_golden_message_gives_its_fields(message: Golden) -> None:
    decoded = get_codec(message.dialect).decode(message.body)
    assert decoded.mti == message.mti
    assert dict(decoded.fields) == message.fields


@ALL
def test_golden_fields_give_the_bytes_back(message: Golden) -> None:
    codec = get_codec(message.dialect)
    encoded = codec.encode_spans(message.mti, message.fields)
    assert encoded.data == message.body == codec.encode(message.mti, message.fields)
    decoded = codec.decode(message.body)
    assert encoded.spans == {number: decoded.span(number) for number in message.fields}


@ALL
def test_golden_frame_closes_to_its_wire_bytes(message: Golden) -> None:
    if message.framing is None or not message.has_length:
        return
    framing = get_framing(message.framing)
    (frame,) = framing.reader().feed(message.wire)
    assert framing.close(framing.open(frame), message.body) == message.wire


@pytest.mark.parametrize("name", codec_names())
def test_every_dialect_loads_and_names_a_framing_there_is(name: str) -> None:
    spec = get_spec(name)
    assert spec.name == name
    get_framing(spec.framing)


def test_an_operator_adds_dialects_but_changes_none() -> None:
    text = 'name = "{}"\ntitle = "own"\nbase = "{}"\n[fields]\n35 = {{ pad = "right F" }}\n'
    first = add_dialect(text.format("own-bank", "cup-bcd"), "own-bank.toml")
    second = add_dialect(text.format("own-branch", "own-bank"), "own-branch.toml")
    assert get_spec("own-bank") is first
    assert get_codec("own-branch").spec is second
    assert "own-bank" in codec_names()
    for taken in ("own-bank", "cup-bcd"):
        with pytest.raises(SpecError, match="there is a dialect"):
            add_dialect(text.format(taken, "nii-bcd"), "again.toml")


def test_unknown_dialect_is_told_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="cup-bcd"):
        get_codec("cup-bdc")
