"""Lists of the public API: one page of any list, as it was asked for and within the asker's reach.

A shell over store/console_lists.py. What may be asked stands in the listings of the store; how a
request asks it, in listing.py; what one row says, with those who call this.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pointsman.console import listing
from pointsman.console.gate import Ask
from pointsman.console.payments import Document
from pointsman.console.row import LISTS
from pointsman.effects import Effects
from pointsman.store.console_lists import COUNT_MAX, Lists
from pointsman.store.listing import Within, order_of

Told = Callable[[Sequence[Any]], Document]  # Any: a row's columns
ToldAll = Callable[[list[Sequence[Any]]], Awaitable[list[Document]]]


def within(ask: Ask) -> Within:
    """Return whose rows a request may see."""
    return Within(ask.mids, ask.outlets, sorted(ask.reach.neighbours))


class ListReading:
    """Reads pages."""

    def __init__(self, lists: Lists, effects: Effects) -> None:
        self._lists = lists
        self._effects = effects

    def asked(self, ask: Ask, name: str) -> listing.Asked:
        """Return what a request asks of a list; raises Problem."""
        return listing.asked(LISTS[name], ask.parameters, self._effects.now())

    async def page(
        self,
        ask: Ask,
        name: str,
        told: Told,
        *,
        more: str = "",
        values: Mapping[str, object] | None = None,
    ) -> Document:
        """Return a page; `more` is a condition of the list's own, over `values`. Raises Problem."""

        async def all_told(rows: list[Sequence[Any]]) -> list[Document]:
            return [told(row) for row in rows]

        return await self.page_of(ask, name, all_told, more=more, values=values)

    async def page_of(
        self,
        ask: Ask,
        name: str,
        told: ToldAll,
        *,
        more: str = "",
        values: Mapping[str, object] | None = None,
    ) -> Document:
        """Return a page whose rows are told together."""
        which, asked = LISTS[name], self.asked(ask, name)
        wanted = replace(asked.wanted, more=more, values=values or {})
        scope = within(ask)
        rows = await self._lists.page(which, wanted, scope)
        tail = len(order_of(which, wanted)) + 1
        documents = await told([row[:-tail] for row in rows])
        found = listing.document(which, asked, rows, documents)
        if asked.total:
            count = await self._lists.count(which, replace(wanted, limit=0), scope)
            found["total"] = listing.total(count, COUNT_MAX)
        return found

    async def count(self, ask: Ask, name: str, values: Mapping[str, object]) -> int:
        """Return how many rows a list would hold, up to COUNT_MAX and one. Raises Problem."""
        wanted = replace(self.asked(ask, name).wanted, values=values, limit=0)
        return await self._lists.count(LISTS[name], wanted, within(ask))

    async def found(
        self, ask: Ask, name: str, more: str, values: Mapping[str, object]
    ) -> list[Sequence[Any]]:
        """Return the rows within reach for which a condition of the list's own holds."""
        which = LISTS[name]
        asked = listing.asked(which, {}, self._effects.now())
        wanted = replace(asked.wanted, more=more, values=values)
        rows = await self._lists.page(which, wanted, within(ask))
        return [row[: -len(order_of(which, wanted)) - 1] for row in rows]

    async def some(
        self, name: str, told: Told, scope: Within, given: Mapping[str, str]
    ) -> list[Document]:
        """Return the rows that these parameters name; who asks was checked."""
        which = LISTS[name]
        asked = listing.asked(which, given, self._effects.now())
        rows = await self._lists.page(which, asked.wanted, scope)
        tail = len(order_of(which, asked.wanted)) + 1
        return [told(row[:-tail]) for row in rows[: asked.wanted.limit - 1]]
