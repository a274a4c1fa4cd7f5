-- Outlets as a dimension of figures and as a scope of grants. A payment belongs to the outlet in which
-- its terminal stood when it was made; one whose terminal stood in none belongs to none.

-- Puts a terminal into an outlet from a moment on; the binding before ends there. Null: done; else what
-- is wrong: 'terminal', 'outlet', 'bound' (the device stands elsewhere), 'earlier' (than a binding).
create function place_terminal(
    p_mid text, p_tid text, p_outlet bytea, p_serial text, p_since timestamptz
) returns text language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from terminals where mid = p_mid and tid = p_tid for update;
    if not found then
        return 'terminal';
    end if;
    if p_outlet is not null
        and not exists (select from outlets where id = p_outlet and mid = p_mid and active)
    then
        return 'outlet';
    end if;
    if p_serial <> '' and exists (select from terminal_bindings b
        where b.serial = p_serial and b.until is null and (b.mid, b.tid) <> (p_mid, p_tid))
    then
        return 'bound';
    end if;
    if exists (select from terminal_bindings b
        where b.mid = p_mid and b.tid = p_tid and (b.since > p_since or b.until > p_since))
    then
        return 'earlier';
    end if;
    update terminal_bindings set until = p_since
        where mid = p_mid and tid = p_tid and until is null;
    insert into terminal_bindings (serial, mid, tid, outlet, since)
        values (p_serial, p_mid, p_tid, p_outlet, p_since);
    return null;
end $$;

-- The outlet in which a terminal stood at a moment, or null.
create function outlet_at(p_mid text, p_tid text, p_at timestamptz) returns bytea
    language sql stable as $$
    select b.outlet from terminal_bindings b
    where b.mid = p_mid and b.tid = p_tid and b.since <= p_at
        and (b.until is null or p_at < b.until)
    limit 1
$$;

-- Figures are derived: those of closed days are added up anew, now by outlet, too.
alter table day_figures add column outlet bytea;
truncate day_figures, figured_days;

-- As in 0104, and by the outlet of each request.
create or replace function live_figures(p_from date, p_to date, p_mids text[])
    returns setof day_figures
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
        sum(f.counted_minor)::bigint, max(f.created_at) filter (where f.state = 'approved'),
        b.outlet
    from facts f left join terminal_bindings b -- bindings of one terminal do not overlap
        on b.mid = f.mid and b.tid = f.tid and b.since <= f.created_at
        and (b.until is null or f.created_at < b.until)
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, b.outlet;
end $$;

-- A role within one outlet of a merchant; empty: not narrowed to one.
alter table grants add column outlet bytea not null default '';
alter table grants drop constraint grants_pkey;
alter table grants add primary key (user_id, role, scope, mid, outlet);
alter table one_time_links add column outlet bytea not null default '';
alter table api_keys add column outlet bytea not null default '';
