"""Copies that wait for a first one: each is told once, by whoever knows."""

from dataclasses import replace
from typing import Any

import pytest

from pointsman.codecs.framing import Envelope
from pointsman.store.records import Transaction, Undo
from pointsman.switch.lookups import AWAY, Away
from pointsman.switch.ports import Ask
from pointsman.switch.seats import Seat, Seats
from pointsman.switch.steps import Event, FirstSettled
from tests.switch.lives import POS, approved_sale, life, message
from tests.switch.test_conductor import Terminals

GIVEN = message("cup-sale-swipe-pin-req")
FIRST = approved_sale()


class World:
    """Seats over a store that answers at once, and what was told."""

    def __init__(self, found: Transaction | Away | None = None, stands: bool | Away = True) -> None:
        self.found = found
        self.stands = stands
        self.asked: list[bytes] = []
        self.told: list[tuple[Seat, Event]] = []
        lookups: Any = self  # the verbs that are used
        self.seats = Seats(lookups, lambda seat, event: self.told.append((seat, event)))

    def first_copy(self, first: bytes, _deadline: float, done: Any) -> None:  # noqa: ANN401 (a callback)
        self.asked.append(first)
        done(self.found)

    def claim(self, first: bytes, done: Any) -> None:  # noqa: ANN401 (a callback)
        self.asked.append(first)
        done(self.stands)

    def settled(self) -> list[Transaction | None]:
        """What copies were told of their first."""
        return [event.first for _, event in self.told if isinstance(event, FirstSettled)]


def seat() -> Seat:
    return Seat(Ask(Terminals(), Envelope(b"", b"", b""), GIVEN, 100.0, POS), life(GIVEN), 130.0)


def test_a_copy_of_a_payment_under_way_here_is_told_when_that_ends() -> None:
    world = World()
    first, copies = seat(), [seat(), seat()]
    world.seats.take(first.life.desk.id, first)
    first.life.start()
    for copy in copies:
        world.seats.join(copy, first.life.desk.id)
    assert world.told == []
    world.seats.leave(first)
    assert [told for told, _ in world.told] == copies
    world.seats.leave(first)
    assert len(world.told) == len(copies)
    assert world.asked == []


@pytest.mark.parametrize(("found", "told"), [(FIRST, FIRST), (None, None), (AWAY, None)])
def test_a_copy_of_another_workers_payment_asks_the_store(
    found: Transaction | Away | None, told: Transaction | None
) -> None:
    world = World(found)
    world.seats.join(seat(), FIRST.id)
    assert world.asked == [FIRST.id]
    assert world.settled() == [told]


def test_what_has_left_is_asked_of_the_store() -> None:
    world = World(FIRST)
    first = seat()
    world.seats.take(first.life.desk.id, first)
    world.seats.leave(first)
    world.seats.join(seat(), first.life.desk.id)
    assert world.asked == [first.life.desk.id]


@pytest.mark.parametrize(
    ("stands", "told"),
    [(True, replace(FIRST, taken=True)), (False, replace(FIRST, undo=Undo.OWED)), (AWAY, None)],
)
def test_an_approval_is_told_again_only_where_it_stands(
    stands: bool | Away, told: Transaction | None
) -> None:
    world = World(stands=stands)
    world.seats.claim(seat(), FIRST)
    assert world.asked == [FIRST.id]
    assert world.settled() == [told]
