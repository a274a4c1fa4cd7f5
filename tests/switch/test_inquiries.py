"""What a payment asks of the store, and the event that comes of each answer."""

import random
from typing import Any

import pytest

from pointsman.codecs.framing import Envelope
from pointsman.effects import Effects
from pointsman.routing.table import Choice, NoRoute
from pointsman.store.parties import Terminal
from pointsman.store.records import Transaction
from pointsman.switch.inquiries import Inquiries
from pointsman.switch.lookups import AWAY, Away
from pointsman.switch.ports import Ask
from pointsman.switch.seats import Seat
from pointsman.switch.siteview import SiteView
from pointsman.switch.steps import Event, FindOriginal, OriginalSought, StoreAway, TerminalReread
from tests.switch.lives import POS, TERMINAL, approved_sale, life, message
from tests.switch.test_conductor import NOW, Terminals, directory

ORIGINAL = approved_sale()
VOID = message("cup-void-req")
ADVICE = message("cup-preauth-complete-advice-req")


class World:
    """Inquiries over a store that answers at once, and what came of them."""

    def __init__(
        self,
        *,
        original: Transaction | Away | None = None,
        terminal: Terminal | Away | None = None,
        link: bool = True,
    ) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.told: list[Event] = []
        self._original = original
        self._terminal = terminal
        self.usable = link
        effects = Effects(now=lambda: NOW, random_bytes=random.Random(7).randbytes)
        links: Any = {"alpha": self}
        numbers: Any = self
        self.site = SiteView(effects, links=links, stans={}, rrns=numbers)
        self.site.update(directory(active=True))
        lookups: Any = self
        self.inquiries = Inquiries(self.site, lookups, lambda _, event: self.told.append(event))

    def original(self, *asked: Any) -> None:  # noqa: ANN401 (a callback is last)
        self.asked.append(asked[:-1])
        asked[-1](self._original)

    def terminal(self, mid: str, tid: str, done: Any, *, again: bool) -> None:  # noqa: ANN401 (a callback)
        self.asked.append((mid, tid, again))
        done(self._terminal)

    def promote(self, mid: str, tid: str, number: int, done: Any) -> None:  # noqa: ANN401 (a callback)
        self.asked.append((mid, tid, number))
        self.promoted = done


def seat(given: Any) -> Seat:  # noqa: ANN401 (a message)
    return Seat(Ask(Terminals(), Envelope(b"", b"", b""), given, 100.0, POS), life(given), 130.0)


def find(world: World, given: Any) -> Event:  # noqa: ANN401 (a message)
    asking = seat(given)
    world.inquiries.original(asking, FindOriginal(asking.life.payment, None))
    [event] = world.told
    return event


def test_an_original_comes_with_the_way_to_its_acquirer() -> None:
    event = find(World(original=ORIGINAL), VOID)
    assert isinstance(event, OriginalSought)
    assert event.original is ORIGINAL
    assert isinstance(event.route, Choice)
    assert event.route.acquirer == "alpha"


def test_a_request_whose_acquirer_is_down_finds_no_way() -> None:
    event = find(World(original=ORIGINAL, link=False), VOID)
    assert isinstance(event, OriginalSought)
    assert isinstance(event.route, NoRoute)


def test_what_is_told_first_finds_its_way_though_the_link_is_down() -> None:
    event = find(World(original=ORIGINAL, link=False), ADVICE)
    assert isinstance(event, OriginalSought)
    assert isinstance(event.route, Choice)


@pytest.mark.parametrize(
    ("found", "event"), [(None, OriginalSought(None, None)), (AWAY, StoreAway())]
)
def test_nothing_found_is_not_the_same_as_nobody_asked(
    found: Transaction | Away | None, event: Event
) -> None:
    assert find(World(original=found), VOID) == event


def test_a_payment_that_names_no_original_asks_nobody() -> None:
    world = World(original=ORIGINAL)
    given = message("cup-sale-swipe-pin-req")
    assert find(world, given) == OriginalSought(None, None)
    assert world.asked == []


def test_a_terminal_that_was_read_again_is_remembered() -> None:
    world = World(terminal=TERMINAL)
    world.inquiries.reread(seat(VOID))
    assert world.asked == [(TERMINAL.mid, TERMINAL.tid, True)]
    assert world.told == [TerminalReread(TERMINAL)]
    assert world.site.known(TERMINAL.mid, TERMINAL.tid) is TERMINAL


@pytest.mark.parametrize(("found", "event"), [(None, TerminalReread(None)), (AWAY, StoreAway())])
def test_a_terminal_that_is_not_there_is_not_remembered(
    found: Terminal | Away | None, event: Event
) -> None:
    world = World(terminal=found)
    world.inquiries.reread(seat(VOID))
    assert world.told == [event]
    assert world.site.known(TERMINAL.mid, TERMINAL.tid) is None


def test_a_key_set_seen_in_use_is_noted_and_the_terminal_read_anew() -> None:
    world = World()
    world.site.remember(TERMINAL)
    world.inquiries.promote(seat(VOID), 2)
    assert world.asked == [(TERMINAL.mid, TERMINAL.tid, 2)]
    assert world.site.known(TERMINAL.mid, TERMINAL.tid) is TERMINAL  # good until that is durable
    world.promoted()
    assert world.site.known(TERMINAL.mid, TERMINAL.tid) is None
