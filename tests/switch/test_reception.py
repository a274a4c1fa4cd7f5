"""Who may speak where a worker's copy of the site is older than the terminal that it read.

And what is answered to a message that cannot be read: 30 where its sender can be told.
"""

import pytest

from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import get_framing
from pointsman.store.parties import Directory
from tests.switch.test_conductor import SALE, House, Terminals, World, directory, frame


def test_a_terminal_whose_merchant_was_not_read_yet_is_96_until_it_is() -> None:
    """03 is final: the first copy was refused for good while the second was approved."""
    world, connection = World(), Terminals()
    house = House(world)
    house.site.update(Directory(0))
    house.on_frame(connection, frame(SALE))
    assert connection.answers[0][39] == "96"
    assert world.sent == []
    house.site.update(directory(active=True))
    house.on_frame(connection, frame(SALE))
    assert connection.answers[1][39] == "00"


def changed(number: int, offset: int, octet: int) -> bytes:
    """Return the sale's frame with one octet of a field changed."""
    data = bytearray(frame(SALE))
    body = get_framing("tpdu-header").open(bytes(data)).body
    start, _ = get_codec("cup-bcd").decode(body).span(number)
    at = len(data) - len(body) + start + offset
    data[at] = octet
    return bytes(data)


@pytest.mark.parametrize(
    ("number", "offset", "octet"),
    [(3, 0, 0x0F), (4, 5, 0xAB), (22, 0, 0xA1), (49, 0, 0x07), (60, 0, 0xBB)],
)
def test_a_field_that_cannot_be_read_is_30_wherever_it_stands(
    number: int, offset: int, octet: int
) -> None:
    world, connection = World(), Terminals()
    house = House(world)
    house.on_frame(connection, changed(number, offset, octet))
    (answer,) = connection.answers
    assert (answer.mti, answer[39], answer[41]) == ("0210", "30", "12345678")
    assert 64 not in answer
    assert world.sent == []


def test_a_length_that_hides_the_senders_name_is_dropped() -> None:
    world, connection = World(), Terminals()
    house = House(world)
    house.on_frame(connection, changed(35, -1, 0x99))
    assert connection.answers == []
    assert world.sent == []
    house.on_frame(connection, frame(SALE))
    assert connection.answers[0][39] == "00"
