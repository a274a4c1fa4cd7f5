-- The group commit of one journal as one call: outcomes, notes of delivery, then intents.
-- One round trip and one transaction. Locks are taken in one order everywhere: the day, the
-- incarnation, batches, request keys, transactions by id, what is owed. Called by journal.py.

create type intent_row as (
    n bigint, body text, id bytea, mid text, tid text, batch text, stan text, fingerprint bytea,
    kind text, money text, method text, state text, amount_minor bigint, currency text,
    card_token bytea, card_cipher bytea, first6 text, last4 text, scheme text, domestic boolean,
    reversible boolean, acquirer text, session integer, rrn text, guard text,
    ceiling_percent integer, original bytea, details jsonb, answer jsonb, response_code text,
    auth_code text
);

create type outcome_row as (
    n bigint, body text, id bytea, state text, undo text, guard text, original bytea,
    reversible boolean, acquirer text, session integer, owe boolean, reason text
);

-- Makes a follow-up's reservation on its original final, or gives it back.
create function settle_reservation(
    p_guard text, p_original bytea, p_state text, p_undo text, p_amount bigint
) returns void language plpgsql as $$
begin
    if p_guard in ('void', 'cancel') then
        update transactions set version = version + 1, voiding = case
            when p_state = 'approved' and p_undo in ('none', 'closed') then 'done'
            when p_state in ('declined', 'failed', 'refused') or p_undo = 'done' then 'none'
            else 'reserved' end
        where id = p_original;
    elsif p_guard = 'refund' and (p_state in ('declined', 'failed', 'refused') or p_undo = 'done') then
        update transactions
        set version = version + 1, refunded_minor = refunded_minor - p_amount
        where id = p_original;
    end if;
end $$;

-- Whether something that is held was completed, or may have been, by another than p_but. A
-- completion that was undone or cancelled does not count any more.
create function is_completed(p_id bytea, p_but bytea) returns boolean language sql stable as $$
    select exists (select from transactions c
        where c.original = p_id and c.id <> p_but and c.guard = 'complete'
            and c.state in ('sending', 'approved', 'unknown')
            and c.undo <> 'done' and c.voiding <> 'done')
$$;

-- What is held altogether: the pre-authorisation and the additional ones that stand.
create function held_minor(p_hold transactions) returns bigint language sql stable as $$
    select p_hold.approved_minor + coalesce(sum(e.approved_minor), 0)::bigint
    from transactions e
    where e.original = p_hold.id and e.guard = 'extend'
        and e.state = 'approved' and e.undo in ('none', 'closed')
$$;

-- Reserves on an original what a follow-up needs. Returns null, or the code that refuses it.
create function reserve(p_follow_up intent_row) returns text language plpgsql as $$
declare
    o transactions;
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
    if o.state <> 'approved' or o.undo <> 'none' or o.voiding <> 'none' or o.guard = 'extend'
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
    -- A request must not overtake the advice of what it follows.
    if p_follow_up.state <> 'approved' and not o.reversible and exists (select from owed w
        where w.id = o.id and w.kind = 'advice' and w.state in ('due', 'sent'))
    then
        return '09';
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

create function journal_round(
    p_incarnation bigint, p_sequence bigint, p_head bytea,
    p_outcomes text[], p_taken bytea[], p_intents text[], p_lock bytea[],
    out o_date date, out o_sequence bigint, out o_head bytea, out o_other text
) language plpgsql as $$
declare
    v_rows intent_row[];
    v_new bytea[];
    v_other jsonb := '[]';
    v_codes jsonb := '{}'; -- guards that failed: intent's number -> code
    v_untold jsonb := '{}'; -- outcomes that nobody may be told: number -> 1
    v_written bigint[];
    v_special outcome_row[];
    v_outcome outcome_row;
    v_intent intent_row;
    v_code text;
    v_kinds text[] := '{}';
    v_transactions bytea[] := '{}';
    v_bodies text[] := '{}';
    v_count integer;
begin
    perform pg_advisory_xact_lock_shared(8583001);
    -- A statement of its own: its snapshot is taken after the lock.
    select business_date into o_date from business_days where state = 'open';
    if not found then
        raise exception 'no business day is open' using errcode = 'PM002';
    end if;
    perform from incarnations
        where incarnation = p_incarnation and state = 'alive' for key share;
    if not found then
        raise exception 'this incarnation is dead' using errcode = 'PM001';
    end if;

    if cardinality(p_intents) > 0 then
        select array_agg((d.n, d.body, r.id, r.mid, r.tid, r.batch, r.stan, r.fingerprint, r.kind,
                r.money, r.method, r.state, r.amount_minor, r.currency, r.card_token, r.card_cipher,
                r.first6, r.last4, r.scheme, r.domestic, r.reversible, r.acquirer, r.session, r.rrn,
                r.guard, r.ceiling_percent, r.original, r.details, r.answer, r.response_code,
                r.auth_code)::intent_row
                order by r.mid, r.tid, r.batch, r.stan, d.n)
            into v_rows
            from unnest(p_intents) with ordinality d(body, n),
                jsonb_to_record(d.body::jsonb) r(
                    id bytea, mid text, tid text, batch text, stan text, fingerprint bytea,
                    kind text, money text, method text, state text, amount_minor bigint,
                    currency text, card_token bytea, card_cipher bytea, first6 text, last4 text,
                    scheme text, domestic boolean, reversible boolean, acquirer text,
                    session integer, rrn text, guard text, ceiling_percent integer, original bytea,
                    details jsonb, answer jsonb, response_code text, auth_code text);
        with open_batches as materialized (
            select b.mid, b.tid, b.batch from batches b
            where b.state = 'open' and (b.mid, b.tid, b.batch) in
                (select i.mid, i.tid, i.batch from unnest(v_rows) i)
            order by b.mid, b.tid, b.batch for share
        ), fresh as (
            insert into request_keys (mid, tid, batch, stan, fingerprint, transaction)
            select i.mid, i.tid, i.batch, i.stan, i.fingerprint, i.id
            from unnest(v_rows) i join open_batches using (mid, tid, batch)
            order by i.mid, i.tid, i.batch, i.stan, i.n
            on conflict do nothing returning transaction
        )
        select coalesce(array_agg(transaction), '{}') into v_new from fresh;
    end if;

    if cardinality(p_lock) > 0 then
        -- Rows that other workers may want too (originals of follow-ups), in the order of ids.
        perform from transactions t where t.id = any (p_lock) order by t.id for update;
    end if;

    if cardinality(p_outcomes) > 0 then
        with parsed as (
            select d.n, d.body, r.*
            from unnest(p_outcomes) with ordinality d(body, n),
                jsonb_to_record(d.body::jsonb) r(
                    id bytea, state text, response_code text, answer jsonb, host_code text,
                    auth_code text, host_rrn text, host_date text, approved_minor bigint,
                    owe boolean, reason text)
        ), written as (
            update transactions t set
                state = r.state,
                response_code = r.response_code,
                answer = r.answer,
                host_code = r.host_code,
                auth_code = r.auth_code,
                host_rrn = r.host_rrn,
                host_date = r.host_date,
                approved_minor = case when r.state <> 'approved' then 0
                    when r.approved_minor > 0 then r.approved_minor else t.amount_minor end,
                undo = case
                    when t.undo = 'owed' and r.state in ('declined', 'failed', 'refused')
                        then 'closed'
                    when t.undo = 'none' and r.owe and t.reversible then 'owed'
                    else t.undo end,
                version = t.version + 1
            from parsed r
            -- Written so that only the key of `id` can be used: by way of the rows in state sending
            -- each outcome would look at all of them.
            where t.id = r.id and t.state is not distinct from 'sending'
                and t.incarnation is not distinct from p_incarnation
            returning r.n, r.body, t.id, t.state, t.undo, t.guard, t.original, t.reversible,
                t.acquirer, t.session, r.owe, r.reason
        )
        select array_agg(w.n),
            array_agg((w.n, w.body, w.id, w.state, w.undo, w.guard, w.original, w.reversible,
                    w.acquirer, w.session, w.owe, w.reason)::outcome_row order by w.original)
                filter (where w.undo <> 'none' or w.owe or w.guard is not null),
            array_agg('outcome'::text order by w.n), array_agg(w.id order by w.n),
            array_agg(w.body order by w.n), count(*)
            into v_written, v_special, v_kinds, v_transactions, v_bodies, v_count
            from written w;
        if v_special is not null then
            foreach v_outcome in array v_special loop
                if v_outcome.undo = 'closed' then
                    update owed set state = 'closed' where id = v_outcome.id and state = 'waiting';
                    v_untold := v_untold || jsonb_build_object(v_outcome.n::text, 1);
                elsif v_outcome.undo = 'owed' then
                    update owed set state = 'due', due_at = now()
                        where id = v_outcome.id and state = 'waiting';
                    if found then
                        v_untold := v_untold || jsonb_build_object(v_outcome.n::text, 1);
                    else
                        insert into owed (id, kind, acquirer, session, state, reason)
                            values (v_outcome.id, 'reversal', v_outcome.acquirer,
                                v_outcome.session, 'due', v_outcome.reason);
                    end if;
                elsif v_outcome.owe then
                    insert into owed (id, kind, acquirer, session, state, reason)
                        values (v_outcome.id, 'advice', v_outcome.acquirer, v_outcome.session,
                            'due', v_outcome.reason);
                end if;
                if v_outcome.guard is not null then
                    perform settle_reservation(v_outcome.guard, v_outcome.original,
                        v_outcome.state, v_outcome.undo, t.amount_minor)
                        from transactions t where t.id = v_outcome.id;
                end if;
            end loop;
        end if;
        if v_untold <> '{}' then
            select array_agg(case when v_untold ? w.n::text then 'outcome-untold' else 'outcome' end
                    order by w.n)
                into v_kinds from unnest(v_written) w(n);
            select v_other || jsonb_agg(jsonb_build_object('k', 'o', 'n', k::bigint, 'r', 'untold'))
                into v_other from jsonb_object_keys(v_untold) k;
        end if;
        if v_count < cardinality(p_outcomes) then
            select v_other || jsonb_agg(jsonb_build_object('k', 'o', 'n', d.n, 'r', 'not',
                    'c', coalesce(t.state, 'missing')))
                into v_other
                from unnest(p_outcomes) with ordinality d(body, n)
                left join transactions t on t.id = (d.body::jsonb ->> 'id')::bytea
                where v_written is null or not d.n = any (v_written);
        end if;
        v_kinds := coalesce(v_kinds, '{}');
        v_transactions := coalesce(v_transactions, '{}');
        v_bodies := coalesce(v_bodies, '{}');
    end if;

    if cardinality(p_taken) > 0 then
        insert into deliveries select unnest(p_taken) on conflict do nothing;
        v_kinds := v_kinds || 'taken'::text;
        v_transactions := v_transactions || null::bytea;
        v_bodies := v_bodies ||
            (select string_agg(encode(i, 'hex'), ' ') from unnest(p_taken) i);
    end if;

    if v_rows is not null then
        if cardinality(v_new) < cardinality(v_rows) then
            -- The others are repeats, conflicts or late; answered below, when all is written.
            select array_agg(i order by i.n) into v_rows
                from unnest(v_rows) i where i.id = any (v_new);
        end if;
    end if;
    if v_rows is not null then
        insert into transactions (id, mid, tid, batch, stan, fingerprint, kind, money, method,
            state, amount_minor, currency, card_token, card_cipher, first6, last4, scheme,
            domestic, reversible, acquirer, session, rrn, guard, original, details, answer,
            response_code, auth_code, approved_minor, business_date, incarnation)
        select i.id, i.mid, i.tid, i.batch, i.stan, i.fingerprint, i.kind, i.money, i.method,
            i.state, i.amount_minor, i.currency, i.card_token, i.card_cipher, i.first6, i.last4,
            i.scheme, i.domestic, i.reversible, i.acquirer, i.session, i.rrn, i.guard, i.original,
            i.details, i.answer, i.response_code, i.auth_code,
            case when i.state = 'approved' then i.amount_minor else 0 end, o_date, p_incarnation
        from unnest(v_rows) i;
        for v_intent in
            select i.* from unnest(v_rows) i where i.guard is not null order by i.original
        loop
            v_code := reserve(v_intent);
            if v_code is not null then
                update transactions set state = 'refused', response_code = v_code, guard = null,
                    approved_minor = 0, auth_code = '',
                    answer = answer - '{15,32,38,63}'::text[] || jsonb_build_object('39', v_code)
                    where id = v_intent.id;
                v_codes := v_codes || jsonb_build_object(v_intent.n::text, v_code);
            end if;
        end loop;
        -- Told before the acquirer has it: owed from the beginning.
        insert into owed (id, kind, acquirer, session, state, reason)
            select i.id, 'advice', i.acquirer, i.session, 'due', '' from unnest(v_rows) i
            where i.state = 'approved' and i.acquirer <> '' and not v_codes ? i.n::text;
        if v_codes <> '{}' then
            select v_other || jsonb_agg(
                    jsonb_build_object('k', 'i', 'n', key::bigint, 'r', 'guard', 'c', value))
                into v_other from jsonb_each_text(v_codes);
        end if;
        select v_kinds || array_agg(
                case when v_codes = '{}' then 'intent'
                    else coalesce('guard-' || (v_codes ->> i.n::text), 'intent') end order by i.n),
            v_transactions || array_agg(i.id order by i.n),
            v_bodies || array_agg(i.body order by i.n)
            into v_kinds, v_transactions, v_bodies
            from unnest(v_rows) i;
    end if;

    if cardinality(p_intents) > coalesce(cardinality(v_new), 0) then
        select v_other || jsonb_agg(jsonb_build_object('k', 'i', 'n', d.n,
                'r', case
                    when k.stan is null then 'batch'
                    when k.transaction is null then 'tombstone'
                    when k.fingerprint <> (d.doc ->> 'fingerprint')::bytea then 'conflict'
                    else 'repeated' end,
                't', case when k.fingerprint = (d.doc ->> 'fingerprint')::bytea
                    then whole(t) end))
            into v_other
            from (select b.n, b.body::jsonb as doc
                from unnest(p_intents) with ordinality b(body, n)) d
            left join request_keys k on k.mid = d.doc ->> 'mid' and k.tid = d.doc ->> 'tid'
                and k.batch = d.doc ->> 'batch' and k.stan = d.doc ->> 'stan'
            left join transactions t on t.id = k.transaction
            where not (d.doc ->> 'id')::bytea = any (v_new);
    end if;

    v_count := cardinality(v_kinds);
    o_sequence := p_sequence + v_count;
    o_head := p_head;
    if v_count > 0 then
        select sha256(p_head || string_agg(event_bytes(e.kind, e.transaction, e.body),
                ''::bytea order by e.n))
            into o_head
            from unnest(v_kinds, v_transactions, v_bodies)
                with ordinality e(kind, transaction, body, n);
        insert into events (business_date, writer, sequence, kind, transaction, body, hash)
        select o_date, p_incarnation, p_sequence + e.n, e.kind, e.transaction, e.body,
            case when e.n = v_count then o_head end
        from unnest(v_kinds, v_transactions, v_bodies)
            with ordinality e(kind, transaction, body, n);
    end if;
    o_other := nullif(v_other, '[]')::text;
end $$;
