"""Who waits for which answer on one acquirer session, and whether an answer is really theirs.

What lives here: the table of requests in flight, the identity guard, the memory of ended waits.
Sending and time are acquirers.py, what an outcome means is the conductor's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from msgspec import Struct

LATE_KEPT_S: Final = 600.0  # switch-rules 3: keys are kept at least ten minutes
LATE_MAX: Final = 10_000  # remembered requests a session; the oldest are forgotten first
KEY_IN_USE: Final = "key in use"
PARTIAL: Final = "10"  # field 39: approved for a partial amount

Item = TypeVar("Item")
Key = tuple[str, str]  # field 7, field 11


class HostFields(Protocol):
    """A decoded answer, as far as it is looked at here (codecs' Message fits)."""

    @property
    def mti(self) -> str:
        """The message type, four digits."""
        ...

    def get(self, number: int) -> str | None:
        """Return a field's value, or None where it is absent."""
        ...


class Expected(Struct, frozen=True):
    """What the answer to one request must say; empty text is not compared.

    `host_time` is field 7 and `host_stan` field 11 as sent: the key. `amount` is field 4 (12
    digits), `last4` the end of field 2. Field 37 is not compared: an acquirer may answer with a
    reference of its own, which is kept beside ours (switch-rules 1).
    """

    mti: str
    host_time: str
    host_stan: str
    amount: str = ""
    currency: str = ""
    mid: str = ""
    tid: str = ""
    processing_code: str = ""
    last4: str = ""
    reference: bytes = b""  # the transaction that it is about, for whoever hears of a late answer

    @property
    def key(self) -> Key:
        """What the answer is found by."""
        return (self.host_time, self.host_stan)

    @property
    def is_repeat(self) -> bool:
        """Tell whether this is a second copy (0221, 0401, 0421): its key may be known already."""
        return self.mti[3:] == "1"


class Reason(StrEnum):
    """Why an answer was given to nobody."""

    UNKNOWN = "unknown"  # no request of this session has that key
    LATE = "late"  # its wait had ended
    DUPLICATE = "duplicate"  # it was answered already
    NOT_SENT = "not sent"  # its last byte has not left us
    MTI = "message type"
    AMOUNT = "amount"
    CURRENCY = "currency"
    TERMINAL = "terminal"
    MERCHANT = "merchant"
    PROCESSING_CODE = "processing code"
    CARD = "card"


class Match(Struct, Generic[Item], frozen=True):
    """The answer belongs to this item; it is out of the table. `sent_at` is Trio time."""

    item: Item
    expected: Expected
    sent_at: float


class Unmatched(Struct, frozen=True):
    """The answer belongs to nobody who waits; `expected` is what its key was used for, if known."""

    reason: Reason
    expected: Expected | None


class _Entry(Struct, Generic[Item]):
    expected: Expected
    item: Item
    sent_at: float | None = None
    deadline: float | None = None


class _Past(Struct, frozen=True):
    expected: Expected
    reason: Reason
    until: float


@dataclass(slots=True)
class InFlight(Generic[Item]):
    """The requests of one session that were queued or sent and have no answer yet.

    `capacity` bounds them; a request beyond it is refused, not queued. Times are Trio times.
    """

    capacity: int
    _waiting: dict[Key, _Entry[Item]] = field(default_factory=dict)
    _past: dict[Key, _Past] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._waiting)

    def refusal(self, expected: Expected) -> str | None:
        """Return why this request is not entered, or None; `KEY_IN_USE` asks for another number."""
        if len(self._waiting) >= self.capacity:
            return "too many in flight"
        if expected.key in self._waiting:
            return KEY_IN_USE
        if expected.key in self._past and not expected.is_repeat:
            return KEY_IN_USE
        return None

    def enter(self, expected: Expected, item: Item) -> None:
        """Enter a request before its first byte is written; `refusal` must have been None."""
        assert self.refusal(expected) is None, "entered against a refusal"
        self._past.pop(expected.key, None)
        self._waiting[expected.key] = _Entry(expected, item)

    def withdraw(self, expected: Expected) -> None:
        """Take out a request of which no byte was written: nobody will answer it."""
        del self._waiting[expected.key]

    def sent(self, expected: Expected, now: float, deadline: float) -> None:
        """Start the timer: the last byte was handed to the socket."""
        entry = self._waiting[expected.key]
        entry.sent_at, entry.deadline = now, deadline

    def match(self, answer: HostFields, now: float) -> Match[Item] | Unmatched:
        """Find whose answer this is; whoever is not meant keeps waiting."""
        key = (answer.get(7) or "", answer.get(11) or "")
        entry = self._waiting.get(key)
        if entry is None:
            past = self._past.get(key)
            if past is None or past.until <= now:
                return Unmatched(Reason.UNKNOWN, None)
            return Unmatched(disagreement(past.expected, answer) or past.reason, past.expected)
        if entry.sent_at is None:
            return Unmatched(Reason.NOT_SENT, entry.expected)
        differs = disagreement(entry.expected, answer)
        if differs is not None:
            return Unmatched(differs, entry.expected)
        del self._waiting[key]
        self._remember(entry.expected, Reason.DUPLICATE, now)
        return Match(entry.item, entry.expected, entry.sent_at)

    def expire(self, now: float) -> list[Item]:
        """Take out every request whose deadline has come; its late answer stays recognisable."""
        over = [
            entry
            for entry in self._waiting.values()
            if entry.deadline is not None and entry.deadline <= now
        ]
        for entry in over:
            del self._waiting[entry.expected.key]
            self._remember(entry.expected, Reason.LATE, now)
        self._forget(now)
        return [entry.item for entry in over]

    def clear(self, now: float) -> list[Item]:
        """Take out everything: the connection is gone. Answers that still come are late."""
        items = [entry.item for entry in self._waiting.values()]
        for entry in self._waiting.values():
            self._remember(entry.expected, Reason.LATE, now)
        self._waiting.clear()
        return items

    def _remember(self, expected: Expected, reason: Reason, now: float) -> None:
        self._past[expected.key] = _Past(expected, reason, now + LATE_KEPT_S)
        if len(self._past) > LATE_MAX:
            del self._past[next(iter(self._past))]

    def _forget(self, now: float) -> None:
        """Drop what is older than its time; the table is in order of time."""
        gone = []
        for key, past in self._past.items():
            if past.until > now:
                break
            gone.append(key)
        for key in gone:
            del self._past[key]


def disagreement(expected: Expected, answer: HostFields) -> Reason | None:
    """Return the first thing in which an answer contradicts its request, or None.

    The message type must be there and of the same class (0200 is answered by 0210 only); field 4
    must be equal, smaller only with code 10; the others are compared where both sides have them.
    """
    if not _answers(expected.mti, answer.mti):
        return Reason.MTI
    if _amount_differs(expected.amount, answer.get(4), answer.get(39)):
        return Reason.AMOUNT
    for reason, said, got in _pairs(expected, answer):
        if said and got is not None and got.rstrip(" ") != said.rstrip(" "):
            return reason
    pan = answer.get(2)
    if expected.last4 and pan and not pan.endswith(expected.last4):
        return Reason.CARD
    return None


def _pairs(expected: Expected, answer: HostFields) -> Iterator[tuple[Reason, str, str | None]]:
    yield Reason.TERMINAL, expected.tid, answer.get(41)
    yield Reason.MERCHANT, expected.mid, answer.get(42)
    yield Reason.PROCESSING_CODE, expected.processing_code, answer.get(3)
    yield Reason.CURRENCY, expected.currency, answer.get(49)


def _answers(request: str, answer: str) -> bool:
    """Tell whether this message type answers that one: third digit plus one, repeat or not.

    A repeat (0421) is answered as the first copy is (0430); some hosts answer it 0431.
    """
    if len(answer) != len(request) or answer[:2] != request[:2]:
        return False
    return answer[2] == str(int(request[2]) + 1) and answer[3] in ("0", request[3])


def _amount_differs(said: str, got: str | None, code: str | None) -> bool:
    if not said or got is None or got == said:
        return False
    # Digits of equal length compare as numbers do.
    smaller = len(got) == len(said) and got < said
    return not (code == PARTIAL and smaller)
