"""The values of a request show nothing that must not be shown, whoever prints them."""

import pytest

from tests.codecs.golden import golden
from tests.switch.lives import message, payment

SECRET = (2, 14, 35, 52, 55)
REQUESTS = ("cup-sale-swipe-pin-req", "cup-sale-chip-pin-req", "cup-sale-manual-req")


@pytest.mark.parametrize("name", REQUESTS)
def test_a_printed_payment_shows_no_card_no_track_and_no_pin(name: str) -> None:
    shown = repr(payment(message(name)))
    for number in SECRET:
        value = golden(name).fields.get(number)
        assert value is None or value not in shown, f"field {number} is shown"
    assert golden(name).fields[11] in shown, "what is no secret is shown"


def test_a_payment_cannot_be_changed() -> None:
    made = payment(message("cup-sale-swipe-pin-req"))
    with pytest.raises(AttributeError):
        made.amount_minor = 1  # type: ignore[misc]  # that is what is tried
