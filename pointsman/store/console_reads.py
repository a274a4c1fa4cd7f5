"""What the back office reads of payments, parties, batches and business days; it changes nothing.

Every list is bounded, newest first or by name, and continues at a place (keyset). `mids` None means
all merchants. Cards come as first six and last four; the role of these connections has no more.
What the rows mean to a reader is in console/payments.py and console/parties.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, LiteralString

from pointsman.store.pool import Pool

PAYMENT = """
select t.id, t.created_at, t.business_date, t.mid, m.name, t.tid, t.batch, t.stan, t.kind, t.money,
    t.method, t.state, t.amount_minor, t.currency, t.first6, t.last4, t.scheme, t.acquirer, t.rrn,
    t.host_rrn, t.auth_code, t.response_code, t.host_code, t.approved_minor, t.refunded_minor,
    t.undo, t.voiding, t.original, t.details, t.answer
from transactions t left join merchants m using (mid)
"""
_FILTERS = """
where (%(mids)s::text[] is null or t.mid = any(%(mids)s))
    and (%(pin)s::bytea is null or t.id <= %(pin)s)
    and (%(before)s::bytea is null or t.id < %(before)s)
    and (%(since)s::bytea is null or t.id >= %(since)s)
    and (%(state)s::text is null or t.state = %(state)s)
    and (%(kind)s::text is null or t.kind = %(kind)s)
    and (%(tid)s::text is null or t.tid = %(tid)s)
    and (%(acquirer)s::text is null or t.acquirer = %(acquirer)s)
    and (%(response_code)s::text is null or t.response_code = %(response_code)s)
    and (%(business_date)s::date is null or t.business_date = %(business_date)s)
"""
_PLAIN: LiteralString = PAYMENT + _FILTERS + " order by t.id desc limit %(limit)s"
# A reference is looked for where it can be found by an index, or among the payments since `since`.
_SEARCH: LiteralString = (
    PAYMENT  # noqa: S608  # put together of constants
    + _FILTERS
    + """
    and t.id in (
        select id from transactions where mid = any(%(searched)s) and rrn = %(q)s
        union all
        select id from transactions
            where mid = any(%(searched)s) and host_rrn = %(q)s and host_rrn <> ''
        union all
        select id from transactions where last4 = %(last4)s and id >= %(searched_since)s
        union all
        select id from transactions where stan = %(six)s and id >= %(searched_since)s
        union all
        select id from transactions where auth_code = %(six)s and id >= %(searched_since)s
        union all
        select id from transactions where amount_minor = %(minor)s::bigint
            and currency = any(%(codes)s) and id >= %(searched_since)s
        union all
        select id from transactions where id >= %(tid_since)s and tid = %(eight)s
            and mid in (select mid from terminals where tid = %(eight)s)
    ) order by t.id desc limit %(limit)s"""
)
_EVENTS = """
select e.at, e.kind, e.writer, e.sequence, e.body from shown_events e
where e.transaction = %s and e.business_date >= %s order by e.at, e.writer, e.sequence limit 200
"""
_OWED = "select kind, state, reason, attempts, code, due_at, created_at from owed where id = %s"
_MERCHANTS = """
select m.mid, m.name, m.mcc, m.city, m.country, m.currency, m.active, m.tip_percent,
    (select count(*) from terminals t where t.mid = m.mid and t.active),
    (select coalesce(jsonb_agg(jsonb_build_object('acquirer', r.acquirer, 'priority', r.priority,
        'schemes', r.schemes) order by r.priority), '[]') from routes r where r.mid = m.mid)
from merchants m
where (%(mids)s::text[] is null or m.mid = any(%(mids)s)) and m.mid > %(after)s
order by m.mid limit %(limit)s
"""
_TERMINALS = """
with shown as (
    select t.* from (select mid, tid, active, format, framing, mac_method, tmk_check_value,
        signed_in, batch, sign_ins[cardinality(sign_ins)] as signed_in_at from terminals) t
    where (%(mids)s::text[] is null or t.mid = any(%(mids)s)) and (t.mid, t.tid) > (%(a)s, %(b)s)
    order by t.mid, t.tid limit %(limit)s
), paid as (
    select x.mid, x.tid, max(x.created_at) as at from transactions x
    where x.mid in (select mid from shown) and x.id >= %(since)s group by x.mid, x.tid
)
select s.mid, m.name, s.tid, s.active, s.format, s.framing, s.mac_method, s.tmk_check_value,
    s.signed_in, s.batch, s.signed_in_at, p.at
from shown s left join merchants m using (mid) left join paid p using (mid, tid)
order by s.mid, s.tid
"""
_BATCHES = """
select b.mid, m.name, b.tid, b.batch, b.state, b.opened_at, b.closed_at, b.result, b.claimed,
    b.journal, b.business_date, m.currency
from batches b left join merchants m using (mid)
where (%(mids)s::text[] is null or b.mid = any(%(mids)s))
    and (%(state)s::text is null or b.state = %(state)s)
    and (%(a)s::text = '' or (b.mid, b.tid, b.batch) < (%(a)s, %(b)s, %(c)s))
order by b.mid desc, b.tid desc, b.batch desc limit %(limit)s
"""
_DAYS = """
select d.business_date, d.state,
    (select count(*) from postings p where p.business_date = d.business_date),
    (select count(*) from day_open_items i where i.business_date = d.business_date),
    (select count(*) from day_files f where f.business_date = d.business_date)
from business_days d where %(before)s::date is null or d.business_date < %(before)s
order by d.business_date desc limit %(limit)s
"""
_DAY_SUMS = """
select t.mid, m.name, p.currency, p.kind, t.kind, count(*), sum(p.signed_minor)::bigint
from postings p join transactions t on t.id = p.transaction left join merchants m using (mid)
where p.business_date = %(day)s and (%(mids)s::text[] is null or t.mid = any(%(mids)s))
group by t.mid, m.name, p.currency, p.kind, t.kind order by t.mid, p.currency, p.kind, t.kind
"""
_ACQUIRERS = """
select a.name, a.institution, a.format, a.framing, a.host, a.port, a.active, a.mac_method,
    a.zpk_check_value, a.zak_check_value, a.in_flight_max,
    (select count(*) from owed o where o.acquirer = a.name
        and o.state in ('waiting', 'due', 'sent', 'parked')),
    (select min(o.created_at) from owed o where o.acquirer = a.name
        and o.state in ('waiting', 'due', 'sent', 'parked'))
from acquirers a order by a.name
"""
_TODAY = """
select t.acquirer, t.state, t.currency, t.money, t.undo <> 'none', count(*),
    sum(t.approved_minor)::bigint
from transactions t
where t.business_date = (select business_date from business_days where state = 'open')
    and (%(mids)s::text[] is null or t.mid = any(%(mids)s))
group by 1, 2, 3, 4, 5
"""
_AUDIT = """
select sequence, at, actor, role, act, object_kind, object_id, mid, reason, before, after, address,
    request_id, result
from audit_events where (%(mids)s::text[] is null or mid = any(%(mids)s))
    and (%(before)s::bigint is null or sequence < %(before)s)
order by sequence desc limit %(limit)s
"""

Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their query


class Reads:
    """The reading side of the back office."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def payments(self, values: Mapping[str, object]) -> Rows:
        """Return payments, newest first, by the filters of `_FILTERS`."""
        return await self._pool.rows(_PLAIN, values)

    async def payments_by_reference(self, values: Mapping[str, object]) -> Rows:
        """Return payments that have the reference `q`."""
        return await self._pool.rows(_SEARCH, values)

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
        """Return the first and last id of a closed day; none where they are not known."""
        rows = await self._pool.rows(
            "select first_id, last_id from figured_days where business_date = %s", (day,)
        )
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    async def currencies(self) -> list[str]:
        """Return the currencies of the merchants (ISO 4217, numeric)."""
        return [row[0] for row in await self._pool.rows("select distinct currency from merchants")]

    async def all_mids(self) -> list[str]:
        """Return every MID."""
        return [row[0] for row in await self._pool.rows("select mid from merchants")]

    async def merchants(self, mids: Sequence[str] | None, after: str, limit: int) -> Rows:
        """Return merchants by MID."""
        return await self._pool.rows(_MERCHANTS, {"mids": mids, "after": after, "limit": limit})

    async def terminals(
        self, mids: Sequence[str] | None, after: tuple[str, str], limit: int, since: bytes
    ) -> Rows:
        """Return terminals by MID and TID; the last payment is looked for since `since`."""
        values = {"mids": mids, "a": after[0], "b": after[1], "limit": limit, "since": since}
        return await self._pool.rows(_TERMINALS, values)

    async def batches(
        self, mids: Sequence[str] | None, state: str | None, after: tuple[str, ...], limit: int
    ) -> Rows:
        """Return batches, the last terminal's newest first."""
        a, b, c = after or ("", "", "")
        values = {"mids": mids, "state": state, "a": a, "b": b, "c": c, "limit": limit}
        return await self._pool.rows(_BATCHES, values)

    async def days(self, before: date | None, limit: int) -> Rows:
        """Return business days, newest first."""
        return await self._pool.rows(_DAYS, {"before": before, "limit": limit})

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

    async def acquirers(self) -> Rows:
        """Return acquirers with what is owed to each."""
        return await self._pool.rows(_ACQUIRERS)

    async def today(self, mids: Sequence[str] | None) -> Rows:
        """Return counts and sums of the open business day."""
        return await self._pool.rows(_TODAY, {"mids": mids})

    async def site(self) -> tuple[str, date | None]:
        """Return the site's zone and the open business day."""
        rows = await self._pool.rows(
            "select zone, (select business_date from business_days where state = 'open') from site"
        )
        return rows[0][0], rows[0][1]

    async def audit(self, mids: Sequence[str] | None, before: int | None, limit: int) -> Rows:
        """Return the audit trail, newest first."""
        return await self._pool.rows(_AUDIT, {"mids": mids, "before": before, "limit": limit})

    async def audit_broken_at(self) -> int | None:
        """Follow the audit trail's chain; the first sequence that does not fit."""
        found: int | None = await self._pool.value("select audit_broken_at()")
        return found
