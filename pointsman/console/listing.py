"""What a request wants of a list: filters, order, a page and its snapshot; and the page as told.

A core. ``f=a,b`` is one of them, ``f[gte]=v`` compares, ``sort=-f`` orders, ``after`` and
``before`` go on from a cursor. A cursor names the row beside the page, the newest row when page one
was made and the question it belongs to: rows that come later move nothing. SQL is in
store/listing.py.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import msgspec

from pointsman.console import ids, query
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.store.listing import (
    Condition,
    Field,
    Kind,
    Listing,
    Operator,
    Wanted,
    order_of,
)

ALTERNATIVES_MAX = 50
PLAIN = ("limit", "after", "before", "sort", "include")
INCLUDED = "total"
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+ -][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Asked:
    """One page as it was asked for; `as_of` is when the first one was made."""

    wanted: Wanted
    digest: str
    as_of: datetime
    total: bool
    goes_on: bool


def parameters(which: Listing) -> tuple[str, ...]:
    """Return the parameters that a list knows."""
    found = [
        name if operator is Operator.IS else f"{name}[{operator}]"
        for name, one in which.fields.items()
        for operator in one.operators
    ]
    return (*PLAIN, *found)


def sorts(which: Listing) -> list[str]:
    """Return what a list may be sorted by, each in both directions."""
    return [sign + name for name, one in which.fields.items() if one.order for sign in ("", "-")]


def asked(which: Listing, given: Mapping[str, str], now: datetime) -> Asked:
    """Return what the parameters ask for; raises Problem."""
    conditions = tuple(_conditions(which, given))
    sort = given.get("sort", which.usual)
    if sort not in sorts(which):
        raise query.invalid("sort", f"one of {', '.join(sorts(which))} expected")
    if given.get("include", INCLUDED) != INCLUDED:
        raise query.invalid("include", f"{INCLUDED} expected")
    if "after" in given and "before" in given:
        raise query.invalid("before", "either after or before expected")
    raw = repr((sort, conditions, given.get("q", ""))).encode()
    wanted = Wanted(
        conditions,
        sort.removeprefix("-"),
        sort.startswith("-"),
        query.limit_of(given) + 1,  # one more says that there is more
        backwards="before" in given,
    )
    found = Asked(
        wanted, hashlib.sha256(raw).hexdigest()[:8], now, "include" in given, goes_on=False
    )
    cursor = given.get("after") or given.get("before")
    return _continued(which, found, cursor) if cursor else found


def document(
    which: Listing, page: Asked, rows: Sequence[Sequence[object]], told: list[Document]
) -> Document:
    """Return the page; `rows` are as the database gave them, `told` says the same as documents."""
    limit, back = page.wanted.limit - 1, page.wanted.backwards
    more = len(rows) > limit
    keep = slice(-limit, None) if back else slice(0, limit)
    shown, told = rows[keep], told[keep]
    pin = page.wanted.pin
    if not page.goes_on:
        pin = _pin(which, page, [row[-1] for row in shown])
    follows = bool(shown) and (more or back)
    precedes = bool(shown) and (more if back else page.goes_on)
    return {
        "data": told,
        "page": {
            "has_more": follows,
            "next": _cursor(which, page, pin, shown[-1]) if follows else None,
            "prev": _cursor(which, page, pin, shown[0]) if precedes else None,
        },
        "as_of": time_text(page.as_of),
    }


def total(count: int, most: int) -> Document:
    """Return a total: exact, or at least so many."""
    return {"count": min(count, most), "exact": count <= most}


def _conditions(which: Listing, given: Mapping[str, str]) -> list[Condition]:
    found = []
    for name, one in which.fields.items():
        for operator in one.operators:
            parameter = name if operator is Operator.IS else f"{name}[{operator}]"
            if parameter not in given:
                continue
            texts = [given[parameter]]
            if operator in {Operator.IS, Operator.NOT}:
                texts = given[parameter].split(",")
                if len(texts) > ALTERNATIVES_MAX:
                    raise query.invalid(parameter, f"at most {ALTERNATIVES_MAX} expected")
            values = tuple(_value(parameter, one, text) for text in texts)
            found.append(Condition(name, operator, values))
    return found


def _value(name: str, one: Field, text: str) -> object:
    match one.kind:
        case Kind.CHOICE:
            if text in one.choices:
                return text
            raise query.invalid(name, f"of {', '.join(one.choices)} expected")
        case Kind.COUNT:
            if re.fullmatch("[0-9]{1,18}", text):
                return int(text)
            raise query.invalid(name, "a whole number expected")
        case Kind.DATE:
            return query.date_of(name, text)
        case Kind.MOMENT:
            found = _moment(text)
            if found is not None:
                return found
            raise query.invalid(name, "a moment such as 2026-11-20T08:00:00Z expected")
        case Kind.ID:
            raw = ids.decode(one.prefix, text)
            if raw is not None:
                return raw
            raise query.invalid(name, f"an id that begins with {one.prefix}_ expected")
        case _:
            return text


def _moment(text: str) -> datetime | None:
    """Return a moment of RFC 3339; a + that an address turned into a blank is taken back."""
    if not text.isascii() or not _MOMENT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if 1900 <= found.year < 9999 else None  # noqa: PLR2004  # what every database takes


def _pin(which: Listing, page: Asked, born: Sequence[object]) -> object:
    """Return the newest birth that belongs to the snapshot; None where that cannot be said."""
    at: object = None
    match which.born_kind:
        case Kind.ID:
            at = ids.last_id_at(int(page.as_of.timestamp() * 1000))
        case Kind.MOMENT:
            at = page.as_of
        case _ if not page.wanted.descending:
            return None
        case _:
            pass
    ends = [one for one in (at, *born) if one is not None]
    return max(ends) if ends and which.born else None  # type: ignore[type-var]  # of one kind


def _cursor(which: Listing, page: Asked, pin: object, row: Sequence[object]) -> str:
    size = len(order_of(which, page.wanted))
    parts = [page.as_of, pin, page.digest, *row[-1 - size : -1]]
    raw = msgspec.json.encode([_written(one) for one in parts])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _written(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def _continued(which: Listing, page: Asked, text: str) -> Asked:
    """Return the page with its place of a cursor; raises Problem for one that is not ours."""
    wrong = Problem(Code.INVALID_CURSOR, "after, before: take it from the page beside, as it is")
    order = order_of(which, page.wanted)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        as_of, pin, digest, *place = msgspec.json.decode(raw, type=list[str | int | None])
        if digest != page.digest or len(place) != len(order):
            raise wrong
        values = tuple(_read(kind, one) for one, (_, kind) in zip(place, order, strict=True))
        limit = None if pin is None else _read(which.born_kind, pin)
        at = _read(Kind.MOMENT, as_of)
    except (ValueError, binascii.Error, msgspec.DecodeError, OverflowError):
        raise wrong from None
    assert isinstance(at, datetime)
    wanted = replace(page.wanted, place=values, pin=limit)
    return replace(page, wanted=wanted, as_of=at, goes_on=True)


def _read(kind: Kind, value: str | int | None) -> object:
    """Return a value of a cursor; raises ValueError."""
    match kind, value:
        case Kind.COUNT, int(number) if 0 <= number < 1 << 63:
            return number
        case Kind.TEXT, str(text) if text.isprintable():
            return text
        case Kind.ID, str(text) if text.isascii():
            return bytes.fromhex(text)
        case Kind.DATE, str(text):
            return date.fromisoformat(text)
        case Kind.MOMENT, str(text):
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise ValueError
            return found.astimezone(UTC)
        case _:
            raise ValueError
