"""A journal with history for bench/console.py: sales of thirty days, their batches and postings.

Made by SQL in one go; office.py makes what stands beside it. The open day is as full as any, its
batches are open, and its requests have their keys, since an open batch is added up from them.
"""

import time

import trio

from pointsman.store.pool import Pool
from tests.store.house import MID

MERCHANTS = 20
TERMINALS = 200
"""Terminals that pay: ten of each merchant."""
DAYS = 30
BATCH_DAYS = 90
"""Closed batches are older than the journal, as those of purged days are."""
FIGURING = 2  # days at once: as many as the machine has cores
_MID = (
    "case {0} %% %(merchants)s when 0 then %(mid)s"
    " else lpad(({0} %% %(merchants)s)::text, 15, '8') end"
)
_TID = "lpad(({0} %% %(terminals)s)::text, 8, '0')"
_SALES = f"""
insert into transactions (id, mid, tid, batch, stan, fingerprint, kind, money, method, state,
    amount_minor, currency, first6, last4, scheme, domestic, reversible, acquirer, session, rrn,
    details, answer, response_code, host_rrn, approved_minor, business_date, incarnation,
    created_at)
select decode(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7'
        || lpad(to_hex(n), 19, '0'), 'hex'),
    {_MID.format("n")}, {_TID.format("n")}, lpad((%(batch_days)s + 1 - back)::text, 6, '0'),
    lpad((n %% 1000000)::text, 6, '0'), '', 'sale',
    'debit', 'chip', case n %% 19 when 0 then 'declined' else 'approved' end,
    100 + n %% 90000, '156',
    '622848', lpad((n %% 10000)::text, 4, '0'), 'CUP', true, true, 'alpha', 0,
    lpad(n::text, 12, '6'),
    jsonb_build_object('host_stan', lpad((n %% 999983)::text, 6, '0'),
        'local_date', to_char(day, 'MMDD')), '{{}}',
    case n %% 19 when 0 then '51' else '00' end,
    lpad(n::text, 12, '7'), 100 + n %% 90000, day, 1, at
from (select n, now() - (%(rows)s - n) * interval '{DAYS} days' / %(rows)s as at,
        (%(rows)s - n) * {DAYS} / %(rows)s as back,
        d.business_date - ((%(rows)s - n) * {DAYS} / %(rows)s)::int as day
    from generate_series(1, %(rows)s) n, business_days d) s
"""  # noqa: S608  # put together of constants
_DAYS = """
insert into business_days (business_date, state) select distinct t.business_date, 'closed'
from transactions t where t.business_date < (select business_date from business_days)
"""
_POSTINGS = """
insert into postings (transaction, kind, business_date, currency, signed_minor)
select t.id, 'payment', t.business_date, t.currency, t.approved_minor from transactions t
where t.state = 'approved' and t.business_date in (
    select business_date from business_days where state = 'closed')
"""
_KEYS = """
insert into request_keys (mid, tid, batch, stan, fingerprint, transaction)
select t.mid, t.tid, t.batch, t.stan, t.fingerprint, t.id from transactions t
where t.business_date = (select business_date from business_days where state = 'open')
on conflict do nothing
"""
_BATCHES = f"""
insert into batches (mid, tid, batch, state, opened_at, closed_at, claimed, journal, result,
    business_date, currency)
select {_MID.format("t")}, {_TID.format("t")}, lpad((%(batch_days)s + 1 - back)::text, 6, '0'),
    case back when 0 then 'open' else 'closed' end,
    now() - back * interval '1 day' - interval '9 hours',
    case when back > 0 then now() - (back - 1) * interval '1 day' - interval '11 hours' end,
    case when back > 0 then sums end, case when back > 0 then sums end,
    case when back > 0 then 'balanced' end, case when back > 0 then day - back end, '156'
from (select business_date as day from business_days where state = 'open') d,
    generate_series(0, %(terminals)s - 1) t, generate_series(0, %(batch_days)s) back,
    jsonb_build_object('domestic', jsonb_build_object('debit_minor', 37000000 + back,
        'debit_count', 790, 'credit_minor', 0, 'credit_count', 0), 'foreign',
        jsonb_build_object('debit_minor', 0, 'debit_count', 0, 'credit_minor', 0,
        'credit_count', 0)) sums
on conflict do nothing
"""  # noqa: S608  # put together of constants
_GIVEN = {
    "merchants": MERCHANTS,
    "terminals": TERMINALS,
    "batch_days": BATCH_DAYS,
    "mid": MID,
}


async def fill(owner: Pool, rows: int) -> float:
    """Write the journal; return how long the figures of a closed day took, in seconds."""
    await owner.rows(_SALES, {**_GIVEN, "rows": rows})
    await owner.rows(_DAYS)
    await owner.rows(_POSTINGS)
    await owner.rows(_KEYS)
    await owner.rows(_BATCHES, _GIVEN)
    for table in ("transactions", "postings", "request_keys", "batches"):  # as autovacuum does
        await owner.rows(f"vacuum (analyze) {table}")
    began = time.perf_counter()
    days = await owner.rows("select business_date from business_days where state = 'closed'")
    turns = trio.Semaphore(FIGURING)

    async def figure(day: object) -> None:
        async with turns:
            await owner.rows("select figure_day(%s)", (day,))

    async with trio.open_nursery() as nursery:
        for (day,) in days:
            nursery.start_soon(figure, day)
    await owner.rows("vacuum (analyze) day_figures")
    return FIGURING * (time.perf_counter() - began) / max(len(days), 1)
