"""Messages as values: what they give, that they do not change, and that they are not printed."""

import pickle

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.codecs.errors import DecodeError
from tests.codecs.golden import golden

SALE = golden("cup-sale-chip-pin-req")
SECRET = (2, 14, 35, 52, 55, 64)


def test_message_gives_its_fields_one_by_one() -> None:
    message = get_codec("cup-bcd").decode(SALE.body)
    assert message[4] == message.get(4) == "000000010000"
    assert message.get(39) is None
    assert 4 in message
    assert 39 not in message
    assert message.raw == SALE.body
    assert message.numbers == tuple(SALE.fields)
    with pytest.raises(KeyError):
        message[39]
    with pytest.raises(KeyError):
        message.span(39)


def test_mac_covers_up_to_its_own_content() -> None:
    message = get_codec("cup-bcd").decode(SALE.body)
    assert message.span(64) == (len(SALE.body) - 8, len(SALE.body))
    assert SALE.body[slice(*message.span(52))].hex().upper() == SALE.fields[52]


def test_printing_shows_numbers_alone() -> None:
    message = get_codec("cup-bcd").decode(SALE.body)
    encoded = get_codec("cup-bcd").encode_spans(SALE.mti, SALE.fields)
    for shown in (repr(message), str(message), f"{message}", repr(message.fields), repr(encoded)):
        for number in SECRET:
            assert SALE.fields[number] not in shown
        assert SALE.body.hex()[40:80] not in shown.lower()


def test_error_texts_hold_no_input() -> None:
    with pytest.raises(DecodeError) as caught:
        get_codec("cup-bcd").decode(SALE.body[:-1])
    error = caught.value
    assert error.decoded[2] == SALE.fields[2]
    shown = f"{error!r} {error} {error.args} {error.reason}"
    for number in SECRET:
        assert SALE.fields[number] not in shown
    assert error.mti == "0200"
    assert (error.field, error.offset) == (64, len(SALE.body) - 8)


def test_messages_cannot_be_changed_by_their_users() -> None:
    message = get_codec("cup-bcd").decode(SALE.body)
    for name in ("mti", "raw", "fields", "bitmap_hex", "other"):
        with pytest.raises(AttributeError):
            setattr(message, name, "x")
    copy = message.fields.copy()
    copy[4] = "9"
    assert message[4] == "000000010000"
    with pytest.raises(TypeError):
        message.fields[4] = "9"


def test_messages_of_the_same_bytes_are_equal() -> None:
    codec = get_codec("cup-bcd")
    one, other = codec.decode(SALE.body), codec.peek(SALE.body, (2,))
    assert one == other
    assert hash(one) == hash(other)
    assert one != SALE.body
    assert one != codec.decode(golden("cup-echo-req").body)


def test_messages_are_not_pickled() -> None:
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(get_codec("cup-bcd").decode(SALE.body))
