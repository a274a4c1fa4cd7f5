"""What a merchant's limits and the list of refused cards forbid, judged by what acquirers hold.

A core. Limits of a business day count what was asked beforehand and moves money (switch-rules 9):
off-line advices are not refused, and what a void has freed may be used again. The sums are made
from acquirers' books; which day a payment is of, and which card, the other witnesses say.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.sim.book import Book
from pointsman.sim.pos_types import TYPES, Mark
from pointsman.sim.terminal_rows import Kind
from pointsman.sim.world.rules import RULES
from pointsman.sim.world.testimony import JournalRow, RequestName, View

Violation = tuple[str, str]
MONTH: Final = len("2026-11")


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What is forbidden in a run: limits of a day by their names, and one listed card."""

    limits: Mapping[str, int]
    spared: str = ""  # the merchant that has no limits
    listed_card: str = ""


FREE: Final = Ceilings({})


def judge(
    ceilings: Ceilings,
    journal: Sequence[JournalRow],
    books: Mapping[str, Book],
    views: Mapping[RequestName, View],
) -> Iterator[Violation]:
    """Yield what was approved, or reached an acquirer, that was forbidden."""
    yield from _listed(ceilings, journal, books, views)
    yield from _over(ceilings, journal, books, views)
    yield from _too_many(ceilings, journal, books, views)
    yield from _shares(ceilings, journal, books)


def _listed(
    ceilings: Ceilings,
    journal: Sequence[JournalRow],
    books: Mapping[str, Book],
    views: Mapping[RequestName, View],
) -> Iterator[Violation]:
    rows = {row.name: row for row in journal}
    for name, view in views.items():
        asked = view.asked
        follows = asked.original_stan and asked.what is not Kind.PREAUTH_MORE
        if not ceilings.listed_card or asked.card != ceilings.listed_card:
            continue
        if follows or RULES[asked.what].told_first:
            continue
        if view.told is not None and view.told.approved:
            yield "P8", f"a {asked.what} of a listed card was approved"
        row = rows.get(name)
        if row is not None and row.host_key in books.get(row.acquirer, Book()).entries:
            yield "P8", f"a {asked.what} of a listed card reached its acquirer"


def _over(
    ceilings: Ceilings,
    journal: Sequence[JournalRow],
    books: Mapping[str, Book],
    views: Mapping[RequestName, View],
) -> Iterator[Violation]:
    if not ceilings.limits:
        return
    voided = {row.original for row in journal if RULES[row.kind].mark is Mark.VOIDS}
    minor, count = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in journal:
        rule = RULES[row.kind]
        book = books.get(row.acquirer)
        entry = None if book is None else book.entries.get(row.host_key)
        if entry is None or not entry.live or row.id in voided or not is_counted(row.kind):
            continue
        if row.name[0] == ceilings.spared:
            continue
        scopes: list[tuple[str, ...]] = [("refund_", row.name[0])]
        if rule.sign > 0:
            view = views.get(row.name)
            scopes = [("", row.name[0]), ("terminal_", *row.name[:2])]
            if view is not None and view.asked.card:
                scopes.append(("card_", row.name[0], view.asked.card))
        for scope in scopes:
            for period, date in (("day", row.day), ("month", row.day[:MONTH])):
                minor[scope[0] + period, *scope[1:], date] += entry.row.amount_minor
                count[scope[0] + period, *scope[1:], date] += 1
    for unit, sums in (("minor", minor), ("count", count)):
        for scope, total in sums.items():
            most = ceilings.limits.get(f"{scope[0]}_{unit}_max", 0)
            if most and total > most:
                yield "P8", f"{total} of {most}: the limit {scope[0]}_{unit} was passed"


def _too_many(
    ceilings: Ceilings,
    journal: Sequence[JournalRow],
    books: Mapping[str, Book],
    views: Mapping[RequestName, View],
) -> Iterator[Violation]:
    """Yield cards that paid at more merchants in a day than they may."""
    most = ceilings.limits.get("card_day_merchants_max", 0)
    voided = {row.original for row in journal if RULES[row.kind].mark is Mark.VOIDS}
    merchants: dict[tuple[str, str], set[str]] = {}
    for row in journal if most else ():
        entry = books.get(row.acquirer, Book()).entries.get(row.host_key)
        view = views.get(row.name)
        if entry is None or not entry.live or view is None or not view.asked.card:
            continue
        is_sale = is_counted(row.kind) and RULES[row.kind].sign > 0
        if is_sale and row.id not in voided and row.name[0] != ceilings.spared:
            merchants.setdefault((view.asked.card, row.day), set()).add(row.name[0])
    for card, day in [name for name, mids in merchants.items() if len(mids) > most]:
        yield "P8", f"{card} paid at more than {most} merchants on {day}"


def _shares(
    ceilings: Ceilings, journal: Sequence[JournalRow], books: Mapping[str, Book]
) -> Iterator[Violation]:
    """Yield merchants that gave back more of what was ever sold than they may."""
    percent = ceilings.limits.get("refund_percent_max", 0)
    sold, given = Counter[str](), Counter[str]()
    for row in journal:
        rule = RULES[row.kind]
        if not percent or not is_counted(row.kind) or row.name[0] == ceilings.spared:
            continue
        entry = books.get(row.acquirer, Book()).entries.get(row.host_key)
        if rule.sign > 0 and row.state != "refused":
            sold[row.name[0]] += row.amount_minor
        elif rule.sign < 0 and entry is not None and entry.live:
            given[row.name[0]] += entry.row.amount_minor
    for mid, minor in given.items():
        if minor * 100 > sold[mid] * percent:
            yield "P8", f"{minor} was given back of {sold[mid]}, more than {percent} %"


def is_counted(kind: str) -> bool:
    """Tell whether limits count this type: it moves money and is asked for beforehand."""
    one = TYPES[Kind(kind)]
    return RULES[kind].sign != 0 and one.mark is not Mark.VOIDS and not RULES[kind].told_first
