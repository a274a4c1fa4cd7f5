-- Business days: when one closes, what it posts and what it leaves open is fixed in one transaction.

alter table batches add column currency text;
alter table incarnations add column ended_at timestamptz;

-- Positive where the merchant earns. Null for what moves no money.
create function signed_minor(p_money text, p_amount bigint) returns bigint
    language sql immutable as $$
    select case when p_money = 'debit' then p_amount
        when p_money in ('debit minus', 'credit') then -p_amount end
$$;

create function begin_day_close(p_date date, p_following date) returns text language plpgsql as $$
declare
    v_state text;
begin
    -- Waits for the group commits under way; those that follow read the new date.
    perform pg_advisory_xact_lock(8583001);
    select state into v_state from business_days where business_date = p_date for update;
    if v_state = 'open' then
        update business_days set state = 'closing' where business_date = p_date;
        perform open_business_day(p_following);
        perform append_event(0, 'day-closing', null,
            jsonb_build_object('day', p_date, 'following', p_following)::text);
        v_state := 'closing';
    end if;
    return v_state;
end $$;

-- Null when an earlier day is not closed yet; else the state that holds afterwards.
create function close_day(p_date date) returns text language plpgsql as $$
declare
    v_state text;
    v_before date;
begin
    -- No reversal may be acknowledged between our look at a transaction and its posting.
    perform pg_advisory_xact_lock(8583002);
    select state into v_state from business_days where business_date = p_date for update;
    if v_state is distinct from 'closing' then
        return v_state;
    end if;
    if exists (select from business_days where business_date < p_date and state <> 'closed') then
        return null;
    end if;
    select max(business_date) into v_before from business_days where business_date < p_date;

    create temporary table candidates on commit drop as
        select t.id, t.state, t.undo, t.currency,
            signed_minor(t.money, case when t.state = 'approved' then t.approved_minor
                else t.amount_minor end) as signed_minor
        from transactions t
        where t.business_date <= p_date and t.business_date > coalesce(v_before, '-infinity')
        union all -- what the day before left open
        select t.id, t.state, t.undo, t.currency,
            signed_minor(t.money, case when t.state = 'approved' then t.approved_minor
                else t.amount_minor end)
        from day_open_items i join transactions t on t.id = i.transaction
        where i.business_date = v_before
            and not exists (select from postings p
                where p.transaction = t.id and p.kind = 'payment');

    insert into postings (transaction, kind, business_date, currency, signed_minor)
        select c.id, 'payment', p_date, c.currency, c.signed_minor from candidates c
        where c.state = 'approved' and c.undo = 'none' and c.signed_minor is not null;

    -- A tip or an adjustment of what an earlier day had posted: the newest posts the difference.
    insert into postings (transaction, kind, business_date, currency, signed_minor)
        select r.id, 'payment', p_date, r.currency, d.minor
        from (select distinct on (t.original) t.id, t.original, t.currency
            from candidates c join transactions t on t.id = c.id
            where t.money = 'replaces' and t.state = 'approved'
            order by t.original, t.created_at desc, t.id) r
        join transactions o on o.id = r.original and o.undo = 'none'
        join postings p on p.transaction = o.id and p.kind = 'payment'
        cross join lateral (
            select signed_minor(o.money, o.approved_minor) - p.signed_minor
                - coalesce(sum(q.signed_minor), 0)::bigint as minor
            from transactions e join postings q on q.transaction = e.id
            where e.original = o.id and e.guard = 'adjust') d
        where d.minor <> 0;

    insert into day_open_items (business_date, transaction, reason, signed_minor)
        select p_date, c.id, case
                when c.undo = 'parked' then 'parked'
                when c.state = 'sending' then 'sending'
                when c.state = 'unknown' then 'in doubt'
                else 'reversal owed' end,
            c.signed_minor
        from candidates c
        where c.signed_minor is not null and (c.state = 'sending'
            or (c.state = 'unknown' and c.undo <> 'done')
            or (c.state = 'approved' and c.undo in ('owed', 'parked')))
        union all -- posted on an earlier day, and still to be undone
        select p_date, p.transaction,
            case when o.state = 'parked' then 'parked' else 'reversal owed' end, -p.signed_minor
        from owed o join postings p on p.transaction = o.id and p.kind = 'payment'
        where o.kind = 'reversal' and o.state in ('waiting', 'due', 'sent', 'parked')
            and p.business_date < p_date;

    update batches b set business_date = p_date, currency = m.currency
        from merchants m
        where m.mid = b.mid and b.state = 'closed' and b.business_date is null;
    update business_days set state = 'closed' where business_date = p_date;
    perform append_event(0, 'day-closed', null, jsonb_build_object('day', p_date,
        'postings', (select count(*) from postings where business_date = p_date),
        'open', (select count(*) from day_open_items where business_date = p_date))::text);
    return 'closed';
end $$;

-- The last event of each chain that may have moved; returns how many were not anchored before.
create function anchor_heads() returns bigint language sql as $$
    with writers as (
        select incarnation as writer from incarnations
        where state = 'alive' or ended_at > now() - interval '1 day'
        union all select writer from heads
    ), moved as (
        insert into anchors (writer, sequence, hash)
        select w.writer, e.sequence, e.hash from writers w cross join lateral (
            select sequence, hash from events
            where writer = w.writer and hash is not null order by sequence desc limit 1) e
        on conflict do nothing returning 1
    ) select count(*) from moved
$$;
