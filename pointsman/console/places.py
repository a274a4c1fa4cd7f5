"""Outlets and the history of terminals, as the API tells them.

A shell over store/console_places.py. Adding them is onboarding.py.
"""

from collections.abc import Sequence
from typing import Any

from pointsman.console import ids, query
from pointsman.console.gate import Ask
from pointsman.console.onboarding import OUTLET
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.query import Cursor
from pointsman.effects import Effects
from pointsman.store.console_places import Places


class PlaceReading:
    """Tells outlets and bindings."""

    def __init__(self, places: Places, effects: Effects) -> None:
        self._places = places
        self._effects = effects

    async def outlets(self, ask: Ask) -> Document:
        """List outlets."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 1)
        after = ids.decode(OUTLET, cursor.place[0]) if cursor else b""
        if after is None:
            raise Problem(Code.INVALID_CURSOR, "after: take it from the page before")
        mids, mid = ask.mids, ask.parameters.get("mid")
        if mid is not None:
            mids = [mid] if ask.reach.includes(mid) else []
        rows = await self._places.outlets(mids, after, limit + 1)
        found = [_outlet(row) for row in rows[:limit]]
        more = len(rows) > limit
        place = Cursor((str(found[-1]["id"]),)).encode() if more else None
        return {
            "data": found,
            "page": {"has_more": more, "next": place},
            "as_of": time_text(self._effects.now()),
        }

    async def of_merchant(self, mid: str) -> list[Document]:
        """Tell a merchant's outlets; who asks was checked."""
        rows = await self._places.outlets([mid], b"", query.LIMIT_MAX)
        return [_outlet(row) for row in rows]

    async def bindings(self, ask: Ask, mid: str, tid: str) -> Document:
        """Tell where a terminal's device stood; other merchants' numbers only to their readers."""
        missing = Problem(Code.NOT_FOUND, "There is no such terminal.")
        if not ask.reach.includes(mid):
            raise missing
        rows = await self._places.bindings(mid, tid)
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
            if ask.reach.includes(at)
        ]
        return {"data": found}


def _outlet(row: Sequence[Any]) -> Document:
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
