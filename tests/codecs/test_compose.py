"""A private field from its parts: what decoding shows becomes the value again."""

import pytest

from pointsman.codecs.codec import get_spec
from pointsman.codecs.compose import LEAD, compose_field
from pointsman.codecs.errors import EncodeError
from pointsman.codecs.parts import part_field
from tests.codecs.golden import Golden, golden_messages

NOTHING = dict[int, str]().get
ALL = pytest.mark.parametrize("message", golden_messages(), ids=lambda message: message.name)


@ALL
def test_parts_of_golden_messages_give_their_fields_back(message: Golden) -> None:
    spec = get_spec(message.dialect)
    for number, value in message.fields.items():
        parted = part_field(spec, number, message.mti, message.fields.get)
        if parted.error is not None or any(part.depth for part in parted.parts):
            continue
        parts = {part.key: part.value for part in parted.parts}
        if parts:
            composed = compose_field(spec, number, message.mti, message.fields.get, parts)
            assert composed == value


def test_tags_may_have_a_lead() -> None:
    spec = get_spec("ebcdic-mastercard")
    value = compose_field(spec, 48, "0100", NOTHING, {LEAD: "R", "42": "0103211"})
    assert value == "R42070103211"


@pytest.mark.parametrize(
    ("number", "parts", "words"),
    [
        (41, {"x": "1"}, "has no parts"),
        (60, {"nothing": "1"}, "missing before a later part"),
        (55, {"9F26": "no hex"}, "is not hex"),
        (55, {"70": ""}, "holds other tags"),
        (55, {"9f26": "00"}, "not a tag"),
    ],
)
def test_parts_that_do_not_fit_are_named(number: int, parts: dict[str, str], words: str) -> None:
    with pytest.raises(EncodeError, match=words):
        compose_field(get_spec("cup-bcd"), number, "0200", NOTHING, parts)
