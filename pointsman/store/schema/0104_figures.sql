-- What reports add up. A closed business day's postings never change, so its figures are added up
-- once and kept; days that are not closed are added up when they are asked for. No sale writes here.

-- One row for each combination of what reports group by.
create table day_figures (
    business_date date not null,
    mid text not null,
    tid text not null,
    acquirer text not null,
    method text not null,
    scheme text not null,
    kind text not null,
    money text not null,
    currency text not null,
    state text not null,
    response_code text not null,
    hour smallint not null, -- of the request, in the site's zone
    attempts bigint not null, -- requests of this business date
    asked_minor bigint not null, -- their amounts
    intents bigint not null, -- begun by one of these requests
    first_intents bigint not null, -- approved on their first try
    won_intents bigint not null, -- approved on any try
    counted bigint not null, -- payments posted on this date, less those taken back on it
    counted_minor bigint not null, -- what was posted, signed
    last_at timestamptz -- of the last approved one
);
create index day_figures_mid on day_figures (mid, business_date);
create index day_figures_day on day_figures (business_date);

create table figured_days (
    business_date date primary key,
    first_id bytea, -- of the requests of this date
    last_id bytea,
    made_at timestamptz not null default now()
);

-- Payments that were undone after they had been posted; and what refers to another payment.
create index postings_undone on postings (business_date) where kind = 'undo';
create index transactions_following on transactions (mid, id) where original is not null;

-- The smallest id that can be made at a moment (RFC 9562: 48 bits of milliseconds lead).
create function id_at(p_at timestamptz) returns bytea language sql immutable as $$
    select decode(lpad(to_hex(floor(extract(epoch from p_at) * 1000)::bigint), 12, '0')
        || repeat('0', 20), 'hex')
$$;

-- What a payment will be posted with when its day closes: by the same conditions as close_day (0010).
-- What was told before the acquirer had it waits for the acquirer; only such can be owed an advice.
create function payable_minor(t transactions) returns bigint language sql stable as $$
    select case when t.state = 'approved' and t.undo in ('none', 'closed')
        and (t.reversible or not exists (select from owed w where w.id = t.id
            and w.kind = 'advice' and w.state in ('waiting', 'due', 'sent', 'parked', 'closed')))
        then signed_minor(t.money, case when t.base_minor > 0 then accepted_minor(t)
            else t.approved_minor end) end
$$;

-- The same for a role that may not read whole rows.
create function payable_of(p_id bytea) returns bigint language sql stable
    security definer set search_path = public, pg_temp as $$
    select payable_minor(t) from transactions t where t.id = p_id
$$;

-- Adds up requests and postings of business dates as they stand now. What will be posted when a day
-- closes counts on that day already. A request's intent: the same card, amount and terminal within
-- ten minutes of the try before, as long as none was approved.
create function live_figures(p_from date, p_to date, p_mids text[]) returns setof day_figures
    language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    v_zone text := (select zone from site);
    v_last date := coalesce((select max(business_date) from business_days where state = 'closed'),
        '-infinity');
    v_open date := (select min(business_date) from business_days where state <> 'closed');
begin
    return query
    with asked as (
        select t.id, t.business_date, t.mid, t.tid, t.acquirer, t.method, t.scheme, t.kind,
            t.money, t.currency, t.state, t.response_code, t.created_at, t.amount_minor,
            t.card_token, case when t.business_date > v_last then payable_minor(t) end as payable
        from transactions t
        where t.business_date between p_from and p_to
            and t.id >= id_at(p_from::timestamptz - interval '2 days')
            and (p_mids is null or t.mid = any(p_mids))
    ), tries as (
        select a.*, coalesce(lag(a.state) over w = 'approved'
            or a.created_at - lag(a.created_at) over w > interval '10 minutes', true) as begins
        from asked a where a.money = 'debit'
        window w as (partition by a.mid, a.tid, a.amount_minor, coalesce(a.card_token, a.id)
            order by a.id)
    ), numbered as (
        select r.*, sum(r.begins::int) over (partition by r.mid, r.tid, r.amount_minor,
            coalesce(r.card_token, r.id) order by r.id) as intent
        from tries r
    ), facts as (
        select n.business_date, n.mid, n.tid, n.acquirer, n.method, n.scheme, n.kind,
            n.money, n.currency, n.state, n.response_code, n.created_at,
            1 as attempts, n.amount_minor as asked_minor, n.begins::int as intents,
            (n.begins and n.state = 'approved')::int as first_intents,
            (n.begins and bool_or(n.state = 'approved') over (partition by n.mid, n.tid,
                n.amount_minor, coalesce(n.card_token, n.id), n.intent))::int as won_intents,
            0 as counted, 0::bigint as counted_minor
        from numbered n
        union all
        select a.business_date, a.mid, a.tid, a.acquirer, a.method, a.scheme, a.kind,
            a.money, a.currency, a.state, a.response_code, a.created_at,
            1, a.amount_minor, 0, 0, 0, 0, 0
        from asked a where a.money <> 'debit'
        union all -- what will be posted when its day closes
        select a.business_date, a.mid, a.tid, a.acquirer, a.method, a.scheme, a.kind,
            a.money, a.currency, a.state, a.response_code, a.created_at,
            0, 0, 0, 0, 0, (a.money <> 'replaces')::int, a.payable
        from asked a where a.payable is not null
        union all -- what the last closed day left open, and would be posted now
        select v_open, t.mid, t.tid, t.acquirer, t.method, t.scheme, t.kind,
            t.money, t.currency, t.state, t.response_code, t.created_at,
            0, 0, 0, 0, 0, 1, payable_minor(t)
        from day_open_items i join transactions t on t.id = i.transaction
        where i.business_date = v_last and v_open between p_from and p_to
            and i.reason <> 'given up' and payable_minor(t) is not null
            and not exists (select from postings p
                where p.transaction = t.id and p.kind = 'payment')
            and (p_mids is null or t.mid = any(p_mids))
        union all
        select p.business_date, t.mid, t.tid, t.acquirer, t.method, t.scheme, t.kind,
            t.money, t.currency, t.state, t.response_code, t.created_at,
            0, 0, 0, 0, 0,
            case when t.money = 'replaces' then 0 when p.kind = 'undo' then -1 else 1 end,
            p.signed_minor
        from postings p join transactions t on t.id = p.transaction
        where p.business_date between p_from and p_to
            and (p_mids is null or t.mid = any(p_mids))
    )
    select f.business_date, f.mid, f.tid, f.acquirer, f.method, f.scheme, f.kind, f.money,
        f.currency, f.state, f.response_code,
        extract(hour from f.created_at at time zone v_zone)::smallint,
        sum(f.attempts)::bigint, sum(f.asked_minor)::bigint, sum(f.intents)::bigint,
        sum(f.first_intents)::bigint, sum(f.won_intents)::bigint, sum(f.counted)::bigint,
        sum(f.counted_minor)::bigint, max(f.created_at) filter (where f.state = 'approved')
    from facts f
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
end $$;

-- Keeps the figures of a closed day. True: now; false: it has them already; null: it is not closed.
create function figure_day(p_date date) returns boolean language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(8583104);
    if exists (select from figured_days where business_date = p_date) then
        return false;
    end if;
    if not exists (select from business_days where business_date = p_date and state = 'closed') then
        return null;
    end if;
    insert into day_figures
        select f.* from live_figures(p_date, p_date, null) f order by f.mid, f.tid, f.hour;
    if (select coalesce(sum(counted_minor), 0) from day_figures where business_date = p_date)
        <> (select coalesce(sum(signed_minor), 0) from postings where business_date = p_date)
    then
        raise exception 'figures of a day differ from its postings' using errcode = 'PM004';
    end if;
    insert into figured_days (business_date, first_id, last_id)
        select p_date, -- min and max of bytea came with PostgreSQL 18
            (select id from transactions where business_date = p_date order by id limit 1),
            (select id from transactions where business_date = p_date order by id desc limit 1);
    return true;
end $$;

-- Runs of reports: what was asked, what came of it, and the file for as long as its link lives.
create table report_runs (
    id bytea primary key,
    report text not null,
    format text not null,
    parameters jsonb not null,
    mids text[], -- of whom it may tell; null: of all
    made_by text not null,
    made_at timestamptz not null default now(),
    state text not null default 'waiting', -- waiting, running, done, failed
    manifest jsonb not null default '{}',
    file_name text not null default '',
    content bytea,
    expires_at timestamptz
);
create index report_runs_waiting on report_runs (made_at) where state = 'waiting';

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select on day_figures, figured_days to pointsman_console;
    grant select, insert, update, delete on report_runs to pointsman_console;
end $$;
