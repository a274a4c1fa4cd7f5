"""A payment's message handed to its acquirer's link, and what came of it as the payment's event.

While the acquirer has it, it takes none of the worker's own room (room.py). What the link does with
it is acquirers.py and traffic.py; what an answer means is transaction.py.
"""

from collections.abc import Callable
from typing import assert_never

from msgspec import structs

from pointsman.config import Timers
from pointsman.switch.paymentmetrics import PaymentMetrics
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
    Silent,
)


class HostCalls:
    """Sends for the payments of one worker; `on` takes what came back."""

    def __init__(
        self,
        site: SiteView,
        timers: Timers,
        room: Room,
        counters: PaymentMetrics,
        *,
        clock: Callable[[], float],
        on: Callable[[Seat, Event], None],
    ) -> None:
        self._site = site
        self._timers = timers
        self._room = room
        self._counters = counters
        self._clock = clock
        self._on = on

    def send(self, seat: Seat, command: Send, now: float) -> None:
        """Hand the message to the link: written soon enough after its commit, or not at all."""
        link = self._site.links.get(command.acquirer)
        acquirer = self._site.acquirer(command.acquirer)
        if link is None:
            self._on(seat, HostNotSent("no link"))
            return
        request = HostRequest(
            data=command.data,
            expected=structs.replace(command.expected, reference=seat.life.desk.id),
            not_after=seat.written_by,
            answer_s=acquirer.host_timeout_s or self._timers.host_s,
            lane=Lane.REQUEST,
        )
        gauge = self._counters.in_flight(command.acquirer)
        gauge.inc()
        self._room.to_host()

        def done(result: HostResult) -> None:
            gauge.dec()
            self._room.from_host()
            match result:
                case Answered(message, elapsed_s):
                    seat.host_s = elapsed_s
                    self._on(seat, HostAnswered(message))
                case Silent() | Broken():
                    seat.host_s = self._clock() - now
                    self._on(seat, HostSilent())
                case NotSent(reason):
                    self._on(seat, HostNotSent(reason))
                case _:
                    assert_never(result)

        link.send(request, done)
