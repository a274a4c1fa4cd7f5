"""Upkeep of the journal's events on PostgreSQL: chains verified, days read out, days purged.

What may be purged and how the chains go on says schema/0014_upkeep.sql; files and their hashes are
written by cli/journal.py. The journal itself is journal.py.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import psycopg
import trio

from pointsman.store.pool import Pool

PAGE_ROWS: Final = 5_000
VERIFY_S_MAX: Final = 3600.0
"""Following the chains of ten million events takes some minutes."""
NOT_YET: Final = "PM004"  # schema/0014_upkeep.sql
DROP_TRIES: Final = 20
DROP_AGAIN_S: Final = 0.5
_PAGE: Final = """
select writer, sequence, kind, transaction, body, hash, at from events
where business_date = %(day)s and (writer, sequence) > (%(writer)s, %(sequence)s)
order by writer, sequence limit %(limit)s
"""
_DAYS: Final = """
select business_date from business_days d where state = 'closed' and business_date < %s
    and to_regclass('events_' || to_char(business_date, 'YYYYMMDD')) is not null
order by business_date
"""


class NotYetError(Exception):
    """A day that may not be purged; the text says why."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event as it is archived; bytes in hex, `hash` empty within a commit."""

    writer: int
    sequence: int
    kind: str
    transaction: str
    body: str
    hash: str
    at: str


class UpkeepSql:
    """Long jobs beside the switch; each statement is its own transaction."""

    def __init__(self, pool: Pool, *, drop_tries: int = DROP_TRIES) -> None:
        self._pool = pool
        self._drop_tries = drop_tries

    async def verify(self) -> Mapping[int, int | None]:
        """Follow every chain; return by writer the first event that does not fit, or None.

        Only with all anchors in place is a chain whole.
        """
        found: dict[int, int | None] = {}
        async with self._pool.session(timeout_s=VERIFY_S_MAX) as connection:
            await connection.execute("set statement_timeout = 0")
            query = "select writer from anchors union select writer from events order by 1"
            writers = await (await connection.execute(query)).fetchall()
            for (writer,) in writers:
                cursor = await connection.execute("select broken_at(%s::bigint)", (writer,))
                ((found[writer],),) = await cursor.fetchall()
            await connection.execute("reset statement_timeout")
        return found

    async def lines(self, day: date) -> AsyncIterator[EventLine]:
        """Yield the events of one day, by writer and sequence."""
        writer, sequence = -(2**63), 0
        while True:
            values = {"day": day, "writer": writer, "sequence": sequence, "limit": PAGE_ROWS}
            rows = await self._pool.rows(_PAGE, values)
            for row in rows:
                about, digest = row[3], row[5]
                yield EventLine(
                    row[0],
                    row[1],
                    row[2],
                    about.hex() if about is not None else "",
                    row[4],
                    digest.hex() if digest is not None else "",
                    row[6].isoformat(),
                )
            if len(rows) < PAGE_ROWS:
                return
            writer, sequence = rows[-1][0], rows[-1][1]

    async def purgeable(self, before: date) -> list[date]:
        """Return the closed days before this one that still have events, oldest first."""
        return [row[0] for row in await self._pool.rows(_DAYS, (before,))]

    async def purge(self, day: date) -> int:
        """Take away the events of one day; return how many went. Raises NotYetError.

        Where somebody reads the events it is tried again, `DROP_TRIES` times: who waited for them
        would hold up the sales.
        """
        for _ in range(self._drop_tries):
            async with self._pool.session(timeout_s=VERIFY_S_MAX) as connection:
                try:
                    cursor = await connection.execute("select purge_day(%s::date)", (day,))
                    ((count,),) = await cursor.fetchall()
                    return int(count or 0)
                except psycopg.errors.LockNotAvailable:
                    pass
                except psycopg.Error as error:
                    if error.sqlstate != NOT_YET:
                        raise
                    raise NotYetError(str(error.diag.message_primary)) from None
            await trio.sleep(DROP_AGAIN_S)
        raise NotYetError(f"the events of {day} are being read: try again later")

    async def prepare_days(self, count: int) -> int | None:
        """See day.Upkeep."""
        ready: int | None = await self._pool.value("select prepare_days(%s::integer)", (count,))
        return ready

    async def purge_keys(self, before: date, batches: int) -> int:
        """See day.Upkeep."""
        values = (before, batches)
        return int(await self._pool.value("select purge_keys(%s::date, %s::integer)", values))

    async def fold_limits(self, count: int) -> int:
        """See day.Upkeep."""
        return int(await self._pool.value("select fold_limits(%s::integer)", (count,)))
