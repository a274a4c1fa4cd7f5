"""What the town's people do on each day: sales, second tries, voids, refunds, stays in the hotel.

A core. A day comes out the same for the same seed, day number and calendar; what follows on later
days (a refund, a completion) waits here until its day comes. What the switch makes of it is
rerun.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from pointsman.history.chance import Chance
from pointsman.history.town import DAYS, OPENS, Fate, Place
from pointsman.sim.terminal_rows import Entry

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
SLOW_HOUR = 20
"""When the slow acquirer has its daily hiccup, for ten minutes of local time."""
SLOW = "beta"
SILENCE, NOT_SENT = "", "not sent"


class Deed(Enum):
    """What is asked of a terminal."""

    SALE = auto()
    VOID = auto()
    REFUND = auto()
    HOLD = auto()
    COMPLETE = auto()


@dataclass(frozen=True, slots=True)
class Happening:
    """One request; `answer` is field 39 of the acquirer, or silence, or that it was never sent.

    Times are milliseconds of UTC. `of` is the number of what it follows; `takes_back` says that the
    terminal reverses it though it was approved.
    """

    number: int
    at_ms: int
    place: Place
    deed: Deed
    amount_minor: int
    entry: Entry
    card: str  # name of a test card; empty where a payment code was shown
    code: str
    answer: str
    latency_ms: int
    of: int = -1
    takes_back: bool = False

    @property
    def told_ms(self) -> int:
        """When the acquirer's answer, or the end of the wait for it, comes."""
        return self.at_ms + self.latency_ms

    @property
    def approved(self) -> bool:
        """Whether it stands, as far as it was not taken back."""
        return self.answer == "00" and not self.takes_back


_CARDS = (
    *(("union-19", 24), ("union-16", 22), ("union-debit", 18), ("union-credit", 12)),
    *(("union-long", 6), ("union-short", 3), ("visa", 6), ("visa-chip", 3), ("mastercard", 4)),
    *(("jcb", 1), ("union-lost", 1)),
)
_ENTRIES = ((Entry.CONTACTLESS, 46), (Entry.CHIP, 40), (Entry.SWIPE, 11), (Entry.KEYED, 3))
_DECLINES = (
    ("51", 46),
    ("05", 20),
    ("61", 9),
    ("54", 8),
    ("57", 6),
    ("65", 4),
    ("91", 4),
    ("14", 3),
)
_WORTH_A_TRY = frozenset({"51", "05", "91"})
_LATENCY_MS = {"alpha": (90, 420), "beta": (480, 2400), "gamma": (60, 190)}


@dataclass(slots=True)
class Story:
    """The days one after another; `acquirer_of` tells the usual acquirer of a place."""

    seed: int
    places: Sequence[Place]
    acquirer_of: dict[str, str]  # by MID
    _number: int = 0
    _due: dict[int, list[Happening]] = field(default_factory=dict)  # by day: what it follows

    def day(self, day: int, weekday: int, midnight_ms: int, until_ms: int) -> list[Happening]:
        """Return what happens on a day whose local midnight is given, up to `until_ms`."""
        found: list[Happening] = []
        for place in self.places:
            if place.works_on(day):
                chance = Chance(self.seed, "day", day, place.tid)
                found += self._sales(place, chance, day, weekday, midnight_ms)
        for original in self._due.pop(day, []):
            chance = Chance(self.seed, "after", original.number)
            found.append(self._later(original, chance, midnight_ms))
        for place in self.places:
            if place.fate is Fate.RESTING and day == DAYS - 1:
                chance = Chance(self.seed, "rest", place.tid)
                at_ms = until_ms - chance.between(7 * MINUTE_MS, 12 * MINUTE_MS)
                found.append(self._sale(place, chance, at_ms))
        found = [one for one in found if one.told_ms < until_ms]
        known = {one.number for one in found}
        # What follows something of this day follows nothing that was cut off.
        found = [one for one in found if one.of < 0 or one.deed in _LATER or one.of in known]
        found.sort(key=lambda one: (one.at_ms, one.number))
        self._plan(found, day)
        return found

    def awaited(self) -> frozenset[int]:
        """Return the numbers of what something will follow on a later day."""
        return frozenset(one.number for many in self._due.values() for one in many)

    def _sales(
        self, place: Place, chance: Chance, day: int, weekday: int, midnight_ms: int
    ) -> list[Happening]:
        """Return a terminal's sales of a day, and what follows them at once."""
        habits = place.habits
        percent = 66 + day * 24 // DAYS  # business grows
        if weekday >= 6:  # noqa: PLR2004  # Saturday and Sunday (ISO 8601)
            percent = percent * habits.weekend_percent // 100
        usual = habits.per_day * percent
        count = (chance.between(usual * 7 // 10, usual * 13 // 10) + chance.below(100)) // 100
        found: list[Happening] = []
        for _ in range(count):
            hour = OPENS + chance.weighted(habits.hours)
            at_ms = midnight_ms + hour * HOUR_MS + chance.below(HOUR_MS)
            first = self._sale(place, chance, at_ms)
            found.append(first)
            if first.answer in _WORTH_A_TRY and chance.happens(550):
                again_ms = at_ms + first.latency_ms + chance.between(25_000, 150_000)
                answer = "00" if chance.happens(700) else first.answer
                found.append(self._again(first, again_ms, answer))
            elif first.approved and first.deed is Deed.SALE and first.card and chance.happens(12):
                void_ms = at_ms + chance.between(MINUTE_MS, 15 * MINUTE_MS)
                found.append(self._follow(first, Deed.VOID, void_ms, first.amount_minor, chance))
        return found

    def _sale(self, place: Place, chance: Chance, at_ms: int) -> Happening:
        habits = place.habits
        card, code, entry = "", "", Entry.QR
        if chance.below(100) < habits.by_code_percent:
            kind = chance.weighted((55, 40, 5))
            head, size = (("28", 16), ("13", 16), ("62", 17))[kind]
            code = head + f"{chance.below(10**size):0{size}d}"
        else:
            card = _CARDS[chance.weighted([weight for _, weight in _CARDS])][0]
            entry = _ENTRIES[chance.weighted([weight for _, weight in _ENTRIES])][0]
        acquirer = "gamma" if code[:2] in {"28", "13"} else self.acquirer_of[place.mid]
        answer = _answer(chance, card, slow=acquirer == SLOW and _is_slow(at_ms))
        holds = habits.low_minor > 20_000 and bool(card) and chance.happens(500)  # noqa: PLR2004
        return Happening(
            number=self._next(),
            at_ms=at_ms,
            place=place,
            deed=Deed.HOLD if holds else Deed.SALE,
            amount_minor=_amount(chance, habits.low_minor, habits.high_minor),
            entry=entry,
            card=card,
            code=code,
            answer=answer,
            latency_ms=chance.between(*_LATENCY_MS[acquirer]),
            takes_back=answer == "00" and not holds and chance.happens(5),
        )

    def _again(self, first: Happening, at_ms: int, answer: str) -> Happening:
        return replace(
            first, number=self._next(), at_ms=at_ms, answer=answer, latency_ms=first.latency_ms + 17
        )

    def _follow(
        self, first: Happening, deed: Deed, at_ms: int, amount_minor: int, chance: Chance
    ) -> Happening:
        return replace(
            first,
            number=self._next(),
            at_ms=at_ms,
            deed=deed,
            amount_minor=amount_minor,
            answer="00",
            latency_ms=chance.between(120, 900),
            of=first.number,
            takes_back=False,
        )

    def _later(self, first: Happening, chance: Chance, midnight_ms: int) -> Happening:
        """Return what follows days later: the end of a stay, or money back."""
        at_ms = midnight_ms + chance.between(9 * HOUR_MS, 19 * HOUR_MS)
        if first.deed is Deed.HOLD:
            amount_minor = first.amount_minor * chance.between(92, 108) // 100
            return self._follow(first, Deed.COMPLETE, at_ms, amount_minor, chance)
        part = first.amount_minor if chance.happens(600) else first.amount_minor // 2 + 1
        return self._follow(first, Deed.REFUND, at_ms, part, chance)

    def _plan(self, happened: Sequence[Happening], day: int) -> None:
        """Remember what will follow on later days."""
        voided = {one.of for one in happened if one.deed is Deed.VOID}
        for one in happened:
            if not one.approved or one.number in voided or not one.card:
                continue
            chance = Chance(self.seed, "later", one.number)
            if one.deed is Deed.HOLD:
                after = chance.between(1, 4)
            elif one.deed is Deed.SALE and chance.happens(16):
                after = chance.between(1, 21)
            else:
                continue
            if day + after < DAYS and one.place.works_on(day + after):
                self._due.setdefault(day + after, []).append(one)

    def _next(self) -> int:
        self._number += 1
        return self._number


_LATER = frozenset({Deed.REFUND, Deed.COMPLETE})


def _answer(chance: Chance, card: str, *, slow: bool) -> str:
    if chance.happens(1):
        return NOT_SENT
    if chance.happens(260 if slow else 2):
        return SILENCE
    if card == "union-lost":
        return "41"
    if chance.happens(58):
        return _DECLINES[chance.weighted([weight for _, weight in _DECLINES])][0]
    return "00"


def _is_slow(at_ms: int) -> bool:
    """Say whether a moment lies in the slow acquirer's ten minutes (UTC+8 all year)."""
    local_minute = (at_ms // MINUTE_MS + 8 * 60) % (24 * 60)
    return SLOW_HOUR * 60 <= local_minute < SLOW_HOUR * 60 + 10


def _amount(chance: Chance, low_minor: int, high_minor: int) -> int:
    """Return an amount, small ones more often, most of them round."""
    span = high_minor - low_minor
    amount = low_minor + span * chance.below(1000) * chance.below(1000) // 1_000_000
    return amount // 100 * 100 + (0, 0, 50, 80, 90)[chance.below(5)]
