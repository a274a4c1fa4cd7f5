-- The rare verbs (verbs.Records), each one call and one transaction. Locks in the order of 0003.
-- Every change of money leaves an event of the caller's chain (p_writer).

create function tell_event(p_writer bigint, p_kind text, p_transaction bytea, p_body jsonb)
    returns void language sql as $$
    select append_event(p_writer, p_kind, p_transaction, p_body::text)
$$;

-- A row in state sending that nobody will conclude any more: it may have reached the acquirer.
create function put_in_doubt(p_writer bigint, p_id bytea, p_reason text) returns boolean
    language plpgsql as $$
declare
    t transactions;
begin
    -- Where no money can have moved there is nothing to find out.
    update transactions set state = case when money = 'none' and not reversible then 'declined'
            else 'unknown' end,
        response_code = '98', answer = answer || '{"39": "98"}', version = version + 1,
        undo = case when reversible then 'owed' else undo end
        where id = p_id and state = 'sending'
        returning * into t;
    if not found then
        return false;
    end if;
    if t.state = 'unknown' then
        insert into owed (id, kind, acquirer, session, state, reason)
            values (p_id, case when t.reversible then 'reversal' else 'advice' end, t.acquirer,
                t.session, 'due', p_reason)
            on conflict (id) do update set state = 'due', due_at = now()
            where owed.state = 'waiting';
    end if;
    perform tell_event(p_writer, 'in-doubt', p_id, jsonb_build_object('reason', p_reason));
    return true;
end $$;

-- Whether something else stands on a transaction, so that it cannot be undone under it.
create function is_followed(t transactions) returns boolean language sql stable as $$
    select t.voiding <> 'none' or t.refunded_minor <> 0 or t.base_minor <> 0
        or (t.money = 'hold' and is_completed(t.id, t.id))
        -- Cancelling a completion made room for another one.
        or (t.money = 'debit minus' and exists (select from transactions o
            where o.id = t.original and o.guard = 'complete' and o.voiding = 'done'
                and is_completed(o.original, o.id)))
$$;

create function owe(p_writer bigint, p_id bytea, p_reason text) returns boolean
    language plpgsql as $$
declare
    t transactions;
begin
    select * into t from transactions where id = p_id for update;
    if not found then
        return false;
    end if;
    if t.state = 'sending' then
        return put_in_doubt(p_writer, p_id, p_reason);
    end if;
    if t.undo <> 'none' then
        return t.undo in ('owed', 'parked', 'done');
    end if;
    if t.state not in ('approved', 'unknown') or (t.state = 'approved' and (not t.reversible
        or exists (select from deliveries d where d.transaction = p_id))) then
        return false; -- once a terminal may hold the approval, only it may reverse
    end if;
    if is_followed(t) then
        return false;
    end if;
    insert into owed (id, kind, acquirer, session, state, reason)
        values (p_id, case when t.reversible then 'reversal' else 'advice' end, t.acquirer,
            t.session, 'due', p_reason)
        on conflict (id) do nothing;
    if t.reversible then
        update transactions set undo = 'owed', version = version + 1 where id = p_id;
        perform settle_reservation(t.guard, t.original, t.state, 'owed', t.amount_minor);
    end if;
    perform tell_event(p_writer, 'owed', p_id, jsonb_build_object('reason', p_reason));
    return true;
end $$;

-- The table of switch-rules 4 for a terminal's reversal; returns a ReversalArrival.
create function reversal_arrived(
    p_writer bigint, p_mid text, p_tid text, p_batch text, p_stan text, p_amount bigint,
    p_reason text
) returns text language plpgsql as $$
declare
    v_id bytea;
    t transactions;
begin
    insert into request_keys (mid, tid, batch, stan) values (p_mid, p_tid, p_batch, p_stan)
        on conflict do nothing;
    if found then
        perform tell_event(p_writer, 'tombstone', null, jsonb_build_object(
            'mid', p_mid, 'tid', p_tid, 'batch', p_batch, 'stan', p_stan));
        return 'unknown original';
    end if;
    select transaction into v_id from request_keys
        where mid = p_mid and tid = p_tid and batch = p_batch and stan = p_stan;
    if v_id is null then
        return 'unknown original'; -- a tombstone already
    end if;
    select * into t from transactions where id = v_id for update;
    if t.amount_minor <> p_amount then
        insert into exceptions (kind, mid, tid, batch, stan, transaction, expected_minor,
                found_minor)
            values ('reversal amount differs', p_mid, p_tid, p_batch, p_stan, v_id,
                t.amount_minor, p_amount)
            on conflict (mid, tid, batch, stan, kind) where state = 'open' do nothing;
        return 'amount differs';
    end if;
    if t.undo in ('owed', 'parked') then
        return 'owed';
    end if;
    if t.undo in ('done', 'closed') or t.state in ('declined', 'refused', 'failed')
        or t.money = 'none' and not t.reversible
    then
        return 'nothing to undo';
    end if;
    if not t.reversible or is_followed(t) then
        return 'voided';
    end if;
    insert into owed (id, kind, acquirer, session, state, reason)
        values (v_id, 'reversal', t.acquirer, t.session,
            case when t.state = 'sending' then 'waiting' else 'due' end, p_reason);
    update transactions set undo = 'owed', version = version + 1 where id = v_id;
    perform settle_reservation(t.guard, t.original, t.state, 'owed', t.amount_minor);
    perform tell_event(p_writer, 'reversal-arrived', v_id, jsonb_build_object('reason', p_reason));
    return 'owed';
end $$;

create function owed_done(p_writer bigint, p_id bytea, p_code text) returns void
    language plpgsql as $$
declare
    o owed;
    t transactions;
begin
    -- The open day must not change under us, and no day may be fixed between look and posting.
    perform pg_advisory_xact_lock_shared(8583001);
    perform pg_advisory_xact_lock_shared(8583002);
    select * into t from transactions where id = p_id for update;
    select * into o from owed where id = p_id for update;
    if not found or o.state in ('done', 'closed') then
        return;
    end if;
    update owed set state = 'done', code = p_code where id = p_id;
    if o.kind = 'reversal' then
        update transactions set undo = 'done', version = version + 1 where id = p_id;
        perform settle_reservation(t.guard, t.original, t.state, 'done', t.amount_minor);
        insert into postings (transaction, kind, business_date, currency, signed_minor)
            select p.transaction, 'undo', d.business_date, p.currency, -p.signed_minor
            from postings p, business_days d
            where p.transaction = p_id and p.kind = 'payment' and d.state = 'open'
            on conflict do nothing;
    end if;
    perform tell_event(p_writer, 'owed-done', p_id, jsonb_build_object('code', p_code));
end $$;

create function owed_answered(p_writer bigint, p_outcome jsonb) returns void
    language plpgsql as $$
declare
    v_id bytea := (p_outcome ->> 'id')::bytea;
    t transactions;
begin
    update transactions set
        state = p_outcome ->> 'state',
        response_code = p_outcome ->> 'response_code',
        answer = p_outcome -> 'answer',
        host_code = p_outcome ->> 'host_code',
        auth_code = p_outcome ->> 'auth_code',
        host_rrn = p_outcome ->> 'host_rrn',
        host_date = p_outcome ->> 'host_date',
        approved_minor = case when p_outcome ->> 'state' <> 'approved' then 0
            when (p_outcome ->> 'approved_minor')::bigint > 0
                then (p_outcome ->> 'approved_minor')::bigint
            else amount_minor end,
        version = version + 1
        where id = v_id and state = 'unknown' and undo = 'none'
        returning * into t;
    if not found then
        return; -- answered before
    end if;
    perform settle_reservation(t.guard, t.original, t.state, t.undo, t.amount_minor);
    update owed set state = 'done', code = p_outcome ->> 'host_code' where id = v_id;
    perform tell_event(p_writer, 'owed-answered', v_id, p_outcome);
end $$;

create function owed_parked(p_writer bigint, p_id bytea, p_code text) returns void
    language plpgsql as $$
declare
    t transactions;
begin
    select * into t from transactions where id = p_id for update;
    update owed set state = 'parked', code = p_code
        where id = p_id and state not in ('done', 'closed', 'parked');
    if not found then
        return;
    end if;
    update transactions set undo = 'parked', version = version + 1
        where id = p_id and undo = 'owed';
    insert into exceptions (kind, mid, tid, batch, stan, transaction, expected_minor, note)
        values ('owed message refused', t.mid, t.tid, t.batch, t.stan, p_id, t.amount_minor,
            'code ' || p_code)
        on conflict (mid, tid, batch, stan, kind) where state = 'open' do nothing;
    perform tell_event(p_writer, 'owed-parked', p_id, jsonb_build_object('code', p_code));
end $$;

-- Declares incarnations dead and puts their unfinished rows in doubt. From the lock on none of
-- their commits succeeds; one that was under way is waited for.
create function recover(p_writer bigint, p_incarnations bigint[]) returns bigint
    language plpgsql as $$
declare
    v_id bytea;
    v_count bigint := 0;
begin
    perform from incarnations where incarnation = any (p_incarnations)
        order by incarnation for update;
    update incarnations set state = 'dead' where incarnation = any (p_incarnations);
    for v_id in
        select id from transactions
        where incarnation = any (p_incarnations) and state = 'sending' order by id for update
    loop
        if put_in_doubt(p_writer, v_id, '98') then
            v_count := v_count + 1;
        end if;
    end loop;
    update incarnations set state = 'recovered', ended_at = now() where incarnation = any (p_incarnations);
    return v_count;
end $$;

create function begin_incarnation(
    p_machine text, p_worker integer, out o_incarnation bigint, out o_recovered bigint
) language plpgsql as $$
declare
    v_dead bigint[];
begin
    perform pg_advisory_xact_lock(8583003);
    select coalesce(array_agg(incarnation), '{}') into v_dead from incarnations
        where machine = p_machine and worker = p_worker and state in ('alive', 'dead');
    insert into incarnations (machine, worker) values (p_machine, p_worker)
        returning incarnation into o_incarnation;
    o_recovered := recover(-o_incarnation, v_dead);
end $$;

create function retire_workers(p_writer bigint, p_machine text, p_workers integer) returns bigint
    language plpgsql as $$
declare
    v_dead bigint[];
begin
    perform pg_advisory_xact_lock(8583003);
    select coalesce(array_agg(incarnation), '{}') into v_dead from incarnations
        where machine = p_machine and worker >= p_workers and state in ('alive', 'dead');
    return recover(p_writer, v_dead);
end $$;
