-- The group commit again, for less of the server's time. As in 0017, and: rows come as typed values
-- instead of documents (store/round_rows.py packs them), in the order of their request keys; events
-- come as their writer expects them to be, with the hash that follows from that. Only where
-- something else happens than what is expected (a copy, a limit, a guard, a late reversal), the
-- events and their hash are made anew here. Everything usual is five statements.

drop function journal_round(bigint, bigint, bytea, text[], bytea[], text[], bytea[]);

-- `n` counts from 1 within its commit, here and in intent_row; the other names are those of 0003.
create type round_outcome as (
    n bigint, id bytea, state text, response_code text, answer jsonb, host_code text,
    auth_code text, host_rrn text, host_date text, approved_minor bigint, owe boolean, reason text
);

-- What follows from outcomes that owe or reserved something. Returns those that nobody may be told:
-- number -> 1.
create function follow_outcomes(p_outcomes outcome_row[]) returns jsonb language plpgsql as $$
declare
    o outcome_row;
    v_untold jsonb := '{}';
begin
    foreach o in array p_outcomes loop
        if o.undo = 'closed' then
            update owed set state = 'closed' where id = o.id and state = 'waiting';
            v_untold := v_untold || jsonb_build_object(o.n::text, 1);
        elsif o.undo = 'owed' then
            update owed set state = 'due', due_at = now() where id = o.id and state = 'waiting';
            if found then
                v_untold := v_untold || jsonb_build_object(o.n::text, 1);
            else
                insert into owed (id, kind, acquirer, session, state, reason)
                    values (o.id, 'reversal', o.acquirer, o.session, 'due', o.reason);
            end if;
        elsif o.owe then
            insert into owed (id, kind, acquirer, session, state, reason)
                values (o.id, 'advice', o.acquirer, o.session, 'due', o.reason);
        end if;
        if o.guard is not null then
            perform settle_reservation(o.guard, o.original, o.state, o.undo, t.amount_minor)
                from transactions t where t.id = o.id;
        end if;
    end loop;
    return v_untold;
end $$;

-- What follows from new rows that reserve something or are owed to an acquirer at once. p_codes are
-- those that a list or a limit has refused (number -> code); returned with those that a guard does.
create function follow_intents(p_rows intent_row[], p_codes jsonb) returns jsonb
    language plpgsql as $$
declare
    i intent_row;
    v_code text;
begin
    for i in
        select r.* from unnest(p_rows) r
        where r.guard is not null and not p_codes ? r.n::text order by r.original
    loop
        v_code := reserve(i);
        if v_code is not null then
            perform refuse_intent(i.id, v_code);
            p_codes := p_codes || jsonb_build_object(i.n::text, v_code);
        end if;
    end loop;
    -- Told before the acquirer has it: owed from the beginning.
    insert into owed (id, kind, acquirer, session, state, reason)
        select r.id, 'advice', r.acquirer, r.session, 'due', '' from unnest(p_rows) r
        where r.state = 'approved' and r.acquirer <> '' and not p_codes ? r.n::text;
    return p_codes;
end $$;

-- What intents met whose request key was not free.
create function met_by_copies(p_copies intent_row[]) returns jsonb language sql stable as $$
    select jsonb_agg(jsonb_build_object('k', 'i', 'n', i.n,
        'r', case
            when k.stan is null then 'batch'
            when k.transaction is null then 'tombstone'
            when k.fingerprint <> i.fingerprint then 'conflict'
            else 'repeated' end,
        't', case when k.fingerprint = i.fingerprint then whole(t) end))
    from unnest(p_copies) i
    left join request_keys k on k.mid = i.mid and k.tid = i.tid and k.batch = i.batch
        and k.stan = i.stan
    left join transactions t on t.id = k.transaction
$$;

-- p_sequence, p_head: where the writer's chain ends. p_kinds, p_about, p_bodies: the events, first of
-- the outcomes, then at most one of all notes, then of the intents; p_end: the hash after them.
create function journal_round(
    p_incarnation bigint, p_sequence bigint, p_head bytea,
    p_outcomes round_outcome[], p_taken bytea[], p_intents intent_row[], p_lock bytea[],
    p_kinds text[], p_about bytea[], p_bodies text[], p_end bytea,
    out o_date date, out o_sequence bigint, out o_head bytea, out o_other text
) language plpgsql as $$
declare
    v_before integer := cardinality(p_outcomes) + (cardinality(p_taken) > 0)::integer;
    v_new bytea[] := '{}'; -- whose request keys are theirs
    v_copies intent_row[];
    v_written bigint[]; -- outcomes
    v_followed outcome_row[];
    v_follows boolean;
    v_limited boolean;
    v_codes jsonb := '{}'; -- intents that were refused: number -> code
    v_untold jsonb := '{}'; -- outcomes that nobody may be told: number -> 1
    v_other jsonb := '[]';
    v_count integer;
begin
    -- An expression, and no statement: it is evaluated in a tenth of the time.
    if pg_advisory_xact_lock_shared(8583001) is null then
        raise exception 'the day is not locked';
    end if;
    -- A statement of its own: its snapshot is taken after the lock.
    select d.business_date into o_date from business_days d, incarnations i
        where d.state = 'open' and i.incarnation = p_incarnation and i.state = 'alive'
        for key share of i;
    if not found then
        if not exists (select from business_days where state = 'open') then
            raise exception 'no business day is open' using errcode = 'PM002';
        end if;
        raise exception 'this incarnation is dead' using errcode = 'PM001';
    end if;

    if cardinality(p_intents) > 0 then
        -- In the order of the array, which all writers sort alike: each batch is looked up and locked
        -- for its row, whatever the statistics say.
        with fresh as (
            insert into request_keys (mid, tid, batch, stan, fingerprint, transaction)
            select i.mid, i.tid, i.batch, i.stan, i.fingerprint, i.id
            from unnest(p_intents) i
            cross join lateral (select from batches b
                where b.mid = i.mid and b.tid = i.tid and b.batch = i.batch and b.state = 'open'
                for share) b
            on conflict do nothing returning transaction
        )
        select coalesce(array_agg(transaction), '{}') into v_new from fresh;
        if cardinality(v_new) < cardinality(p_intents) then
            -- Repeats, conflicts or late; answered below, when all is written.
            select array_agg(i) filter (where i.id <> all (v_new)),
                coalesce(array_agg(i order by i.n) filter (where i.id = any (v_new)), '{}')
                into v_copies, p_intents from unnest(p_intents) i;
        end if;
    end if;

    if cardinality(p_lock) > 0 then
        -- Rows that other workers may want too (originals of follow-ups), in the order of ids.
        perform from transactions t where t.id = any (p_lock) order by t.id for update;
    end if;

    if cardinality(p_outcomes) > 0 then
        with written as (
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
            from unnest(p_outcomes) r
            -- Written so that only the key of `id` can be used: by way of the rows in state sending
            -- each outcome would look at all of them.
            where t.id = r.id and t.state is not distinct from 'sending'
                and t.incarnation is not distinct from p_incarnation
            returning r.n, t.id, t.state, t.undo, t.guard, t.original, t.reversible, t.acquirer,
                t.session, r.owe, r.reason
        )
        select array_agg(w.n),
            array_agg((w.n, null, w.id, w.state, w.undo, w.guard, w.original, w.reversible,
                    w.acquirer, w.session, w.owe, w.reason)::outcome_row order by w.original)
                filter (where w.undo <> 'none' or w.owe or w.guard is not null)
            into v_written, v_followed
            from written w;
        if v_followed is not null then
            v_untold := follow_outcomes(v_followed);
            if v_untold <> '{}' then
                select jsonb_agg(jsonb_build_object('k', 'o', 'n', k::bigint, 'r', 'untold'))
                    into v_other from jsonb_object_keys(v_untold) k;
            end if;
        end if;
        v_written := coalesce(v_written, '{}');
        if cardinality(v_written) < cardinality(p_outcomes) then
            select v_other || jsonb_agg(jsonb_build_object('k', 'o', 'n', r.n, 'r', 'not',
                    'c', coalesce(t.state, 'missing')))
                into v_other
                from unnest(p_outcomes) r left join transactions t on t.id = r.id
                where r.n <> all (v_written);
        end if;
    end if;

    if cardinality(p_taken) > 0 then
        insert into deliveries select unnest(p_taken) on conflict do nothing;
    end if;

    if cardinality(p_intents) > 0 then
        with written as (
            insert into transactions (id, mid, tid, batch, stan, fingerprint, kind, money, method,
                state, amount_minor, currency, card_token, card_cipher, first6, last4, scheme,
                domestic, reversible, acquirer, session, rrn, guard, original, details, answer,
                response_code, auth_code, approved_minor, business_date, incarnation)
            select i.id, i.mid, i.tid, i.batch, i.stan, i.fingerprint, i.kind, i.money, i.method,
                i.state, i.amount_minor, i.currency, i.card_token, i.card_cipher, i.first6,
                i.last4, i.scheme, i.domestic, i.reversible, i.acquirer, i.session, i.rrn, i.guard,
                i.original, i.details, i.answer, i.response_code, i.auth_code,
                case when i.state = 'approved' then i.amount_minor else 0 end, o_date,
                p_incarnation
            from unnest(p_intents) i
            returning details ? 'limits' as limited,
                guard is not null or state = 'approved' and acquirer <> '' as follows
        )
        -- Rules of merchants and the black list: most houses and rounds have neither.
        select bool_or(w.limited) or exists (select from blacklist), bool_or(w.follows)
            into v_limited, v_follows from written w;
        if v_limited then
            v_codes := admit(p_intents, o_date);
        end if;
        if v_follows then
            v_codes := follow_intents(p_intents, v_codes);
        end if;
        if v_codes <> '{}' then
            select v_other || jsonb_agg(
                    jsonb_build_object('k', 'i', 'n', key::bigint, 'r', 'guard', 'c', value))
                into v_other from jsonb_each_text(v_codes);
        end if;
    end if;

    if v_copies is not null then
        v_other := v_other || met_by_copies(v_copies);
    end if;

    if v_other <> '[]' then
        -- Not what the writer expected: the events of what was not written go, others are named
        -- for what became of them.
        select coalesce(array_agg(e.kind order by e.n), '{}'),
            coalesce(array_agg(e.about order by e.n), '{}'),
            coalesce(array_agg(e.body order by e.n), '{}'),
            coalesce(sha256(p_head || string_agg(event_bytes(e.kind, e.about, e.body), ''::bytea
                order by e.n)), p_head)
            into p_kinds, p_about, p_bodies, p_end
            from (
                select a.n, a.about, a.body, case
                    when a.kind = 'outcome' and v_untold ? a.n::text then 'outcome-untold'
                    when a.kind = 'intent'
                        then coalesce('guard-' || (v_codes ->> (a.n - v_before)::text), 'intent')
                    else a.kind end as kind
                from unnest(p_kinds, p_about, p_bodies) with ordinality a(kind, about, body, n)
                where case a.kind
                    when 'outcome' then a.n = any (v_written)
                    when 'intent' then a.about = any (v_new)
                    else true end
            ) e;
        o_other := v_other::text;
    end if;
    v_count := cardinality(p_kinds);
    o_sequence := p_sequence + v_count;
    o_head := p_end;
    if v_count > 0 then
        insert into events (business_date, writer, sequence, kind, transaction, body, hash)
        select o_date, p_incarnation, p_sequence + e.n, e.kind, e.about, e.body,
            case when e.n = v_count then p_end end
        from unnest(p_kinds, p_about, p_bodies) with ordinality e(kind, about, body, n);
    end if;
end $$;
