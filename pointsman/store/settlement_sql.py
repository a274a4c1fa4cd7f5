"""Business days on PostgreSQL: closing one, and reading what it fixed.

Implements `day.Days` and `day.Watch`. The SQL that closes a day is in schema/0006_days.sql; when a
day closes and what its files look like is decided in settlement/.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, LiteralString

import psycopg

from pointsman.store.day import (
    BatchClaim,
    DayState,
    FileRecord,
    OpenItem,
    OpenReason,
    OwedAge,
    PostedLine,
    PostingKind,
)
from pointsman.store.leases import END_OF_DAY, Fence, LeaseLostError
from pointsman.store.leases_sql import leased
from pointsman.store.pool import Pool, Values
from pointsman.store.records import Card
from pointsman.store.terminals_sql import totals
from pointsman.store.verbs import StoreUnavailableError

CLOSE_S_MAX = 600.0
"""Closing and reading a day of a million transactions takes some ten seconds."""

_LINES = """
select p.transaction, p.kind, p.business_date, t.business_date, t.mid, t.tid, t.batch, t.stan,
    t.rrn, t.kind, t.method, t.scheme, t.domestic, t.card_token, t.first6, t.last4, p.currency,
    p.signed_minor, t.auth_code, t.details ->> 'local_date', t.details ->> 'local_time',
    t.acquirer, t.host_rrn, t.host_date
from postings p join transactions t on t.id = p.transaction
where p.business_date = %s
order by t.mid collate "C", p.currency collate "C", t.tid collate "C", t.batch collate "C",
    t.stan collate "C", p.kind collate "C", t.id
"""
_OPEN_ITEMS = """
select i.transaction, i.reason, i.business_date, t.business_date, t.mid, t.tid, t.batch, t.stan,
    t.rrn, t.kind, t.card_token, t.first6, t.last4, t.currency, i.signed_minor, t.acquirer
from day_open_items i join transactions t on t.id = i.transaction
where i.business_date = %s
order by t.mid collate "C", t.currency collate "C", t.tid collate "C", t.batch collate "C",
    t.stan collate "C", t.id
"""
_BATCHES = """
select mid, tid, batch, currency, claimed, journal, result from batches
where business_date = %s order by mid collate "C", tid collate "C", batch collate "C"
"""
_UNWRITTEN = """
select business_date from business_days d where state = 'closed'
    and not exists (select from day_files f where f.business_date = d.business_date) order by 1
"""
_FILES = """
select name, sha256, size_bytes from day_files where business_date = %s order by name collate "C"
"""
_RECORD_FILES = """
with recorded as (
    insert into day_files (business_date, name, sha256, size_bytes)
    select %(day)s, f.name, f.sha256, f.size_bytes
    from unnest(%(names)s::text[], %(hashes)s::text[], %(sizes)s::bigint[])
        f(name, sha256, size_bytes), fenced(%(lease)s::text, %(number)s::bigint)
    where not exists (select from day_files where business_date = %(day)s)
    on conflict do nothing)
select true from fenced(%(lease)s::text, %(number)s::bigint)
"""
_AGES = """
select acquirer, kind, count(*), count(*) filter (where state = 'parked'),
    greatest(extract(epoch from now() - min(created_at)), 0)::double precision
from owed where state in ('waiting', 'due', 'sent', 'parked')
group by acquirer, kind order by acquirer, kind
"""


class DaysSql:
    """`day.Days` and `day.Watch` on PostgreSQL.

    What is written names `fence`, where one is given, and raises `LeaseLostError` once another has
    that lease (leases_sql.leased).
    """

    def __init__(self, pool: Pool, fence: Fence | None = None) -> None:
        self._pool = pool
        self._fence = fence
        self._named = (None, None) if fence is None else (fence.name, fence.number)

    async def open_day(self) -> date:
        """See day.Days. A database without a site has no day yet: `LookupError`."""
        day: date | None = await self._pool.value(
            "select business_date from business_days where state = 'open'"
        )
        if day is None:
            raise LookupError("no business day is open: import a site first")
        return day

    async def last_closed(self) -> date | None:
        """See day.Days."""
        day: date | None = await self._pool.value(
            "select max(business_date) from business_days where state = 'closed'"
        )
        return day

    async def day_state(self, day: date) -> DayState | None:
        """See day.Days."""
        state = await self._pool.value(
            "select state from business_days where business_date = %s", (day,)
        )
        return None if state is None else DayState(state)

    async def closing_days(self) -> Sequence[date]:
        """See day.Days."""
        rows = await self._pool.rows(
            "select business_date from business_days where state = 'closing' order by 1"
        )
        return [row[0] for row in rows]

    async def unwritten_days(self) -> Sequence[date]:
        """See day.Days."""
        return [row[0] for row in await self._pool.rows(_UNWRITTEN)]

    async def begin_day_close(self, day: date, following: date) -> DayState:
        """See day.Days."""
        rows = await self._long(
            "select begin_day_close(%s::date, %s::date) from fenced(%s::text, %s::bigint)",
            (day, following, *self._named),
        )
        state = self._first(rows)
        if state is None:
            raise LookupError(f"{day} was never a business day")
        return DayState(state)

    async def force_batches(self, limit: int) -> int:
        """See day.Days."""
        rows = await self._long(
            "select force_batches(%s::integer) from fenced(%s::text, %s::bigint)",
            (limit, *self._named),
        )
        return int(self._first(rows))

    async def unfinished(self, day: date) -> int:
        """See day.Days."""
        return int(
            await self._pool.value(
                "select count(*) from transactions where state = 'sending' and business_date = %s",
                (day,),
            )
        )

    async def close_day(self, day: date) -> None:
        """See day.Days. Raises `LookupError` where the day, or an earlier one, is open."""
        rows = await self._long(
            "select close_day(%s::date) from fenced(%s::text, %s::bigint)", (day, *self._named)
        )
        if self._first(rows) != DayState.CLOSED:
            raise LookupError(
                f"{day} cannot be closed: it is open, or an earlier day is not closed"
            )

    async def day_lines(self, day: date) -> Sequence[PostedLine]:
        """See day.Days."""
        return [_line(row) for row in await self._long(_LINES, (day,))]

    async def day_open_items(self, day: date) -> Sequence[OpenItem]:
        """See day.Days."""
        return [_open_item(row) for row in await self._long(_OPEN_ITEMS, (day,))]

    async def day_batches(self, day: date) -> Sequence[BatchClaim]:
        """See day.Days."""
        return [_batch(row) for row in await self._long(_BATCHES, (day,))]

    async def day_files(self, day: date) -> Sequence[FileRecord]:
        """See day.Days."""
        return [FileRecord(*row) for row in await self._pool.rows(_FILES, (day,))]

    async def record_files(self, day: date, files: Sequence[FileRecord]) -> None:
        """See day.Days."""
        rows = await self._pool.rows(
            _RECORD_FILES,
            {
                "lease": self._named[0],
                "number": self._named[1],
                "day": day,
                "names": [file.name for file in files],
                "hashes": [file.sha256 for file in files],
                "sizes": [file.size_bytes for file in files],
            },
        )
        self._first(rows)

    async def owed_ages(self) -> Sequence[OwedAge]:
        """See day.Watch."""
        return [OwedAge(*row) for row in await self._pool.rows(_AGES)]

    async def anchor_heads(self) -> int:
        """See day.Watch."""
        return int(await self._pool.value("select anchor_heads()"))

    def _first(self, rows: Sequence[tuple[Any, ...]]) -> Any:  # noqa: ANN401  # what was selected
        """Return what a write gave; where it gave nothing the lease was lost."""
        if not rows:
            assert self._fence is not None, "a write under no lease always gives a row"
            raise LeaseLostError(self._fence.name)
        return rows[0][0]

    async def _long(self, query: LiteralString, values: Values) -> list[tuple[Any, ...]]:
        """Run one statement that may take minutes. Any: rows have the shape of the query."""
        try:
            async with self._pool.session(timeout_s=CLOSE_S_MAX) as connection:
                await connection.execute("begin")
                await connection.execute("set local statement_timeout = 0")
                rows = await (await connection.execute(query, values)).fetchall()
                await connection.execute("commit")
                return rows
        except psycopg.Error as error:
            raise StoreUnavailableError(f"no result ({error.sqlstate})") from None


@asynccontextmanager
async def leased_days(pool: Pool) -> AsyncIterator[DaysSql | None]:
    """Give the days to one closer at a time; None where another closes, and lives."""
    async with leased(pool, END_OF_DAY) as fence:
        yield None if fence is None else DaysSql(pool, fence)


def _line(row: Sequence[Any]) -> PostedLine:  # Any: a row of the database
    values = [row[0], PostingKind(row[1]), *row[2:13], _card(row[13:16]), *row[16:]]
    return PostedLine(*values)


def _open_item(row: Sequence[Any]) -> OpenItem:  # Any: a row of the database
    values = [row[0], OpenReason(row[1]), *row[2:10], _card(row[10:13]), *row[13:]]
    return OpenItem(*values)


def _batch(row: Sequence[Any]) -> BatchClaim:  # Any: a row of the database
    claimed = None if row[4] is None else totals(row[4])
    values = [*row[:4], claimed, totals(row[5]), row[6]]
    return BatchClaim(*values)


def _card(parts: Sequence[Any]) -> str:  # Any: columns of a row
    token, first6, last4 = parts
    return "" if token is None else Card(token, None, first6, last4).masked
