"""Outlets and the history of terminals, as the API tells them.

A shell over store/console_places.py. Adding them is onboarding.py.
"""

from collections.abc import Sequence
from typing import Any

from pointsman.console import ids, query
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading, within
from pointsman.console.onboarding import OUTLET
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.store.console_places import Places


class PlaceReading:
    """Tells outlets and bindings."""

    def __init__(self, places: Places, lists: ListReading) -> None:
        self._places = places
        self._lists = lists

    async def outlets(self, ask: Ask) -> Document:
        """List outlets."""
        return await self._lists.page(ask, "outlets", shown_outlet)

    async def outlet(self, ask: Ask, outlet: str) -> Document:
        """Tell one outlet."""
        raw = ids.decode(OUTLET, outlet)
        if raw is not None:
            values = {"wanted": raw}
            for row in await self._lists.found(ask, "outlets", "o.id = %(wanted)s", values):
                return shown_outlet(row)
        raise Problem(Code.NOT_FOUND, "There is no such outlet.")

    async def of_merchant(self, ask: Ask, mid: str) -> list[Document]:
        """Tell a merchant's outlets as far as the caller's right reaches."""
        given = {"mid": mid, "limit": str(query.LIMIT_MAX)}
        return await self._lists.some("outlets", shown_outlet, within(ask), given)

    async def mid_of(self, outlet: bytes) -> str:
        """Return the merchant of an outlet, empty where there is none."""
        return await self._places.mid_of(outlet)

    async def bindings(self, ask: Ask, mid: str, tid: str) -> Document:
        """Tell where a terminal's device stood; other merchants' numbers only to their readers."""
        missing = Problem(Code.NOT_FOUND, "There is no such terminal.")
        if not ask.reach.touches(mid):
            raise missing
        rows = await self._places.bindings(mid, tid)
        standing = [row[3] for row in rows if (row[1], row[2], row[6]) == (mid, tid, None)]
        if not ask.reach.covers(mid, standing[0] if standing else None):
            raise missing
        found = [
            {
                "serial": serial,
                "mid": at,
                "tid": number,
                "outlet": None if outlet is None else ids.encode(OUTLET, outlet),
                "outlet_name": name,
                "since": time_text(since),
                "until": None if until is None else time_text(until),
            }
            for serial, at, number, outlet, name, since, until in rows
            if ask.reach.covers(at, outlet)
        ]
        return {"data": found}


def shown_outlet(row: Sequence[Any]) -> Document:
    """Return an outlet as the API tells it."""
    raw, mid, merchant, name, city, address, active, terminals = row
    return {
        "id": ids.encode(OUTLET, raw),
        "mid": mid,
        "merchant_name": merchant,
        "name": name,
        "city": city,
        "address": address,
        "state": "active" if active else "closed",
        "terminals": terminals,
    }
