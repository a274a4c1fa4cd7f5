"""The history's days and what falls due on each: who opens, who pays, who closes the batch.

A core. Business days are counted back from the open one; times are those of the site's zone, as
milliseconds of UTC. What is paid is story.py; who writes it, filling.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pointsman.history.chance import Chance
from pointsman.history.story import HOUR_MS, MINUTE_MS, Deed, Happening
from pointsman.history.town import DAYS, Place

OPENING_MS = 6 * HOUR_MS
CLOSING_MS = 22 * HOUR_MS + 5 * MINUTE_MS
_LONG = 50 * MINUTE_MS
UNDONE_MS = 9_000
"""How long after its reversal was owed an acquirer has acknowledged it."""
TAKEN_BACK_MS = 20_000
_BEFORE_MS = 3 * MINUTE_MS  # who pays earlier than usual has signed in before
_KEEPS_OPEN = 30  # of a thousand evenings a batch is not closed


@dataclass(frozen=True, slots=True)
class Opens:
    """A terminal signs in."""

    at_ms: int
    place: Place


@dataclass(frozen=True, slots=True)
class Pays:
    """A payment."""

    at_ms: int
    happening: Happening


@dataclass(frozen=True, slots=True)
class TakesBack:
    """A terminal reverses what it was told is approved."""

    at_ms: int
    number: int


@dataclass(frozen=True, slots=True)
class Undone:
    """An acquirer acknowledges a reversal; one that `refuses` it leaves it to a person."""

    at_ms: int
    number: int
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Closes:
    """A terminal closes its batch."""

    at_ms: int
    place: Place


Due = Opens | Pays | TakesBack | Undone | Closes


@dataclass(frozen=True, slots=True)
class Day:
    """One business day: its number in the history, its date, and its local midnight."""

    number: int
    date: date
    midnight_ms: int


def days(open_day: date, zone: ZoneInfo) -> list[Day]:
    """Return the business days, the oldest first; the last is the open one."""
    found = []
    for number in range(DAYS):
        day = open_day - timedelta(days=DAYS - 1 - number)
        midnight = datetime.combine(day, time(), zone)
        found.append(Day(number, day, int(midnight.timestamp() * 1000)))
    return found


def agenda(
    day: Day, places: Sequence[Place], happened: Sequence[Happening], seed: int, until_ms: int
) -> list[Due]:
    """Return all that falls due on a day in the order of time; `happened` is in that order."""
    found: list[Due] = []
    first_ms: dict[str, int] = {}
    last_ms: dict[str, int] = {}
    for one in happened:
        first_ms.setdefault(one.place.tid, one.at_ms)
        last_ms[one.place.tid] = one.told_ms
        found += _of(one, day, seed)
    for place in places:
        if place.works_on(day.number):
            chance = Chance(seed, "hours", day.number, place.tid)
            opens_ms = day.midnight_ms + OPENING_MS + chance.below(_LONG)
            paid_ms = first_ms.get(place.tid, opens_ms)
            found.append(Opens(min(opens_ms, paid_ms - _BEFORE_MS), place))
            closes_ms = day.midnight_ms + CLOSING_MS + chance.below(_LONG)
            if closes_ms > last_ms.get(place.tid, 0) and not chance.happens(_KEEPS_OPEN):
                found.append(Closes(closes_ms, place))
    found = [due for due in found if due.at_ms < until_ms]
    found.sort(key=_order)
    return found


def _of(one: Happening, day: Day, seed: int) -> list[Due]:
    found: list[Due] = [Pays(one.at_ms, one)]
    if one.answer == "" and one.deed in (Deed.SALE, Deed.HOLD):
        refuses = day.number >= DAYS - _RECENT and Chance(seed, "refuses", one.number).happens(120)
        found.append(Undone(one.told_ms + UNDONE_MS, one.number, refuses))
    elif one.takes_back:
        found.append(TakesBack(one.told_ms + TAKEN_BACK_MS, one.number))
        found.append(Undone(one.told_ms + TAKEN_BACK_MS + UNDONE_MS, one.number))
    return found


_RECENT = 9  # days in which an acquirer's refusal still waits for a person
_RANK = (Opens, Pays, TakesBack, Undone, Closes)


def _order(due: Due) -> tuple[int, int]:
    return due.at_ms, _RANK.index(type(due))
