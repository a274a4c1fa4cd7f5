"""What a report is asked for: business dates, scope, filters, grouping; checked, never guessed.

Business dates are inclusive. Relative periods are counted from the open business day, so that a
saved view moves with the days. What each report allows is in catalogue.py.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

DAYS_MAX = 400
"""The longest period of one report; longer ones are refused, not cut."""
DAYS_USUAL = 7
PERIODS = ("today", "yesterday", "7d", "30d", "month", "last_month")
FILTERS = ("tid", "acquirer", "method", "brand", "response_code", "hour", "weekday")
_NUMBERS = {"hour": range(24), "weekday": range(1, 8)}  # of the site's zone; Monday is 1
OUTLET = "outlet"
PARAMETERS = ("period", "from", "to", "mid", OUTLET, "by", "compare", *FILTERS)


class AskedWronglyError(ValueError):
    """A parameter that a report cannot take; the text says which and what was expected."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"{name}: {expected}")
        self.name = name
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Period:
    """Business dates, both included."""

    begin: date
    end: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.end - self.begin).days + 1

    @property
    def before(self) -> "Period":
        """The period of the same length that ends the day before."""
        span = timedelta(days=self.days)
        return Period(self.begin - span, self.end - span)


@dataclass(frozen=True, slots=True)
class Places:
    """Outlets by the ids of their rows: those beside `mids` that may be told, and one asked for.

    `neighbours` are the merchants of `within`; what else they have is not told.
    """

    within: tuple[bytes, ...] = ()
    neighbours: tuple[str, ...] = ()
    asked: bytes | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One report as it is asked for; `mids` None means every merchant."""

    period: Period
    mids: tuple[str, ...] | None = None
    by: str = ""
    compare: bool = False
    filters: Mapping[str, str] = field(default_factory=dict)
    places: Places = Places()

    @property
    def values(self) -> dict[str, object]:
        """The values of the store's queries."""
        return {
            "begin": self.period.begin,
            "end": self.period.end,
            "mids": None if self.mids is None else list(self.mids),
            "outlets": list(self.places.within),
            "near": None if self.mids is None else [*self.mids, *self.places.neighbours],
            "outlet": self.places.asked,
            **{name: self.filters.get(name) for name in FILTERS},
            **{n: int(self.filters[n]) if n in self.filters else None for n in _NUMBERS},
        }

    @property
    def of_before(self) -> "Question":
        """The same of the period before."""
        return replace(self, period=self.period.before)

    def told(self) -> dict[str, object]:
        """Return the parameters as manifests and addresses tell them."""
        return {
            "from": self.period.begin.isoformat(),
            "to": self.period.end.isoformat(),
            "scope": "all merchants" if self.mids is None else list(self.mids),
            **(
                {"outlets": [one.hex() for one in self.places.within]} if self.places.within else {}
            ),
            **({"by": self.by} if self.by else {}),
            **({"compare": "before"} if self.compare else {}),
            **dict(self.filters),
        }


def question_of(
    given: Mapping[str, str],
    *,
    today: date,
    mids: tuple[str, ...] | None,
    groupings: tuple[str, ...] = (),
    places: Places = Places(),
) -> Question:
    """Return what is asked; `mids` is what may be told. Raises AskedWronglyError."""
    unknown = [name for name in given if name not in PARAMETERS]
    if unknown:
        raise AskedWronglyError(unknown[0], "not known here")
    by = given.get("by", groupings[0] if groupings else "")
    if by and by not in groupings:
        raise AskedWronglyError("by", f"one of {', '.join(groupings)} expected")
    if given.get("compare", "before") != "before":
        raise AskedWronglyError("compare", "`before` expected")
    for name, allowed in _NUMBERS.items():
        if name in given and given[name].lstrip("0") not in {str(n).lstrip("0") for n in allowed}:
            raise AskedWronglyError(name, f"{allowed[0]} to {allowed[-1]} expected")
    mid = given.get("mid")
    if mid is not None:
        if mid not in places.neighbours:
            places = replace(places, within=(), neighbours=())
        mids = (mid,) if mids is None or mid in mids else ()
    return Question(
        period=period_of(given, today),
        mids=mids,
        by=by,
        compare="compare" in given,
        filters={name: given[name] for name in (OUTLET, *FILTERS) if name in given},
        places=places,
    )


def period_of(given: Mapping[str, str], today: date) -> Period:
    """Return the business dates that are asked for; the usual are the last seven."""
    if "period" in given:
        if "from" in given or "to" in given:
            raise AskedWronglyError("period", "either a period, or from and to")
        return _relative(given["period"], today)
    end = _date("to", given["to"]) if "to" in given else today
    usual = end - timedelta(days=DAYS_USUAL - 1)
    begin = _date("from", given["from"]) if "from" in given else usual
    if begin > end:
        raise AskedWronglyError("from", "a date that is not after `to` expected")
    found = Period(begin, end)
    if found.days > DAYS_MAX:
        raise AskedWronglyError("from", f"at most {DAYS_MAX} days expected")
    return found


def _relative(name: str, today: date) -> Period:
    first = today.replace(day=1)
    match name:
        case "today":
            return Period(today, today)
        case "yesterday":
            return Period(today - timedelta(days=1), today - timedelta(days=1))
        case "7d":
            return Period(today - timedelta(days=6), today)
        case "30d":
            return Period(today - timedelta(days=29), today)
        case "month":
            return Period(first, today)
        case "last_month":
            last = first - timedelta(days=1)
            return Period(last.replace(day=1), last)
        case _:
            raise AskedWronglyError("period", f"one of {', '.join(PERIODS)} expected")


def _date(name: str, text: str) -> date:
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            found = date.fromisoformat(text)
        except ValueError:
            pass
        else:
            if date(2000, 1, 1) <= found < date(2200, 1, 1):
                return found
    raise AskedWronglyError(name, "a date such as 2026-11-20 expected")
