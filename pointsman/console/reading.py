"""The reading functions of the public API: what each gives for one request that passed the gate.

The routes of api.py and the pages call these and nothing below them. Each looks only where the
request's right reaches; what lies elsewhere is not found. Rows come from store/console_reads.py.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pointsman.console import days, ids, parties, payments, query, references
from pointsman.console.gate import Ask
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.query import Cursor
from pointsman.console.rights import RIGHTS, SCOPES, Reach, Role
from pointsman.effects import Effects
from pointsman.store.console_people import People
from pointsman.store.console_reads import Reads

SEARCH_BACK = timedelta(days=7)
"""How far back a reference is looked for that no tree holds; a terminal's payments for a day."""
LAST_PAYMENT_BACK = timedelta(days=1)
_DAY = "business_date"


class Reading:
    """Everything that may be read; `now` is asked of the effects for bounds of time only."""

    def __init__(self, reads: Reads, people: People, effects: Effects) -> None:
        self._reads = reads
        self._people = people
        self._effects = effects

    async def payments(self, ask: Ask) -> Document:
        """List payments, newest first."""
        given = ask.parameters
        limit = query.limit_of(given)
        cursor = query.cursor_of(given, 1)
        place = pin = None
        if cursor:
            place = ids.decode(payments.PREFIX, cursor.place[0])
            pin = ids.decode(payments.PREFIX, cursor.pin)
            if place is None or pin is None:
                raise Problem(Code.INVALID_CURSOR, "after: take it from the page before")
        mids = _narrowed(ask, given.get("mid"))
        day = query.date_of("business_date", given["business_date"]) if _DAY in given else None
        since, last = (None, None) if day is None else await self._reads.day_bounds(day)
        if last is not None:
            pin = last if pin is None else min(pin, last)
        values: dict[str, object] = {
            **{name: given.get(name) for name in ("state", "kind", "tid", "acquirer")},
            "response_code": given.get("response_code"),
            "business_date": day,
            "mids": mids,
            "pin": pin,
            "before": place,
            "since": since,
            "limit": limit + 1,
        }
        wanted = given.get("q", "").strip()
        by_id = ids.decode(payments.PREFIX, wanted)
        if by_id is not None:
            rows = await self._reads.payment(by_id, mids)
        elif wanted:
            values |= references.values(wanted, await self._reads.currencies())
            values["searched"] = await self._reads.all_mids() if mids is None else mids
            values["searched_since"] = self._back(SEARCH_BACK)
            values["tid_since"] = self._back(LAST_PAYMENT_BACK)
            rows = await self._reads.payments_by_reference(values)
        else:
            rows = await self._reads.payments(values)
        lines = [payments.line(payments.named(row)) for row in rows]
        pinned = (cursor.pin if cursor else "") or (lines[0]["id"] if lines else "")
        return self._page(lines, limit, lambda last: Cursor((str(last["id"]),), pinned))

    async def payment(self, ask: Ask, payment_id: str) -> Document:
        """Tell everything about one payment."""
        raw = ids.decode(payments.PREFIX, payment_id)
        rows = await self._reads.payment(raw, ask.mids) if raw is not None else []
        if raw is None or not rows:
            raise Problem(Code.NOT_FOUND, "There is no such payment.")
        row = payments.named(rows[0])
        events = await self._reads.events(raw, row["business_date"])
        owed = await self._reads.owed(raw)
        others = await self._reads.followers(raw, [row["mid"]])
        return payments.detail(row, events, owed, [payments.named(other) for other in others])

    async def merchants(self, ask: Ask) -> Document:
        """List merchants by MID."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 1)
        after = cursor.place[0] if cursor else ""
        rows = await self._reads.merchants(ask.mids, after, limit + 1)
        found = [parties.merchant(row) for row in rows]
        return self._page(found, limit, lambda last: Cursor((str(last["mid"]),)))

    async def merchant(self, ask: Ask, mid: str) -> Document:
        """Tell one merchant with its terminals."""
        if not ask.reach.includes(mid):
            raise Problem(Code.NOT_FOUND, "There is no such merchant.")
        rows = await self._reads.merchants([mid], "", 1)
        if not rows:
            raise Problem(Code.NOT_FOUND, "There is no such merchant.")
        terminals = await self._terminals([mid], ("", ""), query.LIMIT_MAX)
        return {**parties.merchant(rows[0]), "terminals": terminals}

    async def terminals(self, ask: Ask) -> Document:
        """List terminals by MID and TID."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 2)
        after = (cursor.place[0], cursor.place[1]) if cursor else ("", "")
        mids = _narrowed(ask, ask.parameters.get("mid"))
        found = await self._terminals(mids, after, limit + 1)
        return self._page(found, limit, lambda last: Cursor((str(last["mid"]), str(last["tid"]))))

    async def terminal(self, ask: Ask, mid: str, tid: str) -> Document:
        """Tell one terminal."""
        found = []
        if ask.reach.includes(mid):
            found = await self._terminals([mid], ("", ""), query.LIMIT_MAX)
        for terminal in found:
            if terminal["tid"] == tid:
                return terminal
        raise Problem(Code.NOT_FOUND, "There is no such terminal.")

    async def batches(self, ask: Ask) -> Document:
        """List terminal batches."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 3)
        mids = _narrowed(ask, ask.parameters.get("mid"))
        place = cursor.place if cursor else ()
        rows = await self._reads.batches(mids, ask.parameters.get("state"), place, limit + 1)
        found = [parties.batch(row) for row in rows]
        return self._page(
            found, limit, lambda last: Cursor((last["mid"], last["terminal"], last["batch"]))
        )

    async def cycles(self, ask: Ask) -> Document:
        """List business days, newest first."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 1)
        before = query.date_of("after", cursor.place[0]) if cursor else None
        rows = await self._reads.days(before, limit + 1)
        found = [days.line(row, whole=ask.reach.mids is None) for row in rows]
        return self._page(found, limit, lambda last: Cursor((str(last["business_date"]),)))

    async def cycle(self, ask: Ask, day: str) -> Document:
        """Tell one business day: what it posted, by merchant, and that it adds up."""
        wanted = query.date_of("business_date", day)
        rows = await self._reads.day(wanted)
        if not rows:
            raise Problem(Code.NOT_FOUND, "That was no business day.")
        sums = await self._reads.day_sums(wanted, ask.mids)
        files = await self._reads.day_files(wanted) if ask.reach.mids is None else []
        return days.detail(rows[0], sums, files)

    async def acquirers(self) -> Document:
        """List acquirers with what is owed to each."""
        return self._list([parties.acquirer(row) for row in await self._reads.acquirers()])

    async def overview(self, ask: Ask) -> Document:
        """Tell how the open business day goes."""
        zone, day = await self._reads.site()
        found = days.overview(await self._reads.today(ask.mids))
        if ask.reach.mids is not None:
            del found["acquirers"]  # the platform's business
        return {
            **found,
            "zone": zone,
            "business_date": day.isoformat() if day else None,
            "as_of": payments.time_text(self._effects.now()),
        }

    async def users(self, ask: Ask) -> Document:
        """List people that the right reaches, with the grants that it reaches."""
        found = [parties.user(user, ask.reach) for user in await self._people.all(ask.mids)]
        return self._list(found)

    async def keys(self, ask: Ask) -> Document:
        """List API keys; the keys themselves are nowhere kept."""
        rows = [row for row in await self._people.keys() if ask.reach.includes(row[5])]
        return self._list([parties.api_key(row) for row in rows])

    async def roles(self) -> Document:
        """Tell the table of rights."""
        found = [
            {
                "role": role.value,
                "scopes": sorted(scope.value for scope in SCOPES[role]),
                "rights": sorted(f"{resource}:{verb}" for resource, verb in RIGHTS[role]),
            }
            for role in Role
        ]
        return self._list(found)

    async def audit(self, ask: Ask) -> Document:
        """List the audit trail, newest first."""
        limit = query.limit_of(ask.parameters)
        cursor = query.cursor_of(ask.parameters, 1)
        place = cursor.place[0] if cursor else None
        if place is not None and not (place.isascii() and place.isdigit() and len(place) < 19):  # noqa: PLR2004  # digits of a bigint
            raise Problem(Code.INVALID_CURSOR, "after: take it from the page before")
        rows = await self._reads.audit(ask.mids, None if place is None else int(place), limit + 1)
        found = [parties.audit_event(row) for row in rows]
        return self._page(found, limit, lambda last: Cursor((str(last["sequence"]),)))

    async def _terminals(
        self, mids: Sequence[str] | None, after: tuple[str, str], limit: int
    ) -> list[Document]:
        rows = await self._reads.terminals(mids, after, limit, self._back(LAST_PAYMENT_BACK))
        now = self._effects.now()
        return [parties.terminal(row, now) for row in rows]

    def _back(self, span: timedelta) -> bytes:
        at = self._effects.now() - span
        return ids.first_id_at(int(at.timestamp() * 1000))

    def _list(self, found: list[Document]) -> Document:
        return self._page(found, len(found), lambda _: Cursor(()))

    def _page(self, found: list[Document], limit: int, cursor: Any) -> Document:  # noqa: ANN401  # a function of a document
        more = len(found) > limit
        shown = found[:limit]
        return {
            "data": shown,
            "page": {"has_more": more, "next": cursor(shown[-1]).encode() if more else None},
            "as_of": payments.time_text(self._effects.now()),
        }


def _narrowed(ask: Ask, mid: str | None) -> list[str] | None:
    """Return the merchants to look at: the wanted one where the right reaches it, else none."""
    if mid is None:
        return ask.mids
    return [mid] if Reach(ask.reach.mids).includes(mid) else []
