-- What was told to a terminal before the acquirer had it is paid when the acquirer has taken it.
-- Until then it is an open item; where two users give it up it is none of the merchant's money.
-- And what is parked is ended by saying what the acquirer did: done, or not done.
--
-- An advice (owed.kind) in state closed was given up as not done.

-- What an acquirer has taken of a payment whose amount was replaced: the newest tip or adjustment
-- that it has, or what was first approved.
create function accepted_minor(p_original transactions) returns bigint language sql stable as $$
    select coalesce((select e.approved_minor
        from transactions e left join owed w on w.id = e.id
        where e.original = p_original.id and e.guard = 'adjust' and e.state = 'approved'
            and coalesce(w.state, 'done') = 'done'
        order by e.created_at desc, e.id limit 1), p_original.base_minor)
$$;

-- Whether a tip or an adjustment of this payment stands where p_states says.
create function is_adjusting(p_original bytea, p_states text[]) returns boolean
    language sql stable as $$
    select exists (select from transactions e join owed w on w.id = e.id
        where e.original = p_original and e.guard = 'adjust' and e.state = 'approved'
            and w.state = any (p_states))
$$;

-- A completion that was given up as not done does not count any more.
create or replace function is_completed(p_id bytea, p_but bytea) returns boolean
    language sql stable as $$
    select exists (select from transactions c
        where c.original = p_id and c.id <> p_but and c.guard = 'complete'
            and c.state in ('sending', 'approved', 'unknown')
            and c.undo <> 'done' and c.voiding <> 'done'
            and not exists (select from owed w
                where w.id = c.id and w.kind = 'advice' and w.state = 'closed'))
$$;

-- As in 0003, and: nothing follows what the acquirer refused to take, and nothing overtakes the
-- tip of what it follows. A sale whose reversal was given up stands, and may be refunded.
create or replace function reserve(p_follow_up intent_row) returns text language plpgsql as $$
declare
    o transactions;
    v_advice text; -- where the advice of the original stands
    v_amount bigint := p_follow_up.amount_minor;
    v_whole bigint;
begin
    select * into o from transactions where id = p_follow_up.original for update;
    if not found or o.mid <> p_follow_up.mid then
        return '25';
    end if;
    if p_follow_up.guard = 'note' then
        return null;
    end if;
    if o.state <> 'approved' or o.voiding <> 'none' or o.guard = 'extend'
        or not (o.undo = 'none' or o.undo = 'closed' and p_follow_up.guard = 'refund')
        or not o.money = any (case
            when p_follow_up.guard in ('cancel', 'extend', 'complete') then array['hold']
            when p_follow_up.guard = 'void' then array['debit', 'points']
            else array['debit'] end)
    then
        return '12';
    end if;
    if o.money = 'hold' and is_completed(o.id, p_follow_up.id) then
        return '12';
    end if;
    select w.state into v_advice from owed w where w.id = o.id and w.kind = 'advice';
    if v_advice in ('parked', 'closed') then
        return '12';
    end if;
    if p_follow_up.state <> 'approved' then
        -- A request must not overtake the advice of what it follows.
        if not o.reversible and v_advice in ('due', 'sent')
            or o.base_minor > 0 and is_adjusting(o.id, '{due,sent}')
        then
            return '09';
        end if;
        if o.base_minor > 0 and is_adjusting(o.id, '{parked}') then
            return '12';
        end if;
    end if;
    if p_follow_up.guard in ('void', 'adjust') and (o.refunded_minor <> 0 or not exists (
        select from batches b
        where b.mid = o.mid and b.tid = o.tid and b.batch = o.batch and b.state = 'open'))
    then
        return '12';
    end if;
    if o.currency <> p_follow_up.currency or v_amount <= 0 then
        return '64';
    end if;
    case p_follow_up.guard
    when 'void', 'cancel' then
        if v_amount <> (case when o.money = 'hold' then held_minor(o)
            else o.approved_minor end)
        then
            return '64';
        end if;
        update transactions set voiding = 'reserved', version = version + 1 where id = o.id;
    when 'refund' then
        if o.refunded_minor + v_amount > o.approved_minor then
            return '64';
        end if;
        update transactions
        set refunded_minor = refunded_minor + v_amount, version = version + 1
        where id = o.id;
    when 'complete' then
        if v_amount * 100 > held_minor(o) * p_follow_up.ceiling_percent then
            return '64';
        end if;
    when 'adjust' then
        v_whole := case when o.base_minor > 0 then o.base_minor else o.approved_minor end;
        if p_follow_up.ceiling_percent > 0
            and (v_amount < v_whole or v_amount * 100 > v_whole * p_follow_up.ceiling_percent)
        then
            return '64';
        end if;
        update transactions
        set approved_minor = v_amount, base_minor = v_whole, version = version + 1
        where id = o.id;
    when 'extend' then
        null;
    end case;
    return null;
end $$;

-- As in 0005, and: a batch counts what its terminal was told. A tip that the acquirer refused was
-- approved there, whatever became of it here.
create or replace function batch_lines(p_mid text, p_tid text, p_batch text)
    returns table (stan text, domestic boolean, debit boolean, minor bigint)
    language sql stable as $$
    select t.stan, t.domestic, t.money = 'debit', case when t.base_minor > 0
        then coalesce((select e.approved_minor from transactions e
            where e.original = t.id and e.guard = 'adjust' and e.state = 'approved'
            order by e.created_at desc, e.id limit 1), t.approved_minor)
        else t.approved_minor end
    from request_keys k join transactions t on t.id = k.transaction
    where k.mid = p_mid and k.tid = p_tid and k.batch = p_batch
        and t.state = 'approved' and t.undo = 'none' and t.voiding <> 'done'
        and t.money in ('debit', 'credit')
$$;

-- As in 0006, by what the acquirer has taken. Null when an earlier day is not closed yet; else the
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
    -- What was posted on an earlier day, or stands as declined, and is to be undone.
    insert into day_open_items (business_date, transaction, reason, signed_minor)
        select p_date, t.id, case when w.state = 'parked' then 'parked' else 'reversal owed' end,
            coalesce(-p.signed_minor, signed_minor(t.money, t.amount_minor))
        from owed w join transactions t on t.id = w.id
        left join postings p on p.transaction = w.id and p.kind = 'payment'
        where w.kind = 'reversal' and w.state in ('waiting', 'due', 'sent', 'parked')
            and (p.business_date < p_date or p.transaction is null and t.state = 'declined'
                and t.business_date < p_date and signed_minor(t.money, t.amount_minor) is not null)
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

-- Carries out what two users decided about a parked message. 'retry' sends it again. Else they say
-- what the acquirer did: 'done' is as good as its acknowledgement. 'not-done': a reversal that was
-- not done leaves the payment standing, an advice that was not done is none of the merchant's money.
create function carry_out_parked(p_transaction bytea, p_action text) returns void
    language plpgsql as $$
declare
    t transactions;
    w owed;
    v_code text;
begin
    select * into t from transactions where id = p_transaction for update;
    select * into w from owed where id = p_transaction for update;
    if p_action = 'retry' then
        update owed set state = 'due', due_at = now() where id = p_transaction;
        update transactions set undo = 'owed', version = version + 1
            where id = p_transaction and undo = 'parked';
    elsif w.kind = 'advice' and t.state = 'unknown' then
        v_code := case when p_action = 'done' then '00' else '05' end;
        perform owed_answered(0, jsonb_build_object('id', t.id, 'response_code', v_code,
            'state', case when p_action = 'done' then 'approved' else 'declined' end,
            'answer', t.answer || jsonb_build_object('39', v_code), 'host_code', w.code,
            'auth_code', t.auth_code, 'host_rrn', t.host_rrn, 'host_date', t.host_date,
            'approved_minor', 0));
    elsif p_action = 'done' then
        perform owed_done(0, p_transaction, w.code);
    else
        update owed set state = 'closed' where id = p_transaction;
        if w.kind = 'advice' then
            -- What was reserved is given back; a terminal's batch counts what it was told.
            if t.guard = 'adjust' then
                update transactions o set approved_minor = accepted_minor(o),
                    version = o.version + 1 where o.id = t.original and o.base_minor > 0;
            end if;
        elsif t.state in ('approved', 'unknown') then
            update transactions set undo = 'closed', state = 'approved', version = version + 1,
                approved_minor = case when state = 'approved' then approved_minor
                    else amount_minor end
                where id = p_transaction;
            perform settle_reservation(t.guard, t.original, 'approved', 'closed', t.amount_minor);
        else
            update transactions set undo = 'closed', version = version + 1
                where id = p_transaction;
            insert into exceptions (kind, mid, tid, batch, stan, transaction, expected_minor,
                    found_minor)
                values ('charged though declined', t.mid, t.tid, t.batch, t.stan, p_transaction,
                    0, t.amount_minor)
                on conflict (mid, tid, batch, stan, kind) where state = 'open' do nothing;
        end if;
    end if;
    update exceptions set state = 'closed'
        where transaction = p_transaction and kind = 'owed message refused' and state = 'open';
end $$;

-- As in 0008: takes one user's word, and carries it out when another says the same.
create or replace function decide_parked(
    p_transaction bytea, p_action text, p_user text, p_reason text
) returns text language plpgsql as $$
declare
    v_owed text;
    d parked_decisions;
    v_said text := 'asked';
begin
    -- Before any row, as owed_done: no day may open or close under us.
    perform pg_advisory_xact_lock_shared(8583001);
    perform pg_advisory_xact_lock_shared(8583002);
    perform from transactions where id = p_transaction for update;
    select state into v_owed from owed where id = p_transaction for update;
    if v_owed is distinct from 'parked' then
        return 'not parked';
    end if;
    select * into d from parked_decisions
        where transaction = p_transaction and confirmed_by is null for update;
    if found and d.action = p_action then
        if d.asked_by = p_user then
            return 'same user';
        end if;
        update parked_decisions set confirmed_by = p_user, confirmed_at = now() where id = d.id;
        perform carry_out_parked(p_transaction, p_action);
        perform append_event(0, 'parked-' || p_action, p_transaction, jsonb_build_object(
            'asked_by', d.asked_by, 'confirmed_by', p_user, 'reason', d.reason)::text);
        return 'done';
    end if;
    if found then
        delete from parked_decisions where id = d.id;
        v_said := 'other action';
    end if;
    insert into parked_decisions (transaction, action, reason, asked_by)
        values (p_transaction, p_action, p_reason, p_user);
    perform append_event(0, 'parked-asked', p_transaction, jsonb_build_object(
        'action', p_action, 'asked_by', p_user, 'reason', p_reason)::text);
    return v_said;
end $$;
