-- An answer that approves what failed long ago (we said that it was never sent) is money that nobody
-- holds, as that of what was declined: listed when it arrives after its day was closed.

-- As in 0010, and: a late approval of what failed is an open item, too. Null when an earlier day is not closed yet; else the
-- state that holds afterwards.
create or replace function close_day(p_date date) returns text language plpgsql as $$
declare
    v_state text;
    v_before date;
begin
    -- No acknowledgement and no decision may come between our look at a transaction and its posting.
    perform pg_advisory_xact_lock(8583002);
    select state into v_state from business_days where business_date = p_date for update;
    if v_state is distinct from 'closing' then
        return v_state;
    end if;
    if exists (select from business_days where business_date < p_date and state <> 'closed') then
        return null;
    end if;
    select max(business_date) into v_before from business_days where business_date < p_date;

    -- `stands` is 'posted', the reason why it is open, or null where it is no money.
    create temporary table candidates on commit drop as
        select t.id, t.original, t.money, t.currency, t.approved_minor, t.created_at,
            case
                when t.state = 'sending' then 'sending'
                when t.undo = 'parked' then 'parked'
                when t.state = 'unknown' and t.undo <> 'done' then case
                    when w.kind = 'advice' and w.state = 'parked' then 'advice refused'
                    else 'in doubt' end
                when t.undo = 'owed' then 'reversal owed'
                when t.state <> 'approved' or t.undo = 'done' then null
                when w.kind = 'advice' and w.state in ('waiting', 'due', 'sent') then 'advice owed'
                when w.kind = 'advice' and w.state = 'parked' then 'advice refused'
                when w.kind = 'advice' and w.state = 'closed' then 'given up'
                else 'posted' end as stands,
            signed_minor(t.money, case when t.state <> 'approved' then t.amount_minor
                when t.base_minor > 0 then accepted_minor(t)
                else t.approved_minor end) as signed_minor
        from (select id from transactions
                where business_date <= p_date
                    and business_date > coalesce(v_before, '-infinity')
                union all -- what the day before left open
                select i.transaction from day_open_items i
                where i.business_date = v_before and i.reason <> 'given up'
                    and not exists (select from postings p
                        where p.transaction = i.transaction and p.kind = 'payment')) found
        join transactions t on t.id = found.id
        left join owed w on w.id = t.id;

    insert into postings (transaction, kind, business_date, currency, signed_minor)
        select c.id, 'payment', p_date, c.currency, c.signed_minor from candidates c
        where c.stands = 'posted' and c.signed_minor is not null;

    -- A tip or an adjustment of what an earlier day had posted: the newest posts the difference.
    insert into postings (transaction, kind, business_date, currency, signed_minor)
        select r.id, 'payment', p_date, r.currency, d.minor
        from (select distinct on (c.original) c.id, c.original, c.currency
            from candidates c where c.money = 'replaces' and c.stands = 'posted'
            order by c.original, c.created_at desc, c.id) r
        join transactions o on o.id = r.original and o.undo in ('none', 'closed')
        join postings p on p.transaction = o.id and p.kind = 'payment'
        cross join lateral (
            select signed_minor(o.money, accepted_minor(o)) - p.signed_minor
                - coalesce(sum(q.signed_minor), 0)::bigint as minor
            from transactions e join postings q on q.transaction = e.id
            where e.original = o.id and e.guard = 'adjust') d
        where d.minor <> 0;

    insert into day_open_items (business_date, transaction, reason, signed_minor)
        select p_date, c.id, c.stands, c.signed_minor
        from candidates c
        where c.stands <> 'posted' and c.signed_minor is not null;
    -- Of a tip or an adjustment, what it changes; nothing, where a newer one took its place.
    insert into day_open_items (business_date, transaction, reason, signed_minor)
        select p_date, c.id, c.stands, case
            when exists (select from transactions e where e.original = o.id
                and e.guard = 'adjust' and e.state = 'approved'
                and (e.created_at > c.created_at or e.created_at = c.created_at and e.id < c.id))
            then 0
            else signed_minor(o.money, c.approved_minor - accepted_minor(o)) end
        from candidates c join transactions o on o.id = c.original
        where c.money = 'replaces' and c.stands <> 'posted';
    -- What was posted on an earlier day, or stands as declined or failed, and is to be undone.
    insert into day_open_items (business_date, transaction, reason, signed_minor)
        select p_date, t.id, case when w.state = 'parked' then 'parked' else 'reversal owed' end,
            coalesce(-p.signed_minor, signed_minor(t.money, t.amount_minor))
        from owed w join transactions t on t.id = w.id
        left join postings p on p.transaction = w.id and p.kind = 'payment'
        where w.kind = 'reversal' and w.state in ('waiting', 'due', 'sent', 'parked')
            and (p.business_date < p_date
                or p.transaction is null and t.state in ('declined', 'failed')
                    and t.business_date < p_date
                    and signed_minor(t.money, t.amount_minor) is not null)
        on conflict do nothing;

    update batches b set business_date = p_date, currency = m.currency
        from merchants m
        where m.mid = b.mid and b.state = 'closed' and b.business_date is null;
    update business_days set state = 'closed' where business_date = p_date;
    perform append_event(0, 'day-closed', null, jsonb_build_object('day', p_date,
        'postings', (select count(*) from postings where business_date = p_date),
        'open', (select count(*) from day_open_items where business_date = p_date))::text);
    return 'closed';
end $$;
