"""A message on its way to the host: with which times it goes, and what each end becomes."""

import random
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from pointsman.codecs.framing import Envelope
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.switch.hostcalls import HostCalls
from pointsman.switch.inflight import Expected
from pointsman.switch.paymentmetrics import PaymentMetrics
from pointsman.switch.ports import Ask
from pointsman.switch.room import Room
from pointsman.switch.seats import Seat
from pointsman.switch.siteview import SiteView
from pointsman.switch.steps import Event, HostAnswered, HostNotSent, HostSilent, Send
from pointsman.switch.traffic import (
    Answered,
    Broken,
    HostRequest,
    HostResult,
    Lane,
    NotSent,
    OnResult,
    Silent,
)
from tests.switch.lives import POS, host_answer, life, message
from tests.switch.test_conductor import NOW, Terminals, directory

GIVEN = message("cup-sale-swipe-pin-req")
COMMAND = Send("alpha", b"data", Expected("0200", "0315021735", "004711"))
ANSWER = host_answer()


class World:
    """One link that keeps what it was given, a clock, and what was told."""

    def __init__(self, *, linked: bool = True) -> None:
        self.now = 100.0
        self.sent: list[HostRequest] = []
        self.ends: list[OnResult] = []
        self.told: list[Event] = []
        self.room = Room(10, own_max=1)
        self.registry = CollectorRegistry()
        effects = Effects(now=lambda: NOW, random_bytes=random.Random(7).randbytes)
        links: Any = {"alpha": self} if linked else {}
        numbers: Any = self
        site = SiteView(effects, links=links, stans={}, rrns=numbers)
        site.update(directory(active=True))
        self.calls = HostCalls(
            site,
            Timers(),
            self.room,
            PaymentMetrics(Metrics(self.registry, ["alpha"])),
            clock=lambda: self.now,
            on=lambda _, event: self.told.append(event),
        )
        ask = Ask(Terminals(), Envelope(b"", b"", b""), GIVEN, 100.0, POS)
        self.seat = Seat(ask, life(GIVEN), deadline=130.0, written_by=103.5)
        self.room.enter()

    def send(self, request: HostRequest, done: OnResult) -> None:
        self.sent.append(request)
        self.ends.append(done)

    def in_flight(self) -> float | None:
        return self.registry.get_sample_value("pointsman_in_flight_requests", {"acquirer": "alpha"})


def test_a_message_goes_with_its_payments_times_and_reference() -> None:
    world = World()
    world.calls.send(world.seat, COMMAND, world.now)
    [request] = world.sent
    assert (request.data, request.lane) == (b"data", Lane.REQUEST)
    assert request.not_after == world.seat.written_by
    assert request.answer_s == Timers().host_s
    assert request.expected.reference == world.seat.life.desk.id


def test_a_payment_at_its_acquirer_takes_no_room_of_ours() -> None:
    world = World()
    assert world.room.is_full()
    world.calls.send(world.seat, COMMAND, world.now)
    assert not world.room.is_full()
    assert world.in_flight() == 1
    world.ends[0](Silent())
    assert world.room.is_full()
    assert world.in_flight() == 0


@pytest.mark.parametrize(
    ("result", "event", "host_s"),
    [
        (Answered(ANSWER, 0.25), HostAnswered(ANSWER), 0.25),
        (Silent(), HostSilent(), 7.0),
        (Broken("connection lost"), HostSilent(), 7.0),
        (NotSent("too late"), HostNotSent("too late"), 0.0),
    ],
)
def test_each_end_is_its_event(result: HostResult, event: Event, host_s: float) -> None:
    world = World()
    world.calls.send(world.seat, COMMAND, world.now)
    world.now += 7.0
    world.ends[0](result)
    assert world.told == [event]
    assert world.seat.host_s == host_s


def test_without_a_link_nothing_is_sent() -> None:
    world = World(linked=False)
    world.calls.send(world.seat, COMMAND, world.now)
    assert world.told == [HostNotSent("no link")]
    assert world.in_flight() == 0
