"""Who may speak where a worker's copy of the site is older than the terminal that it read."""

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
