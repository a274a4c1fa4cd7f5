"""The reading functions of the public API: what each gives for one request that passed the gate.

The routes of api.py and the pages call these and nothing below them. Each looks only where the
request's right reaches; what lies elsewhere is not found. Rows come from store/console_reads.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pointsman.console import days, ids, parties, payments, query, searching
from pointsman.console.gate import Ask
from pointsman.console.lists import ListReading, within
from pointsman.console.payments import Document, Row
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import RIGHTS, SCOPES, Role
from pointsman.console.searching import LAST_PAYMENT_BACK
from pointsman.effects import Effects
from pointsman.store.console_people import People
from pointsman.store.console_reads import Reads
from pointsman.store.listing import Within

_DAY, _AMOUNT = "business_date", "amount"
_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_SOME_DAYS = frozenset({_DAY, "business_date[gte]", "created", "created[gte]", "q"})


class Reading:
    """Everything that may be read; `now` is asked of the effects for bounds of time only."""

    def __init__(self, reads: Reads, lists: ListReading, people: People, effects: Effects) -> None:
        self._reads = reads
        self._lists = lists
        self._people = people
        self._effects = effects

    async def payments(self, ask: Ask) -> Document:
        """List payments; `q` is a reference of any kind (searching.py)."""
        given = ask.parameters
        _bounded(given)
        more: list[str] = []
        values: dict[str, object] = {}
        by_id = given.get("sort", "").removeprefix("-") != _AMOUNT
        if by_id and re.fullmatch("[0-9-]{10}", given.get(_DAY, "")):  # closed days know their ids
            first, last = await self._reads.day_bounds(query.date_of(_DAY, given[_DAY]))
            if first is not None:
                more.append("t.id >= %(day_first)s")
                values["day_first"] = first
            if last is not None:
                more.append("t.id <= %(day_last)s")
                values["day_last"] = last
        wanted = given.get("q", "").strip()
        if wanted:
            sql, searched = await searching.condition(self._reads, ask, wanted, self._effects.now())
            more.append(sql)
            values |= searched
        return await self._lists.page(
            ask, "payments", _payment_line, more=" and ".join(more), values=values
        )

    async def payment(self, ask: Ask, payment_id: str) -> Document:
        """Tell everything about one payment."""
        row = await self._payment(ask, payment_id)
        raw = row["id"]
        events = await self._reads.events(raw, row["business_date"])
        owed = await self._reads.owed(raw)
        others = await self._reads.followers(raw, [row["mid"]])
        return payments.detail(row, events, owed, [payments.named(other) for other in others])

    async def merchants(self, ask: Ask) -> Document:
        """List merchants."""
        return await self._lists.page(ask, "merchants", parties.merchant)

    async def merchant(self, ask: Ask, mid: str) -> Document:
        """Tell one merchant with its terminals."""
        found = await self.merchant_alone(ask, mid)
        given = {"mid": mid, "limit": str(query.LIMIT_MAX)}
        inner = replace(ask, parameters=given)
        return {**found, "terminals": (await self.terminals(inner))["data"]}

    async def merchant_alone(self, ask: Ask, mid: str) -> Document:
        """Tell one merchant without its terminals."""
        for row in await self._lists.found(ask, "merchants", "m.mid = %(wanted)s", {"wanted": mid}):
            return parties.merchant(row)
        raise Problem(Code.NOT_FOUND, "There is no such merchant.")

    async def payment_line(self, ask: Ask, payment_id: str) -> Document:
        """Tell one payment as lists tell it."""
        return payments.line(await self._payment(ask, payment_id))

    async def terminals(self, ask: Ask) -> Document:
        """List terminals."""
        now = self._effects.now()

        async def told(rows: list[Sequence[Any]]) -> list[Document]:
            mids = sorted({row[0] for row in rows})
            paid = await self._reads.last_payments(mids, self._back(LAST_PAYMENT_BACK))
            return [parties.terminal(row, paid.get((row[0], row[2])), now) for row in rows]

        return await self._lists.page_of(ask, "terminals", told, values=self._seen(now))

    async def terminals_count(self, ask: Ask) -> int:
        """Return how many terminals a list would hold; counted as far as lists count."""
        return await self._lists.count(ask, "terminals", self._seen(self._effects.now()))

    def _seen(self, now: datetime) -> dict[str, object]:
        """Return since when a terminal must have been heard to be in one of its states."""
        values: dict[str, object] = {"day_id": self._back(LAST_PAYMENT_BACK)}
        for name, age in (("online", parties.IDLE_AFTER), ("idle", parties.OFFLINE_AFTER)):
            values |= {f"{name}_id": self._back(age), f"{name}_at": now - age}
        return values

    async def terminal(self, ask: Ask, mid: str, tid: str) -> Document:
        """Tell one terminal."""
        found = (await self.terminals(replace(ask, parameters={"mid": mid, "tid": tid})))["data"]
        if not found or "," in mid + tid:
            raise Problem(Code.NOT_FOUND, "There is no such terminal.")
        return dict(found[0])

    async def batches(self, ask: Ask) -> Document:
        """List terminal batches."""
        return parties.batches(await self._lists.page(ask, "batches", parties.batch))

    async def batch(self, ask: Ask, mid: str, tid: str, batch: str) -> Document:
        """Tell one batch."""
        given = {"mid": mid, "tid": tid, "batch": batch}
        found = (await self.batches(replace(ask, parameters=given)))["data"]
        if not found or "," in mid + tid + batch:
            raise Problem(Code.NOT_FOUND, "There is no such batch.")
        return dict(found[0])

    async def cycles(self, ask: Ask) -> Document:
        """List business days."""
        whole = ask.reach.mids is None
        return await self._lists.page(
            ask, "settlement_cycles", lambda row: days.line(row, whole=whole)
        )

    async def cycle(self, ask: Ask, day: str) -> Document:
        """Tell one business day: what it posted, by merchant, and that it adds up."""
        wanted = query.date_of("business_date", day)
        rows = await self._reads.day(wanted)
        if not rows:
            raise Problem(Code.NOT_FOUND, "That was no business day.")
        sums = await self._reads.day_sums(wanted, ask.mids)
        files = await self._reads.day_files(wanted) if ask.reach.mids is None else []
        return days.detail(rows[0], sums, files)

    async def acquirers(self, ask: Ask) -> Document:
        """List acquirers with what is owed to each."""
        return await self._lists.page(ask, "acquirers", parties.acquirer)

    async def acquirer(self, name: str) -> Document:
        """Tell one acquirer."""
        for found in await self.every_acquirer():
            if found["name"] == name:
                return found
        raise Problem(Code.NOT_FOUND, "There is no such acquirer.")

    async def every_acquirer(self) -> list[Document]:
        """Return the acquirers of the site, for who chooses one; who asks was checked."""
        given = {"limit": str(query.LIMIT_MAX)}
        return await self._lists.some("acquirers", parties.acquirer, Within(None), given)

    async def links(self, ask: Ask) -> Document:
        """List links with who holds them and what is owed on them."""
        return await self._lists.page(ask, "links", parties.link)

    async def overview(self, ask: Ask) -> Document:
        """Tell how the open business day goes."""
        zone, day = await self._reads.site()
        found = days.overview(await self._reads.today(day, within(ask)))
        if ask.reach.mids is not None:
            del found["acquirers"]  # the platform's business
        else:
            bounds = (self._back(age) for age in (_HOUR, _WEEK + _HOUR, _WEEK))
            by_hour = days.hours(await self._reads.hours(*bounds))
            found["acquirers"] = [
                one | by_hour.get(one["name"], days.NO_HOUR) for one in found["acquirers"]
            ]
        return {
            **found,
            "zone": zone,
            "business_date": day.isoformat() if day else None,
            "as_of": payments.time_text(self._effects.now()),
        }

    async def users(self, ask: Ask) -> Document:
        """List people that the right reaches, with the grants that it reaches."""

        async def told(rows: list[Sequence[Any]]) -> list[Document]:
            people = await self._people.with_grants([tuple(row) for row in rows])
            return [parties.user(user, ask.reach) for user in people]

        return await self._lists.page_of(ask, "users", told)

    async def user(self, ask: Ask, user_id: str) -> Document:
        """Tell one person."""
        raw = ids.decode("usr", user_id)
        user = await self._people.by_id(raw) if raw is not None else None
        found = None if user is None else parties.user(user, ask.reach)
        if found is None or (ask.reach.mids is not None and not found["grants"]):
            raise Problem(Code.NOT_FOUND, "There is no such person.")
        return found

    async def keys(self, ask: Ask) -> Document:
        """List API keys; the keys themselves are nowhere kept."""
        return await self._lists.page(ask, "api_keys", parties.api_key)

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
        page = {"has_more": False, "next": None, "prev": None}
        return {"data": found, "page": page, "as_of": payments.time_text(self._effects.now())}

    async def audit(self, ask: Ask) -> Document:
        """List the audit trail."""
        return await self._lists.page(ask, "audit_events", parties.audit_event)

    async def _payment(self, ask: Ask, payment_id: str) -> Row:
        raw = ids.decode(payments.PREFIX, payment_id)
        if raw is not None:
            wanted = {"wanted": raw}
            for row in await self._lists.found(ask, "payments", "t.id = %(wanted)s", wanted):
                return payments.named(row)
        raise Problem(Code.NOT_FOUND, "There is no such payment.")

    def _back(self, span: timedelta) -> bytes:
        return searching.back(self._effects.now(), span)


def _payment_line(row: Sequence[Any]) -> Document:
    return payments.line(payments.named(row))


def _bounded(given: Mapping[str, str]) -> None:
    """See that what no index sorts is asked for within some days; raises Problem."""
    if given.get("sort", "").removeprefix("-") == _AMOUNT and not given.keys() & _SOME_DAYS:
        raise query.invalid("sort", "amount is sorted within days: business_date or created[gte]")
