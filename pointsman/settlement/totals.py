"""Counts and sums of posted lines: by merchant, acquirer and currency, and what was left open.

Everything is whole minor units of one currency. Terminal totals are compared in batch.py; how
figures become files is in files.py; which lines belong to a day is decided by the store.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pointsman.money import Amount, Currency, currency
from pointsman.store.day import OpenItem, PostedLine, PostingKind

UNDONE = "undone"
"""The group of lines that take an earlier posting back; all others are grouped by their kind."""

Group = tuple[str, str]
"""What is added up: a name (empty for everything) and a numeric currency."""


class ImbalanceError(Exception):
    """Two ways of adding up one day gave different sums: a defect, nothing may be written."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many lines, and their signed sum in minor units."""

    count: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums of one group in one currency: by type (sale, void, undone ...), and their net."""

    currency: Currency
    by_type: Mapping[str, Sum] = field(default_factory=dict)

    @property
    def net(self) -> Sum:
        """All types together."""
        parts = self.by_type.values()
        return Sum(sum(part.count for part in parts), sum(part.minor for part in parts))

    def text(self, found: Sum) -> str:
        """Return a sum as decimal text of this tally's currency."""
        return Amount(found.minor, self.currency).decimal_text()


def type_of(line: PostedLine) -> str:
    """Return the group in which a line is counted."""
    return UNDONE if line.posting is PostingKind.UNDO else line.kind


def add_up(lines: Iterable[PostedLine], key: Callable[[PostedLine], str]) -> dict[Group, Tally]:
    """Add lines up by (`key`, currency), in order; each line counts in exactly one tally."""
    sums: dict[Group, dict[str, Sum]] = {}
    for line in lines:
        by_type = sums.setdefault((key(line), line.currency), {})
        group = type_of(line)
        before = by_type.get(group, Sum())
        by_type[group] = Sum(before.count + 1, before.minor + line.signed_minor)
    return _tallies(sums)


def add_up_open(items: Iterable[OpenItem]) -> dict[Group, Tally]:
    """Add open items up by (reason, currency); nothing of it was settled."""
    sums: dict[Group, dict[str, Sum]] = {}
    for item in items:
        by_kind = sums.setdefault((item.reason.value, item.currency), {})
        before = by_kind.get(item.kind, Sum())
        by_kind[item.kind] = Sum(before.count + 1, before.minor + item.signed_minor)
    return _tallies(sums)


def _tallies(sums: Mapping[Group, Mapping[str, Sum]]) -> dict[Group, Tally]:
    return {
        found: Tally(currency(found[1]), dict(sorted(sums[found].items())))
        for found in sorted(sums)
    }


@dataclass(frozen=True, slots=True)
class DayTotals:
    """All sums of one day."""

    by_merchant: Mapping[Group, Tally]
    by_acquirer: Mapping[Group, Tally]
    by_currency: Mapping[Group, Tally]
    open_items: Mapping[Group, Tally]


def day_totals(lines: Sequence[PostedLine], items: Sequence[OpenItem]) -> DayTotals:
    """Add one day up in every way; raises `ImbalanceError` where the ways do not agree."""
    totals = DayTotals(
        by_merchant=add_up(lines, lambda line: line.mid),
        by_acquirer=add_up(lines, lambda line: line.acquirer),
        by_currency=add_up(lines, lambda _line: ""),
        open_items=add_up_open(items),
    )
    for (_, code), whole in totals.by_currency.items():
        for ways in (totals.by_merchant, totals.by_acquirer):
            parts = [tally.net for (_, found), tally in ways.items() if found == code]
            if Sum(sum(p.count for p in parts), sum(p.minor for p in parts)) != whole.net:
                raise ImbalanceError(f"the sums of currency {code} do not agree")
    return totals
