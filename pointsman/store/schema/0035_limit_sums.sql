-- What counts for limits, added up: by merchant and direction, for the whole and for each terminal,
-- card, way and brand, of each business date. A payment asks for at most 31 rows of each, however
-- many payments there were before it.

create table limit_sums (
    mid text not null,
    money text not null,
    scope text not null, -- '', terminal_, card_, method_, scheme_
    value text not null,
    business_date date not null,
    n bigint not null,
    minor bigint not null,
    primary key (mid, money, scope, value, business_date)
);
create index limit_sums_by_date on limit_sums (business_date);

-- What was not added yet. Commits only add rows here: a sum that they changed would make them wait
-- for each other in the order of their outcomes. Taken over by fold_limits.
create table limit_changes (
    mid text not null,
    money text not null,
    scope text not null,
    value text not null,
    business_date date not null,
    n bigint not null,
    minor bigint not null
);
create index limit_changes_by_sum on limit_changes (mid, money, scope, value, business_date)
    include (n, minor);

-- What was asked beforehand and is, or may be, approved.
create function counts_for_limits(t transactions) returns boolean language sql immutable as $$
    select t.state in ('sending', 'approved', 'unknown')
        and t.undo <> 'done' and t.voiding <> 'done'
$$;
create function limited_minor(t transactions) returns bigint language sql immutable as $$
    select case when t.state = 'approved' then t.approved_minor else t.amount_minor end
$$;

create function note_limited() returns trigger language plpgsql as $$
declare
    v_n bigint := counts_for_limits(new)::integer;
    v_minor bigint := case when counts_for_limits(new) then limited_minor(new) else 0 end;
begin
    if tg_op = 'UPDATE' and counts_for_limits(old) then
        v_n := v_n - 1;
        v_minor := v_minor - limited_minor(old);
    end if;
    if v_n <> 0 or v_minor <> 0 then
        insert into limit_changes (mid, money, scope, value, business_date, n, minor)
            select new.mid, new.money, s.scope, s.value, new.business_date, v_n, v_minor
            from (values ('', ''), ('terminal_', new.tid),
                ('card_', encode(new.card_token, 'hex')), ('method_', new.method),
                ('scheme_', new.scheme)) s (scope, value)
            where s.value is not null;
    end if;
    return null;
end $$;
create trigger transactions_limited_new after insert on transactions
    for each row when (new.details ? 'limits') execute function note_limited();
create trigger transactions_limited_changed
    after update of state, undo, voiding, approved_minor on transactions
    for each row when ((new.state, new.undo, new.voiding, new.approved_minor)
        is distinct from (old.state, old.undo, old.voiding, old.approved_minor)
        and new.details ? 'limits')
    execute function note_limited();

insert into limit_sums (mid, money, scope, value, business_date, n, minor)
    select t.mid, t.money, s.scope, s.value, t.business_date, count(*), sum(limited_minor(t))
    from transactions t
    cross join lateral (values ('', ''), ('terminal_', t.tid),
        ('card_', encode(t.card_token, 'hex')), ('method_', t.method),
        ('scheme_', t.scheme)) s (scope, value)
    where t.details ? 'limits' and counts_for_limits(t) and s.value is not null
    group by 1, 2, 3, 4, 5;

-- Adds at most p_limit changes to the sums, and takes away what no limit asks for any more; returns
-- how many changes there were.
create function fold_limits(p_limit integer) returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    if not pg_try_advisory_xact_lock(8583019) then
        return 0;
    end if;
    with taken as (
        delete from limit_changes
            where ctid = any (array(select ctid from limit_changes limit p_limit))
            returning *
    ), added as (
        insert into limit_sums (mid, money, scope, value, business_date, n, minor)
            select mid, money, scope, value, business_date, sum(n), sum(minor) from taken
            group by 1, 2, 3, 4, 5
            on conflict (mid, money, scope, value, business_date) do update
            set n = limit_sums.n + excluded.n, minor = limit_sums.minor + excluded.minor
    )
    select count(*) into v_count from taken;
    delete from limit_sums where business_date < (select d.business_date - 62
        from business_days d where d.state = 'open');
    return v_count;
end $$;

-- What counts in these days for one limited thing, by day.
create function limit_used(
    p_mid text, p_money text, p_scope text, p_value text, p_from date, p_to date
) returns table (business_date date, n bigint, minor bigint) language sql stable as $$
    select s.business_date, s.n, s.minor from limit_sums s
    where s.mid = p_mid and s.money = p_money and s.scope = p_scope and s.value = p_value
        and s.business_date between p_from and p_to
    union all
    select c.business_date, c.n, c.minor from limit_changes c
    where c.mid = p_mid and c.money = p_money and c.scope = p_scope and c.value = p_value
        and c.business_date between p_from and p_to
$$;

-- As in 0032, from the sums. What comes later in the same commit is in them already, and is taken off.
create or replace function over_limit(p_row intent_row, p_rows intent_row[], p_date date)
    returns text language plpgsql as $$
declare
    l jsonb := p_row.details -> 'limits';
    v_month date := date_trunc('month', p_date)::date;
    v_later bytea[];
    v_credit boolean := p_row.money = 'credit';
    v_over_minor boolean;
    v_over_count boolean;
    v_given bigint;
    v_sold bigint;
begin
    select array_agg(i.id) into v_later from unnest(p_rows) i
        where i.n >= p_row.n and i.mid = p_row.mid;

    if v_credit and l ? 'refund_percent_max' then
        -- Of the last 30 days: on a month's first day there would be nothing to hold it against.
        select coalesce(sum(u.minor), 0) - (select coalesce(sum(limited_minor(t)), 0)
                from transactions t
                where t.id = any (v_later) and t.money = 'credit' and counts_for_limits(t))
            into v_given
            from limit_used(p_row.mid, 'credit', '', '', p_date - 29, p_date) u;
        select coalesce(sum(u.minor), 0) - (select coalesce(sum(limited_minor(t)), 0)
                from transactions t
                where t.id = any (v_later) and t.money = 'debit' and counts_for_limits(t))
            into v_sold
            from limit_used(p_row.mid, 'debit', '', '', p_date - 29, p_date) u;
        if (v_given + p_row.amount_minor) * 100 > v_sold * (l ->> 'refund_percent_max')::bigint then
            return '61';
        end if;
    end if;

    select bool_or(u.minor + p_row.amount_minor > (l ->> (u.name || 'minor_max'))::bigint),
        bool_or(u.n >= (l ->> (u.name || 'count_max'))::bigint)
        into v_over_minor, v_over_count
        from (
            select s.name || p.name as name,
                coalesce(sum(g.n), 0) - coalesce(min(later.n), 0) as n,
                coalesce(sum(g.minor), 0) - coalesce(min(later.minor), 0) as minor
            from (values ('day_', p_date), ('month_', v_month)) p (name, since)
            cross join (values ('', '', ''), ('refund_', '', ''),
                ('terminal_', 'terminal_', p_row.tid),
                ('card_', 'card_', encode(p_row.card_token, 'hex')),
                ('method_', 'method_', p_row.method),
                ('scheme_', 'scheme_', p_row.scheme)) s (name, scope, value)
            cross join lateral (
                select count(*) as n, coalesce(sum(limited_minor(t)), 0) as minor
                from transactions t
                where t.id = any (v_later) and t.money = p_row.money and counts_for_limits(t)
                    and case s.scope when 'terminal_' then t.tid
                        when 'card_' then encode(t.card_token, 'hex')
                        when 'method_' then t.method when 'scheme_' then t.scheme
                        else '' end = s.value
            ) later
            left join lateral limit_used(p_row.mid, p_row.money, s.scope, s.value, p.since, p_date) g
                on true
            where (s.name = 'refund_') = v_credit
                and l ?| array[s.name || p.name || 'minor_max', s.name || p.name || 'count_max']
            group by 1
        ) u;
    if v_over_minor then
        return '61';
    end if;
    if v_over_count or not v_credit and p_row.card_token is not null
        and l ? 'card_day_merchants_max'
        and (l ->> 'card_day_merchants_max')::bigint <= (
            select count(distinct t.mid) from transactions t
            where t.business_date = p_date and t.card_token = p_row.card_token
                and t.details ? 'limits' and t.details -> 'limits' ? 'card_day_merchants_max'
                and t.mid <> p_row.mid
                and t.money = 'debit' and t.state in ('sending', 'approved', 'unknown')
                and t.undo <> 'done' and t.voiding <> 'done' and t.id <> all (v_later))
    then
        return '65';
    end if;
    return null;
end $$;
drop function limited_payments(text, date, date);
drop index transactions_limited;
