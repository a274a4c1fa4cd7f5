"""Rows of the reports of sums: measures of each group, shares of the whole, the period before.

Plain values of what store/console_figures.py gives: currency, the grouping's values, sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pointsman.money import currency
from pointsman.reports.catalogue import Definition, sum_columns
from pointsman.reports.measures import MEASURES, Kind, growth, ratio
from pointsman.reports.period import Period
from pointsman.reports.sums import Sums, total
from pointsman.reports.table import Cell, Column, Row, column_of


@dataclass(frozen=True, slots=True)
class Names:
    """Names by MID, and by an outlet's id as figures have it (hex): its id for people, its name."""

    merchants: Mapping[str, str] = field(default_factory=dict)
    outlets: Mapping[str, tuple[str, str]] = field(default_factory=dict)


Group = tuple[str, tuple[str, ...]]
"""A currency (letters) and the values of a grouping."""

# Groupings whose values stand for the same thing in the period before.
_TIMELESS = frozenset(
    {"hour", "weekday", "brand", "method", "outlet", "terminal", "merchant", "acquirer"}
)
_ONCE = (
    "a date is in one period alone; the total compares the two periods",
    "一个日期只属于一个期间；两个期间的对比见合计行",
)
_PARAMETER = {name: name for name in ("brand", "method", "acquirer", "hour", "weekday")}
_DAY = timedelta(days=1)


def groups_of(rows: Sequence[Sequence[Any]], width: int) -> dict[Group, Sums]:
    """Return the sums of each group. Any: columns have their own types."""
    return {
        (currency(row[0]).code, tuple(row[1 : 1 + width])): Sums.of(row[1 + width :])
        for row in rows
    }


def columns(definition: Definition, by: str, *, compare: bool) -> tuple[Column, ...]:
    """Return the columns, with those of the period before."""
    found = sum_columns(definition, by)
    if not compare:
        return found
    lead = column_of(definition.leading)
    missing = ("", "") if set(by.split("-")) <= _TIMELESS else _ONCE
    before = Column(
        "before", lead.kind, f"{lead.en} before", f"上期{lead.zh}",
        "the same in the period before, of the same length", "上一个等长期间的同一指标",
        *missing,
    )  # fmt: skip
    change = Column(
        "growth", Kind.RATIO, "Change", "环比",
        "(this − before) ÷ before", "（本期 − 上期）÷ 上期",
        *missing,
    )  # fmt: skip
    return (*found, before, change)


def by_currency(groups: Mapping[Group, Sums]) -> dict[str, Sums]:
    """Return the sum of all groups of each currency."""
    codes = sorted({code for code, _ in groups})
    return {code: total(one for (c, _), one in groups.items() if c == code) for code in codes}


def rows(
    definition: Definition,
    by: str,
    groups: Mapping[Group, Sums],
    before: Mapping[Group, Sums] | None,
    names: Names,
) -> list[Row]:
    """Return a row for each group, in order."""
    wholes = by_currency(groups)
    parts = by.split("-")
    found = []
    for (code, values), sums in groups.items():
        cells = _leading(parts, values, names) + _figures(definition, sums, wholes[code])
        if before is not None:
            same = before.get((code, values)) if set(parts) <= _TIMELESS else None
            cells += _compared(definition, sums, same)
        found.append(Row(code, cells, _key(parts, values, names)))
    return found


def totals(
    definition: Definition,
    by: str,
    groups: Mapping[Group, Sums],
    before: Mapping[Group, Sums] | None,
) -> list[Row]:
    """Return one row for each currency: computed from sums, never from the rows' rates."""
    befores = by_currency(before or {})
    width = len(sum_columns(definition, by)) - len(definition.measures) - len(definition.also)
    found = []
    for code, sums in by_currency(groups).items():
        cells: list[Cell] = [None] * width + _figures(definition, sums, sums)
        if before is not None:
            cells += _compared(definition, sums, befores.get(code))
        found.append(Row(code, cells))
    return found


def _leading(parts: Sequence[str], values: Sequence[str], names: Names) -> list[Cell]:
    cells: list[Cell] = []
    for part, value in zip(parts, values, strict=True):
        match part:
            case "merchant":
                cells += [value, names.merchants.get(value, "")]
            case "outlet":
                mid, _, outlet = value.partition("/")
                _, name = names.outlets.get(outlet, ("", None))
                cells += [mid, names.merchants.get(mid, ""), name]
            case "terminal":
                mid, _, tid = value.partition("/")
                cells += [mid, names.merchants.get(mid, ""), tid]
            case _:
                cells.append(value)
    return cells


def _figures(definition: Definition, sums: Sums, whole: Sums) -> list[Cell]:
    cells: list[Cell] = [MEASURES[code].value(sums) for code in definition.measures]
    for column in definition.also:
        match column.code:
            case "share":
                cells.append(ratio(sums.gross_minor, whole.gross_minor))
            case "last_payment":
                cells.append(sums.last_at)
            case _:
                cells.append(None)
    return cells


def _compared(definition: Definition, sums: Sums, before: Sums | None) -> list[Cell]:
    value = MEASURES[definition.leading].value
    then = None if before is None else value(before)
    return [then, growth(value(sums), then)]


def _key(parts: Sequence[str], values: Sequence[str], names: Names) -> list[tuple[str, str]]:
    """Return the parameters of R02 that give the transactions behind a row."""
    found: list[tuple[str, str]] = []
    for part, value in zip(parts, values, strict=True):
        match part:
            case "day":
                found += [("from", value), ("to", value)]
            case "merchant":
                found.append(("mid", value))
            case "outlet":
                mid, _, outlet = value.partition("/")
                found.append(("mid", mid))
                if outlet in names.outlets:
                    found.append(("outlet", names.outlets[outlet][0]))
            case "terminal":
                mid, _, tid = value.partition("/")
                found += [("mid", mid), ("tid", tid)]
            case "week":
                monday = date.fromisoformat(f"{value}-1")
                found += _days(monday, monday + timedelta(days=6))
            case "month":
                first = date.fromisoformat(f"{value}-01")
                found += _days(first, (first + timedelta(days=31)).replace(day=1) - _DAY)
            case _ if part in _PARAMETER and value:
                found.append((_PARAMETER[part], value))
            case _:
                pass
    return found


def _days(begin: date, end: date) -> list[tuple[str, str]]:
    return [("from", begin.isoformat()), ("to", end.isoformat())]


def within(rows: Sequence[Row], period: Period) -> list[Row]:
    """Return rows that lead to nothing outside of their report's period."""
    begin, end = period.begin.isoformat(), period.end.isoformat()
    found = []
    for row in rows:
        key = dict(row.key)
        if "from" in key:
            key["from"] = max(key["from"], begin)
            key["to"] = min(key["to"], end)
        found.append(replace(row, key=tuple(key.items())))
    return found
