"""What one acquirer session carries: each message from being queued to its one result.

Ties together the queue (sendqueue.py), the table of who waits (inflight.py) and the breaker, and
calls `done` exactly once for each message. Sockets, tasks and sign-on are acquirers.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from msgspec import Struct

from pointsman.codecs.codec import Message
from pointsman.switch.breaker import Breaker
from pointsman.switch.inflight import Expected, InFlight, Match, Unmatched
from pointsman.switch.sendqueue import SendQueue

QUEUE_S: Final = 2.0  # a request that could not be begun within this is declined quickly
REVERSALS_MAX: Final = 32  # in flight at once beside the requests: a lane of their own


class Lane(Enum):
    """Requests wait for the breaker and their own limit; what is owed has another limit."""

    REQUEST = "request"
    REVERSAL = "reversal"


class HostRequest(Struct, frozen=True):
    """A message for the host: bytes with PIN block and MAC, and what its answer must say.

    `not_after` is the Trio time after which its first byte may not be written; `answer_s` is the
    host timer, from the moment its last byte was handed over.
    """

    data: bytes
    expected: Expected
    not_after: float
    answer_s: float
    lane: Lane = Lane.REQUEST

    def __repr__(self) -> str:
        return "HostRequest(...)"


class Answered(Struct, frozen=True):
    """The host's answer, proven to be this request's by its fields; its MAC is not checked yet."""

    message: Message
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Sent, and no answer in time: in doubt."""


@dataclass(frozen=True, slots=True)
class Broken:
    """At least one byte was handed over, then the connection was lost: in doubt."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Not one byte left us: nothing to undo. `inflight.KEY_IN_USE` asks for another number."""

    reason: str


HostResult = Answered | Silent | Broken | NotSent
OnResult = Callable[[HostResult], None]


class _Outgoing(Struct):
    request: HostRequest
    done: OnResult
    trial: bool


class Traffic:
    """The messages of one session; it outlives connections, so that late answers are known.

    `requests_max` bounds the requests that are queued or in flight.
    """

    def __init__(self, requests_max: int) -> None:
        self.breaker = Breaker()
        self._limits = {Lane.REQUEST: requests_max, Lane.REVERSAL: REVERSALS_MAX}
        self._in_lane = dict.fromkeys(Lane, 0)
        self._in_flight: InFlight[_Outgoing] = InFlight(requests_max + REVERSALS_MAX)
        self._queue: SendQueue[_Outgoing] = SendQueue()

    def __len__(self) -> int:
        return len(self._in_flight)

    def room(self, lane: Lane) -> int:
        """Return how many more messages this lane takes."""
        return self._limits[lane] - self._in_lane[lane]

    def refusal(self, request: HostRequest, now: float) -> str | None:
        """Return why this message is not taken, or None."""
        if request.lane is Lane.REQUEST and not self.breaker.allows:
            return "breaker open"
        if self.room(request.lane) <= 0:
            return "too many in flight"
        if request.not_after < now:
            return "too late"
        return self._in_flight.refusal(request.expected)

    def put(self, request: HostRequest, frame: bytes, done: OnResult, now: float) -> None:
        """Queue a message as `frame`; `refusal` must have been None."""
        trial = request.lane is Lane.REQUEST and self.breaker.admit()
        outgoing = _Outgoing(request, done, trial)
        self._in_flight.enter(request.expected, outgoing)
        self._in_lane[request.lane] += 1
        self._queue.put(frame, min(request.not_after, now + QUEUE_S), outgoing)

    def put_network(self, frame: bytes) -> None:
        """Queue a network message: before all others, no result."""
        self._queue.put_network(frame)

    def gather(self, now: float) -> bytes:
        """Return what is to be written now, after giving up what waited too long."""
        self.drop_stale(now)
        return self._queue.gather()

    def handed_over(self, count: int, now: float) -> list[Expected]:
        """Note that `count` bytes of `gather` went; start the timers of what is complete."""
        complete = []
        for outgoing in self._queue.taken(count):
            request = outgoing.request
            self._in_flight.sent(request.expected, now, now + request.answer_s)
            complete.append(request.expected)
        return complete

    def drop_stale(self, now: float) -> None:
        """Give up what was not begun in time: not one byte of it left us."""
        for outgoing in self._queue.drop_stale(now):
            self._in_flight.withdraw(outgoing.request.expected)
            self._give_back(outgoing, NotSent("too late"))

    def expire(self, now: float) -> bool:
        """End the waits whose time is over; return whether that opened the breaker."""
        opened = False
        for outgoing in self._in_flight.expire(now):
            opened |= self.breaker.timed_out(trial=outgoing.trial)
            self._give_back(outgoing, Silent())
        return opened

    def answered(self, message: Message, now: float) -> float | Unmatched:
        """Give an answer to whom it belongs; return how long that took, or why it is nobody's."""
        found = self._in_flight.match(message, now)
        if not isinstance(found, Match):
            return found
        elapsed_s = now - found.sent_at
        self.breaker.answered(trial=found.item.trial)
        self._give_back(found.item, Answered(message, elapsed_s))
        return elapsed_s

    def lost(self, reason: str, now: float) -> None:
        """End everything with the connection: what was begun is in doubt, the rest never left."""
        unsent = self._queue.clear()
        for outgoing in unsent:
            self._in_flight.withdraw(outgoing.request.expected)
        begun = self._in_flight.clear(now)
        for outgoing in unsent:
            self._give_back(outgoing, NotSent(reason))
        for outgoing in begun:
            self._give_back(outgoing, Broken(reason))

    def _give_back(self, outgoing: _Outgoing, result: HostResult) -> None:
        self._in_lane[outgoing.request.lane] -= 1
        if isinstance(result, Broken | NotSent):
            self.breaker.unsent(trial=outgoing.trial)
        outgoing.done(result)
