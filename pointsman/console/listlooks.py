"""What a list looks like on its page, as values: columns, filters, the usual order.

A core. Heads, filters, tags of what else is filtered, empty states and the bar of what was selected
are drawn from these by templates/lists.html; which lists there are is listtable.py. What may be
asked of a list is said in the listings of the store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pointsman.console.row import LISTS
from pointsman.store.listing import Kind

OF_PAGES = frozenset({"after", "before", "limit", "sort", "include"})


_NAMES = {
    "q": "Search",
    "mid": "MID",
    "tid": "Terminal",
    "acquirer": "Acquirer",
    "kind": "Kind",
    "outlet": "Outlet",
    "batch": "Batch",
    "method": "Method",
}
"""What filters are called that come with a link."""


@dataclass(frozen=True, slots=True)
class Column:
    """A head. `field` is what it sorts by, empty where nothing sorts it."""

    words: str
    field: str = ""
    num: bool = False
    low: bool = False  # left out first where there is little room
    more: bool = False  # shown where its reader chooses it
    bounded: bool = False  # sorted within days alone


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of the filter row; `name` is the parameter of the address."""

    name: str
    words: str
    size: int = 12


@dataclass(frozen=True, slots=True)
class ListLook:
    """One list. `api` is its name in the API, `pick` the parameter that asks for single rows.

    `birth` is the field by which a row is newer than the page; where that is no moment, the member
    that holds it has the same name.
    """

    api: str
    title: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    pick: str = ""
    birth: str = ""
    sub: str = ""
    never: tuple[str, str] = ("Nothing here so far", "What there is will be listed here.")

    @property
    def of_pages(self) -> frozenset[str]:
        """Return the parameters that choose a page or an order, and leave nothing out."""
        return OF_PAGES

    @property
    def usual(self) -> str:
        """Return the order that the list has where none is asked for."""
        return LISTS[self.api].usual

    def choices(self, one: Filter) -> tuple[str, ...]:
        """Return the words that a filter chooses from; none where it is typed."""
        return tuple(LISTS[self.api].fields[_plain(one.name)].choices)

    def is_date(self, one: Filter) -> bool:
        """Say whether a filter is a day."""
        return LISTS[self.api].fields[_plain(one.name)].kind is Kind.DATE

    def filtered(self, given: Mapping[str, str]) -> bool:
        """Say whether anything is left out by a filter."""
        return any(name not in OF_PAGES for name in given)

    def others(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the filters of the address that have no field of their own, by parameter."""
        shown = {one.name for one in self.filters} | {"q"} | OF_PAGES
        return {name: value for name, value in given.items() if name not in shown}

    def active(self, given: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Return every filter of the address: its parameter, its words and its value."""
        words = _NAMES | {one.name: one.words for one in self.filters}
        return [
            (name, words.get(name, name), value)
            for name, value in given.items()
            if name not in OF_PAGES
        ]

    @staticmethod
    def worded(value: str, said: Callable[[str], str]) -> str:
        """Return what a filter asks for, its alternatives in words."""
        return ", ".join(said(one) for one in value.split(","))

    def newest(self, found: Mapping[str, Any]) -> str:
        """Return since when a row is newer than a page; empty where that cannot be said."""
        if not self.birth:
            return ""
        if LISTS[self.api].fields[self.birth].kind is Kind.MOMENT:
            return str(found["as_of"])
        return str(max((one[self.birth] for one in found["data"]), default=""))

    def kept(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return what a filter row hands on as it is: other filters, and the order."""
        order = {"sort": given["sort"]} if "sort" in given else {}
        return self.others(given) | order


def _plain(parameter: str) -> str:
    return parameter.partition("[")[0]
