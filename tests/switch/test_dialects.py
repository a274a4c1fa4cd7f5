"""A frame's dialect is known by its type, before it is decoded."""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import get_framing
from pointsman.switch import dialects
from tests.codecs.golden import golden

FRAMING = get_framing("tpdu-header")


@pytest.mark.parametrize(
    ("name", "dialect"),
    [
        ("cup-sale-swipe-pin-req", dialects.POS),
        ("cup-settle-req", dialects.POS),
        ("wallet-qr-order-req", dialects.WALLET),
        ("wallet-query-req", dialects.WALLET),
    ],
)
def test_golden_frames_are_read_in_the_dialect_that_they_are_in(name: str, dialect: str) -> None:
    envelope = FRAMING.open(FRAMING.reader().feed(golden(name).wire)[0])
    codec = dialects.codec_of(envelope)
    assert codec is get_codec(dialect)
    assert codec.decode(envelope.body).fields == golden(name).fields
