"""Which business day to close, when it is due, and which day follows it.

Plain decisions over dates that are given; the wall clock, the database and the files are with
closing.py and the clerk. A day ends at the site's cut-off in the site's time zone: a cut-off up to
noon lies in the morning after the day, a later one in the day itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_NOON = time(12, 0)


@dataclass(frozen=True, slots=True)
class Close:
    """Close `day` (or finish closing it) and write its files; `following` opens with it."""

    day: date
    following: date


@dataclass(frozen=True, slots=True)
class WriteAgain:
    """Write the files of a day that is closed already; they come out the same."""

    day: date


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no such day to close or to write; `reason` is for a person."""

    reason: str


Decision = Close | WriteAgain | Nothing


def ends_at(day: date, cutoff: time, zone: ZoneInfo) -> datetime:
    """Return the moment (UTC) at which a business day ends and may be closed by the clerk."""
    last = day + _DAY if cutoff <= _NOON else day
    return datetime.combine(last, cutoff, zone).astimezone(UTC)


def business_date(now: datetime, cutoff: time, zone: ZoneInfo) -> date:
    """Return the business day in which `now` (aware) lies by the calendar."""
    day = now.astimezone(zone).date() - _DAY
    while ends_at(day, cutoff, zone) <= now:
        day += _DAY
    return day


def is_due(open_day: date, now: datetime, cutoff: time, zone: ZoneInfo) -> bool:
    """Say whether the open day's end has come."""
    return ends_at(open_day, cutoff, zone) <= now


def following_day(day: date, now: datetime, cutoff: time, zone: ZoneInfo) -> date:
    """Return the day that opens when `day` closes: the next, or today's after a long pause."""
    return max(day + _DAY, business_date(now, cutoff, zone))


def choose(
    asked: date | None,
    *,
    open_day: date,
    closing: Sequence[date],
    last_closed: date | None,
    now: datetime,
    cutoff: time,
    zone: ZoneInfo,
) -> Decision:
    """Decide what a request to settle means; `asked` None is "what is to be done now".

    A close that was begun and not finished is finished first. Else the open day is closed unless
    it lies after today by the site's calendar or by its cut-off (before a cut-off at noon, the
    business day of this morning is yesterday's); then the last closed day is written again, or,
    where there is none, the day that has begun is closed. A day that was asked for by name is
    closed if it is open and has begun by either (after a cut-off in the evening, tomorrow's has),
    written again if closed.
    """
    today = now.astimezone(zone).date()
    due = business_date(now, cutoff, zone)
    begun = max(today, due)
    day = asked
    if day is None:
        day = closing[0] if closing else open_day
        if day == open_day and day > min(today, due) and last_closed is not None:
            return WriteAgain(last_closed)
    if day in closing or (day == open_day and day <= begun):
        return Close(day, following_day(day, now, cutoff, zone))
    if day >= open_day:
        return Nothing(f"business day {day} has not come yet")
    return WriteAgain(day)
