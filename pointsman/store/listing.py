"""How a list is asked of the database: conditions, one order, a place to go on from, a snapshot.

A core: values in, one statement and its values out. Every piece of SQL comes from the tables of
console_listings.py, every value of a request is bound; what the words of a request mean is decided
in console/listing.py. Statements are run by console_lists.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum


class Kind(Enum):
    """What values a field has; the value is its type in SQL."""

    TEXT = "text"
    CHOICE = "choice"  # one of some words, each with a condition of its own
    COUNT = "bigint"
    MOMENT = "timestamptz"
    DATE = "date"
    ID = "bytea"


class Operator(StrEnum):
    """How a field is compared."""

    IS = "is"
    NOT = "ne"
    OVER = "gt"
    FROM = "gte"
    UNDER = "lt"
    TO = "lte"
    PREFIX = "prefix"


_SIGNS = {Operator.OVER: ">", Operator.FROM: ">=", Operator.UNDER: "<", Operator.TO: "<="}
ORDERED = (Kind.COUNT, Kind.MOMENT, Kind.DATE)


@dataclass(frozen=True, slots=True)
class Field:
    """What may be asked of one member. `sql` is its expression, `order` what it is sorted by.

    `floor` and `ceiling` narrow an index where the field itself has none: ``{}`` is the value.
    `alone` is the expression of a list that is not read in the order of its key, without them.
    """

    kind: Kind
    sql: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""  # of an id
    starts: bool = False  # may be asked by its beginning
    order: str = ""
    order_kind: Kind | None = None
    floor: str = ""
    ceiling: str = ""
    alone: str = ""

    @property
    def operators(self) -> tuple[Operator, ...]:
        """How it may be compared."""
        if self.kind in ORDERED:
            return (Operator.IS, *_SIGNS)
        if self.starts:
            return (Operator.IS, Operator.NOT, Operator.PREFIX)
        return (Operator.IS, Operator.NOT)


@dataclass(frozen=True, slots=True)
class Listing:
    """One list: what is read, who may see which rows, and in which order it stands."""

    columns: str
    source: str
    fields: Mapping[str, Field]
    key: tuple[tuple[str, Kind], ...]  # unique: ends every order
    usual: str  # the name of its field it is sorted by, with - for descending
    mid: str = ""  # the column of the merchant; empty: not of merchants
    outlet: str = ""  # the expression of a row's outlet, where it has one
    of_neighbours: bool = False  # rows of merchants of which one has an outlet are seen, too
    visible: str = ""  # instead of `mid`, where more must be said
    born: str = ""  # since when a row is there
    born_kind: Kind = Kind.MOMENT
    lean: str = ""  # a source without joins that has all but the columns


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter; several values are alternatives."""

    name: str
    operator: Operator
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Whose rows are seen: everybody's (None), or those of merchants and of single outlets."""

    mids: Sequence[str] | None
    outlets: Sequence[bytes] = ()
    neighbours: Sequence[str] = ()  # the merchants of those outlets


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of a list. `place` is the row beside it: sort value and key; `pin` its snapshot."""

    conditions: tuple[Condition, ...]
    sort: str  # a field
    descending: bool
    limit: int
    place: tuple[object, ...] = ()
    backwards: bool = False
    pin: object = None
    more: str = ""  # another condition, of the list's own code, over `values`
    values: Mapping[str, object] = field(default_factory=dict)


def page(listing: Listing, wanted: Wanted, within: Within) -> tuple[str, dict[str, object]]:
    """Return the statement of a page; its rows end with sort value, key and birth."""
    where, values = _where(listing, wanted, within)
    order = order_of(listing, wanted)
    down = wanted.descending != wanted.backwards
    if wanted.place:
        marks = []
        for number, (value, (_, kind)) in enumerate(zip(wanted.place, order, strict=True)):
            values[f"p{number}"] = value
            marks.append(f"%(p{number})s::{kind.value}")
        left, right = ", ".join(sql for sql, _ in order), ", ".join(marks)
        where += f"\n    and ({left}) {'<' if down else '>'} ({right})"
    word = " desc" if down else ""
    by = ", ".join(sql + word for sql, _ in order)
    tail = ", ".join([*(sql for sql, _ in order), listing.born or "null"])
    values["limit"] = wanted.limit
    end = f"order by {by} limit %(limit)s"
    if listing.lean and order[0] not in listing.key:
        # Many rows are put in order for a few: their keys alone.
        key = ", ".join(sql for sql, _ in listing.key)
        where = f"({key}) in (select {key} from {listing.lean}\nwhere {where}\n{end})"  # noqa: S608  # of our tables
    return f"select {listing.columns}, {tail}\nfrom {listing.source}\nwhere {where}\n{end}", values


def count(
    listing: Listing, wanted: Wanted, within: Within, most: int
) -> tuple[str, dict[str, object]]:
    """Return the statement that counts what the list holds, up to `most`."""
    where, values = _where(listing, wanted, within)
    values["most"] = most
    inner = f"select 1 from {listing.source} where {where} limit %(most)s"  # noqa: S608  # of our tables
    return f"select count(*) from ({inner}) x", values  # noqa: S608  # of our tables


def order_of(listing: Listing, wanted: Wanted) -> list[tuple[str, Kind]]:
    """Return what the list is sorted by: the field, then the key that makes it unique."""
    one = listing.fields[wanted.sort]
    first = (one.order, one.order_kind or one.kind)
    return [first, *(part for part in listing.key if part[0] != one.order)]


def _where(listing: Listing, wanted: Wanted, within: Within) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = dict(wanted.values)
    parts = [_visible(listing, within, values)]
    for number, condition in enumerate(wanted.conditions):
        one = listing.fields[condition.name]
        if one.alone and order_of(listing, wanted)[0] not in listing.key:
            one = replace(one, sql=one.alone, floor="", ceiling="")
        parts.append(_condition(one, condition, f"c{number}", values))
    if wanted.pin is not None:
        values["pin"] = wanted.pin
        parts.append(f"{listing.born} <= %(pin)s::{listing.born_kind.value}")
    if wanted.more:
        parts.append(wanted.more)
    return "\n    and ".join(parts), values


def _visible(listing: Listing, within: Within, values: dict[str, object]) -> str:
    """Return the condition of scope: the one place where it becomes SQL."""
    if within.mids is None:
        return "true"
    values["mids"] = list(within.mids)
    values["outlets"] = list(within.outlets)
    values["neighbours"] = list(within.neighbours)
    if listing.visible:
        return listing.visible
    if not listing.mid:
        return "true"
    own = f"{listing.mid} = any(%(mids)s::text[])"
    near = f"{listing.mid} = any(%(neighbours)s::text[])"
    if not within.outlets or not (listing.outlet or listing.of_neighbours):
        return own
    if listing.of_neighbours:
        return f"({own} or {near})"
    return f"({own} or ({near} and {listing.outlet} = any(%(outlets)s::bytea[])))"


def _condition(one: Field, asked: Condition, name: str, values: dict[str, object]) -> str:
    if one.kind is Kind.CHOICE:
        found = " or ".join(f"({one.choices[str(word)]})" for word in asked.values)
        return f"({found})" if asked.operator is Operator.IS else f"not ({found})"
    kind = one.kind.value
    match asked.operator:
        case Operator.IS | Operator.NOT:
            values[name] = list(asked.values)
            found = f"{one.sql} = any(%({name})s::{kind}[])"
            if asked.operator is Operator.NOT:
                return f"({one.sql} is null or not {found})"
            return found + _narrowed(one, asked.operator, name, values)
        case Operator.PREFIX:
            values[name] = str(asked.values[0])
            return f"starts_with({one.sql}, %({name})s)"
        case _:
            values[name] = asked.values[0]
            found = f"{one.sql} {_SIGNS[asked.operator]} %({name})s::{kind}"
            return found + _narrowed(one, asked.operator, name, values)


def _narrowed(one: Field, operator: Operator, name: str, values: dict[str, object]) -> str:
    """Return what narrows an index besides, with the least or the greatest value."""
    found = ""
    given = values[name]
    ends: list[object] = given if isinstance(given, list) else [given]
    if one.floor and operator in {Operator.IS, Operator.OVER, Operator.FROM}:
        values[name + "f"] = min(ends)  # type: ignore[type-var]  # of one kind
        found += f" and {one.floor.format(f'%({name}f)s::{one.kind.value}')}"
    if one.ceiling and operator in {Operator.IS, Operator.UNDER, Operator.TO}:
        values[name + "t"] = max(ends)  # type: ignore[type-var]  # of one kind
        found += f" and {one.ceiling.format(f'%({name}t)s::{one.kind.value}')}"
    return found
