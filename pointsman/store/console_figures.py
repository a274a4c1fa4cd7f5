"""What reports read: figures by any grouping, transactions of business dates, and runs of reports.

Figures of closed days are kept (schema 0104), those of others are added up by the same function
when they are asked for. What the columns are called and how they are divided is in reports/.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import LiteralString

import trio

from pointsman.store.console_reads import Rows
from pointsman.store.figure_sums import DIMENSIONS, SUMS_SQL
from pointsman.store.pool import Pool
from pointsman.store.verbs import StoreUnavailableError

_FROM: LiteralString = """
from (
    select * from day_figures where business_date between %(begin)s and %(end)s
        and (%(mids)s::text[] is null or mid = any(%(near)s))
    union all
    select * from live_figures(greatest(%(begin)s::date, (select min(business_date)
        from business_days where state <> 'closed')), %(end)s, %(near)s)
    where exists (select from business_days where state <> 'closed'
        and business_date <= %(end)s::date)
) f
where (%(mids)s::text[] is null or f.mid = any(%(mids)s) or f.outlet = any(%(outlets)s::bytea[]))
    and (%(outlet)s::bytea is null or f.outlet = %(outlet)s)
    and (%(tid)s::text is null or f.tid = %(tid)s)
    and (%(acquirer)s::text is null or f.acquirer = %(acquirer)s)
    and (%(method)s::text is null or f.method = %(method)s)
    and (%(brand)s::text is null or f.scheme = %(brand)s)
    and (%(response_code)s::text is null or f.response_code = %(response_code)s)
    and (%(hour)s::int is null or f.hour = %(hour)s)
    and (%(weekday)s::int is null or extract(isodow from f.business_date) = %(weekday)s)
"""
_COUNTED: LiteralString = """
coalesce((select sum(p.signed_minor) from postings p where p.transaction = t.id
    and p.business_date between %(begin)s and %(end)s), 0)::bigint
+ case when t.state = 'approved'
    and t.business_date > coalesce((select max(business_date) from business_days
        where state = 'closed'), '-infinity')
    then coalesce(payable_of(t.id), 0) else 0 end
"""
_LINE: LiteralString = """
select t.id, t.created_at, t.business_date, t.mid, m.name, t.tid, t.kind, t.money, t.method,
    t.scheme, t.first6, t.last4, t.amount_minor, t.approved_minor, t.base_minor, t.currency,
    t.state, t.undo, t.voiding, t.refunded_minor, t.response_code, t.acquirer, t.rrn, t.stan,
    t.auth_code, t.batch, t.host_rrn, t.original, t.details ->> 'entry_mode',
"""
_FILTERS: LiteralString = """
(%(mids)s::text[] is null or t.mid = any(%(mids)s) or (t.mid = any(%(near)s)
    and outlet_at(t.mid, t.tid, t.created_at) = any(%(outlets)s::bytea[])))
and (%(outlet)s::bytea is null or outlet_at(t.mid, t.tid, t.created_at) = %(outlet)s)
and (%(tid)s::text is null or t.tid = %(tid)s)
and (%(acquirer)s::text is null or t.acquirer = %(acquirer)s)
and (%(method)s::text is null or t.method = %(method)s)
and (%(brand)s::text is null or t.scheme = %(brand)s)
and (%(response_code)s::text is null or t.response_code = %(response_code)s)
and (%(hour)s::int is null or %(hour)s = extract(hour from t.created_at at time zone (
    select zone from site)))
and (%(weekday)s::int is null or extract(isodow from t.business_date) = %(weekday)s)
"""
_WHERE: LiteralString = f"""
from transactions t left join merchants m using (mid)
where {_FILTERS}
"""
_LINES: LiteralString = (
    _LINE
    + _COUNTED
    + _WHERE
    + """
    and t.business_date between %(begin)s and %(end)s
    and t.id > %(after)s and (%(most)s::bytea is null or t.id <= %(most)s)
    order by t.id limit %(limit)s
"""
)
# Made before the period, and posted or taken back within it.
_LATE: LiteralString = (
    _LINE  # noqa: S608  # put together of constants
    + _COUNTED
    + _WHERE
    + """
    and t.business_date < %(begin)s and t.id in (
        select transaction from postings
            where business_date between %(begin)s and %(end)s and kind = 'undo'
        union
        select i.transaction from day_open_items i join postings p using (transaction)
            where p.kind = 'payment' and p.business_date between %(begin)s and %(end)s
                and i.business_date < p.business_date)
    order by t.id
"""
)
# What the last closed day left open and is approved now counts on the first day that is not closed:
# a line of the period may be one of these, too.
_STILL: LiteralString = (
    _LINE  # noqa: S608  # put together of constants
    + "coalesce(payable_of(t.id), 0)"
    + _WHERE
    + """
    and t.state = 'approved' and payable_of(t.id) is not null
    and (select min(business_date) from business_days where state <> 'closed')
        between %(begin)s and %(end)s
    and t.id in (select transaction from day_open_items where reason <> 'given up'
        and business_date = (select max(business_date) from business_days where state = 'closed'))
    and not exists (select from postings p where p.transaction = t.id and p.kind = 'payment')
    order by t.id
"""
)
_TAKEN_BACK: LiteralString = (
    """
select t.id, t.created_at, t.business_date, t.mid, m.name, t.tid, t.kind, t.amount_minor,
    t.approved_minor, t.currency, t.state, t.undo, t.response_code, t.rrn, o.id, o.created_at,
    o.business_date, o.approved_minor, o.refunded_minor, o.rrn,
"""
    + _COUNTED
    + """
from transactions t left join merchants m using (mid) join transactions o on o.id = t.original
where t.original is not null and t.money in ('credit', 'debit minus')
    and t.business_date between %(begin)s and %(end)s and t.id > %(after)s
    and t.id >= id_at(%(begin)s::date::timestamptz - interval '2 days')
    and """
    + _FILTERS
    + """
order by t.id limit %(limit)s
"""
)
_BOUNDS = """
select (array_agg(first_id order by first_id))[1], -- PostgreSQL 15 has no min of bytea
    (array_agg(last_id order by last_id desc) filter (where business_date = %(end)s))[1],
    min(business_date) filter (where first_id is not null)
from figured_days where business_date between %(begin)s and %(end)s
"""
_UNFIGURED = """
select business_date from business_days b where state = 'closed'
    and business_date between %s and %s
    and not exists (select from figured_days f where f.business_date = b.business_date)
order by business_date desc
"""
FIGURE_S_MAX = 120.0
"""How long the figures of one closed day may take to be added up: they are kept then."""
READ_S_MAX = 60.0
"""How long one statement of a report may take, and how long it may wait for its turn."""
READERS_MAX = 2
"""Statements of reports at once: the pool's other connections are left to pages and lists."""


class Figures:
    """Reads for reports. Every method raises `StoreUnavailableError`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._turns = trio.Semaphore(READERS_MAX)

    async def _read(self, query: LiteralString, values: Mapping[str, object]) -> Rows:
        """Run what may take long: after those that came before, and without haste."""
        try:
            with trio.fail_after(READ_S_MAX):
                await self._turns.acquire()
        except trio.TooSlowError:
            raise StoreUnavailableError("too many reports at once") from None
        try:
            return await self._pool.rows(query, values, limit_s=READ_S_MAX)
        finally:
            self._turns.release()

    async def figures(self, by: Sequence[str], values: Mapping[str, object]) -> Rows:
        """Return currency, the dimensions of `by`, SUMS and the last time, ordered."""
        parts: list[LiteralString] = ["f.currency", *(DIMENSIONS[name] for name in by)]
        places = ", ".join(str(number + 1) for number in range(len(parts)))
        query = f"select {', '.join(parts)}, {SUMS_SQL} {_FROM} group by {places} order by {places}"
        return await self._read(query, values)

    async def lines(self, values: Mapping[str, object]) -> Rows:
        """Return transactions of the business dates, by id after `after`, as LINE."""
        return await self._read(_LINES, values)

    async def late(self, values: Mapping[str, object]) -> Rows:
        """Return what was made before the period, and was posted or taken back within it."""
        return await self._read(_LATE, values)

    async def still_open(self, values: Mapping[str, object]) -> Rows:
        """Return what the last closed day left open and counts within the period now."""
        return await self._read(_STILL, values)

    async def taken_back(self, values: Mapping[str, object]) -> Rows:
        """Return refunds and voids with what they take back."""
        return await self._read(_TAKEN_BACK, values)

    async def bounds(self, begin: date, end: date) -> tuple[bytes | None, bytes | None]:
        """Return the first id of the period and the last, where its days have their figures."""
        rows = await self._pool.rows(_BOUNDS, {"begin": begin, "end": end})
        first, last, day = rows[0]
        return (first if day == begin else None), last

    async def days(self) -> tuple[str, date | None, date | None, date | None]:
        """Return the site's zone, the first business date, the last closed and the open one."""
        rows = await self._pool.rows(
            "select zone, (select min(business_date) from business_days),"
            " (select max(business_date) from business_days where state = 'closed'),"
            " (select business_date from business_days where state = 'open') from site"
        )
        return rows[0][0], rows[0][1], rows[0][2], rows[0][3]

    async def unfigured(self, begin: date, end: date) -> list[date]:
        """Return closed days whose figures are not kept yet, the newest first."""
        return [row[0] for row in await self._pool.rows(_UNFIGURED, (begin, end))]

    async def figure(self, day: date) -> None:
        """Add up the figures of a closed day and keep them; harmless twice."""
        await self._pool.rows("select figure_day(%s)", (day,), limit_s=FIGURE_S_MAX)

    async def outlets(self, mids: Sequence[str] | None) -> list[tuple[bytes, str]]:
        """Return ids and names of outlets."""
        query = "select id, name from outlets where %(m)s::text[] is null or mid = any(%(m)s)"
        rows = await self._pool.rows(query, {"m": None if mids is None else list(mids)})
        return [(row[0], row[1]) for row in rows]

    async def merchants(self, mids: Sequence[str] | None) -> dict[str, str]:
        """Return the names of merchants by MID."""
        query = "select mid, name from merchants where %(m)s::text[] is null or mid = any(%(m)s)"
        rows = await self._pool.rows(query, {"m": None if mids is None else list(mids)})
        return {row[0]: row[1] for row in rows}
