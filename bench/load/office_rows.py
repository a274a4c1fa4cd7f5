"""What stands beside the journal in a large office: parties, people, decisions, the audit trail.

Rows for bench/console.py, as many of each as a platform of a thousand merchants has; made by SQL,
since nothing of them is judged. The journal is journal.py.
"""

from typing import LiteralString

from pointsman.store.pool import Pool
from tests.store.house import MID

COUNTS = {
    "merchants": 1_000,
    "terminals": 10_000,
    "people": 1_000,
    "audit events": 200_000,
    "refunds": 20_000,
    "decisions": 2_000,
    "runs": 2_000,
}
"""How many rows each list has, about."""
_ID = (
    "decode(lpad(to_hex((extract(epoch from {0}) * 1000)::bigint), 12, '0') || '7'"
    " || lpad(to_hex(n), 19, '0'), 'hex')"
)
_AT = "now() - n * interval '90 days' / {0}"
_OTHERS = "'9' || lpad(n::text, 14, '0')"
_MERCHANTS = f"""
insert into merchants (mid, name, mcc, city, country, currency, active, tip_percent, strict_chip)
select {_OTHERS}, 'Merchant ' || n, '5812', 'Shanghai', 'CN', '156', n %% 50 <> 0, 0, false
from generate_series(1, 980) n
union all select lpad(n::text, 15, '8'), 'Seller ' || n, '5411', 'Beijing', 'CN', '156', true, 0,
    false from generate_series(1, 19) n
"""  # noqa: S608  # put together of constants
_OUTLETS = f"""
insert into outlets (id, mid, name, city, address, active)
select {_ID.format("now()")}, m.mid, 'Outlet ' || n, m.city, n || ' Long Street', true
from (select mid, city, row_number() over (order by mid) as n from merchants) m
"""  # noqa: S608  # put together of constants
_TERMINALS = """
insert into terminals (mid, tid, active, format, framing, mac_method, key_layout, tmk,
    tmk_check_value, signed_in, batch, sign_ins)
select m.mid, lpad(n::text, 8, '0'), n %% 40 <> 0, t.format, t.framing, t.mac_method, t.key_layout,
    t.tmk, t.tmk_check_value, true, '000091', array[now() - n * interval '7 seconds']
from (select * from terminals limit 1) t,
    (select mid, row_number() over (order by mid) as k from merchants where mid like '9%%') m,
    generate_series(1000 + 10 * m.k, 1009 + 10 * m.k) n
"""
_SELLERS = """
insert into terminals (mid, tid, active, format, framing, mac_method, key_layout, tmk,
    tmk_check_value, signed_in, batch, sign_ins)
select b.mid, b.tid, true, t.format, t.framing, t.mac_method, t.key_layout, t.tmk,
    t.tmk_check_value, true, b.batch, array[b.opened_at]
from batches b, (select * from terminals limit 1) t where b.state = 'open'
on conflict do nothing
"""
_BINDINGS = """
insert into terminal_bindings (serial, mid, tid, outlet, since)
select 'SN' || t.mid || t.tid, t.mid, t.tid, o.id, now() - interval '100 days'
from terminals t join outlets o using (mid)
"""
_PEOPLE = f"""
insert into users (id, login, name, password_hash, totp_sealed, created_at)
select {_ID.format(_AT.format("1000"))}, 'person-' || n, 'Person ' || n, '-', '',
    {_AT.format("1000")}
from generate_series(1, 1000) n
"""  # noqa: S608  # put together of constants
_GRANTS = """
insert into grants (user_id, role, scope, mid, given_by)
select u.id, 'merchant_owner', 'merchant', m.mid, 'bench'
from (select id, row_number() over (order by id) as n from users where login like 'person-%%') u
join (select mid, row_number() over (order by mid) as n from merchants) m using (n)
"""
_KEYS = f"""
insert into api_keys (id, hash, hint, name, role, scope, mid, made_by, created_at, expires_at)
select {_ID.format(_AT.format("1000"))}, decode(lpad(to_hex(n), 64, '0'), 'hex'), 'ak_test_' || n,
    'Till ' || n, 'merchant_staff', 'merchant', m.mid, u.id, now(), now() + interval '1 year'
from (select mid, row_number() over (order by mid) as n from merchants) m,
    (select id from users limit 1) u
"""  # noqa: S608  # put together of constants
_AUDIT = """
insert into audit_events (sequence, at, actor, role, act, object_kind, object_id, mid, reason,
    before, after, address, request_id, result, hash)
select h.top + n, now() - (200000 - n) * interval '90 days' / 200000, 'person-' || n %% 1000,
    'merchant_owner', case n %% 3 when 0 then 'export' when 1 then 'sign_in' else 'refund' end,
    'report', 'R01', lpad((n %% 19 + 1)::text, 15, '8'), '', '{}',
    jsonb_build_object('format', 'csv'),
    '192.0.2.7', 'req-' || n, case n %% 20 when 0 then 'refused' else 'done' end, '\\x00'
from generate_series(1, 200000) n, (select coalesce(max(sequence), 0) as top from audit_events) h
"""
_REFUNDS = f"""
insert into refunds (id, payment, mid, amount_minor, currency, reason, asked_name, state,
    transaction, made_at)
select {_ID.format(_AT.format("20000"))}, t.id, t.mid, t.amount_minor, t.currency, 'came back',
    'Person 1', 'ordered', t.id, {_AT.format("20000")}
from (select id, mid, amount_minor, currency, row_number() over (order by id) as n
    from transactions where state = 'declined' order by id limit 20000) t
"""  # noqa: S608  # put together of constants
_DECISIONS = f"""
insert into approvals (id, kind, object_id, mid, summary, asked_by, asked_name, asked_at, state)
select {_ID.format(_AT.format("2000"))}, 'refund', 'rfd_' || n, lpad((n %% 19 + 1)::text, 15, '8'),
    '{{}}', u.id, 'Person 1', {_AT.format("2000")},
    case when n <= 20 then 'open' else 'rejected' end
from generate_series(1, 2000) n, (select id from users limit 1) u
"""  # noqa: S608  # put together of constants
_APPLICATIONS = f"""
insert into applications (id, name, mcc, city, country, currency, login, contact, address, made_at)
select {_ID.format(_AT.format("2000"))}, 'Applicant ' || n, '5812', 'Suzhou', 'CN', '156',
    'applicant-' || n, 'n@example.com', '192.0.2.8', {_AT.format("2000")}
from generate_series(1, 2000) n
"""  # noqa: S608  # put together of constants
_RUNS = f"""
insert into report_runs (id, report, format, parameters, mids, made_by, made_at, state, file_name)
select {_ID.format(_AT.format("2000"))}, 'R01', 'csv', '{{}}',
    array[lpad((n %% 19 + 1)::text, 15, '8')], 'Person 1', {_AT.format("2000")}, 'done', 'r.csv'
from generate_series(1, 2000) n
"""  # noqa: S608  # put together of constants
_EXCEPTIONS = """
insert into exceptions (at, kind, mid, tid, batch, stan, note)
select now() - n * interval '1 hour', 'late approval', %s, '00000000', '000091',
    lpad(n::text, 6, '0'), '' from generate_series(1, 500) n
"""
_RECONCILIATIONS = """
insert into reconciliations (acquirer, settlement_date, currency, state)
select 'alpha', current_date - n, '156', 'balanced' from generate_series(2, 90) n
"""
_ALL: tuple[LiteralString, ...] = (
    *(_MERCHANTS, _OUTLETS, _TERMINALS, _SELLERS, _BINDINGS, _PEOPLE, _GRANTS, _KEYS, _AUDIT),
    *(_REFUNDS, _DECISIONS, _APPLICATIONS, _RUNS, _RECONCILIATIONS),
)


async def fill(owner: Pool) -> None:
    """Write all of it; the journal is there."""
    for statement in _ALL:
        await owner.rows(statement)
    await owner.rows(_EXCEPTIONS, (MID,))
    await owner.rows("analyze")
