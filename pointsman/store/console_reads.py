"""What the back office reads of one payment, one business day and the site; it changes nothing.

Lists are console_listings.py. `mids` None means all merchants. Cards come as first six and last
four; the role of these connections has no more. What the rows mean to a reader is in
console/payments.py and console/parties.py.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString

from pointsman.store.console_listings import PAYMENT_COLUMNS, PAYMENT_SOURCE
from pointsman.store.listing import Within
from pointsman.store.pool import Pool

PAYMENT: LiteralString = f"select {PAYMENT_COLUMNS}\nfrom {PAYMENT_SOURCE}\n"
# A reference is looked for where it can be found by an index, or among the payments since `since`.
FOUND: LiteralString = """t.id in (
        select id from transactions where mid = any(%(searched)s) and rrn = %(q)s
        union all
        select id from transactions
            where mid = any(%(searched)s) and host_rrn = %(q)s and host_rrn <> ''
        union all
        select id from transactions where last4 = %(last4)s and id >= %(searched_since)s
            and (%(first6)s::text is null or first6 = %(first6)s::text)
        union all
        select id from transactions where stan = %(six)s and id >= %(searched_since)s
        union all
        select id from transactions where auth_code = %(six)s and id >= %(searched_since)s
        union all
        select id from transactions
            where details ->> 'host_stan' = %(six)s and id >= %(searched_since)s
        union all
        select id from transactions where amount_minor = %(minor)s::bigint
            and currency = any(%(codes)s) and id >= %(searched_since)s
        union all
        select id from transactions where id >= %(tid_since)s and tid = %(eight)s
            and mid in (select mid from terminals where tid = %(eight)s)
    )"""
OF_DAY: LiteralString = """(t.business_date + 0) = %(found_day)s::date
    and t.id >= id_at(%(found_day)s::date::timestamptz - interval '2 days')
    and t.id <= id_at(%(found_day)s::date::timestamptz + interval '3 days')"""
OF_MERCHANTS: LiteralString = "t.mid = any(%(found_mids)s::text[])"
OF_ACQUIRER: LiteralString = "t.acquirer = %(found_acquirer)s"
_EVENTS = """
select e.at, e.kind, e.writer, e.sequence, e.body from shown_events e
where e.transaction = %s and e.business_date >= %s order by e.at, e.writer, e.sequence limit 200
"""
_OWED = "select kind, state, reason, attempts, code, due_at, created_at from owed where id = %s"
_LAST_PAYMENTS = """
select x.mid, x.tid, max(x.created_at) from transactions x
where x.mid = any(%s) and x.id >= %s group by x.mid, x.tid
"""
_DAY_SUMS = """
select t.mid, m.name, p.currency, p.kind, t.kind, count(*), sum(p.signed_minor)::bigint
from postings p join transactions t on t.id = p.transaction left join merchants m using (mid)
where p.business_date = %(day)s and (%(mids)s::text[] is null or t.mid = any(%(mids)s))
group by t.mid, m.name, p.currency, p.kind, t.kind order by t.mid, p.currency, p.kind, t.kind
"""
# A day that is not closed begins after the day before it began: a clock may be wrong by hours.
_DAY_BOUNDS = """
select (select first_id from figured_days where business_date <= %(day)s and first_id is not null
        order by business_date desc limit 1),
    (select last_id from figured_days where business_date = %(day)s)
"""
# Everybody's payments are found by the blocks of their day, those of some merchants by their ids.
_TODAY: LiteralString = """
select t.acquirer,
    case when t.state = 'unknown' and t.undo = 'done' then 'reversed' else t.state end,
    t.currency, t.money, t.undo <> 'none', count(*), sum(t.approved_minor)::bigint
from transactions t
where (%(mids)s::text[] is null or t.business_date + 0 = %(day)s::date and t.id >= %(since)s
        and t.mid = any(%(near)s::text[]) and (t.mid = any(%(mids)s::text[])
            or outlet_at(t.mid, t.tid, t.created_at) = any(%(outlets)s::bytea[])))
    and (%(mids)s::text[] is not null or t.business_date = %(day)s::date)
group by 1, 2, 3, 4, 5
"""
_HOURS: LiteralString = """
select t.acquirer, t.id >= %(now_from)s,
    case when t.state = 'unknown' and t.undo = 'done' then 'reversed' else t.state end, count(*)
from transactions t
where t.id >= %(now_from)s or (t.id >= %(then_from)s and t.id < %(then_to)s)
group by 1, 2, 3
"""
Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their query


class Reads:
    """The reading side of the back office."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def payment(self, payment_id: bytes, mids: Sequence[str] | None) -> Rows:
        """Return one payment, or no row."""
        where = "where t.id = %s and (%s::text[] is null or t.mid = any(%s))"
        return await self._pool.rows(PAYMENT + where, (payment_id, mids, mids))

    async def followers(self, payment_id: bytes, mids: Sequence[str] | None) -> Rows:
        """Return what refers to a payment: voids, refunds, completions."""
        where = "where t.original = %(id)s and t.mid = any(%(mids)s) order by t.id limit 100"
        return await self._pool.rows(PAYMENT + where, {"id": payment_id, "mids": mids})

    async def events(self, payment_id: bytes, day: date) -> Rows:
        """Return the journal's rows of a payment in the order of time."""
        return await self._pool.rows(_EVENTS, (payment_id, day))

    async def owed(self, payment_id: bytes) -> Rows:
        """Return what an acquirer must still acknowledge for it."""
        return await self._pool.rows(_OWED, (payment_id,))

    async def day_bounds(self, day: date) -> tuple[bytes | None, bytes | None]:
        """Return between which ids a day's payments are, as far as closed days tell it."""
        rows = await self._pool.rows(_DAY_BOUNDS, {"day": day})
        return rows[0][0], rows[0][1]

    async def currencies(self) -> list[str]:
        """Return the currencies of the merchants (ISO 4217, numeric)."""
        return [row[0] for row in await self._pool.rows("select distinct currency from merchants")]

    async def all_mids(self) -> list[str]:
        """Return every MID."""
        return [row[0] for row in await self._pool.rows("select mid from merchants")]

    async def mids_named(self, part: str, mids: Sequence[str]) -> list[str]:
        """Return those of some merchants whose name has this part, in any case of letters."""
        query = """select mid from merchants
            where mid = any(%s) and strpos(lower(name), lower(%s)) > 0 order by mid"""
        return [row[0] for row in await self._pool.rows(query, (list(mids), part))]

    async def acquirer_named(self, name: str) -> str | None:
        """Return the name of an acquirer as it is written, None where none has it."""
        query = "select name from acquirers where lower(name) = lower(%s) limit 1"
        rows = await self._pool.rows(query, (name,))
        return rows[0][0] if rows else None

    async def last_payments(
        self, mids: Sequence[str], since: bytes
    ) -> dict[tuple[str, str], datetime]:
        """Return when the terminals of these merchants paid last, looked for since `since`."""
        rows = await self._pool.rows(_LAST_PAYMENTS, (mids, since))
        return {(mid, tid): at for mid, tid, at in rows}

    async def day(self, day: date) -> Rows:
        """Return one business day, or no row."""
        return await self._pool.rows(
            "select business_date, state from business_days where business_date = %s", (day,)
        )

    async def day_sums(self, day: date, mids: Sequence[str] | None) -> Rows:
        """Return what a day posted, by merchant, currency and kind."""
        return await self._pool.rows(_DAY_SUMS, {"day": day, "mids": mids})

    async def day_files(self, day: date) -> Rows:
        """Return the files of a day with their hashes."""
        return await self._pool.rows(
            "select name, sha256, size_bytes from day_files where business_date = %s order by 1",
            (day,),
        )

    async def today(self, day: date | None, within: Within) -> Rows:
        """Return counts and sums of the open business day."""
        if day is None:
            return []
        since, _ = await self.day_bounds(day)
        values = {
            "day": day,
            "since": since or b"",
            "mids": within.mids,
            "near": [*(within.mids or ()), *within.neighbours],
            "outlets": list(within.outlets),
        }
        return await self._pool.rows(_TODAY, values)

    async def hours(self, now_from: bytes, then_from: bytes, then_to: bytes) -> Rows:
        """Count attempts by acquirer and state since an id, and between two others before it."""
        values = {"now_from": now_from, "then_from": then_from, "then_to": then_to}
        return await self._pool.rows(_HOURS, values)

    async def site(self) -> tuple[str, date | None]:
        """Return the site's zone and the open business day."""
        rows = await self._pool.rows(
            "select zone, (select business_date from business_days where state = 'open') from site"
        )
        return rows[0][0], rows[0][1]

    async def audit_count(self) -> int:
        """Return how many rows the audit trail has."""
        found: int | None = await self._pool.value("select max(sequence) from audit_events")
        return found or 0

    async def audit_broken_at(self) -> int | None:
        """Follow the audit trail's chain; the first sequence that does not fit."""
        found: int | None = await self._pool.value("select audit_broken_at()")
        return found
