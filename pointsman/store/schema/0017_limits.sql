-- What a merchant's rules allow in a day, and cards that are listed: decided in the group commit,
-- where nothing can pass beside it. The codes: those of the list (41, 43, 04), 61 amount, 65 count.

create table blacklist (
    token bytea primary key, -- of the card
    code text not null,
    masked text not null,
    noted_at timestamptz not null default now()
);

-- The rows that count for limits: of merchants that have some.
create index transactions_limited on transactions (mid, business_date) where details ? 'limits';

-- Writes a new row as refused; a repeat gets the same answer.
create function refuse_intent(p_id bytea, p_code text) returns void language sql as $$
    update transactions set state = 'refused', response_code = p_code, guard = null,
        approved_minor = 0, auth_code = '',
        answer = jsonb_build_object('12', details ->> 'local_time', '13', details ->> 'local_date',
                '37', rrn) || answer - '{15,32,38,63}'::text[] || jsonb_build_object('39', p_code)
        where id = p_id
$$;

-- Returns the code of the limit that a payment would pass, or null. p_rows are those of its commit:
-- what comes later there does not count against it.
create function over_limit(p_row intent_row, p_rows intent_row[], p_date date) returns text
    language plpgsql as $$
declare
    l jsonb := p_row.details -> 'limits';
    v_amount bigint := p_row.amount_minor;
    u record;
begin
    select count(*) as day_count, coalesce(sum(c.minor), 0) as day_minor,
        count(*) filter (where c.tid = p_row.tid) as terminal_count,
        coalesce(sum(c.minor) filter (where c.tid = p_row.tid), 0) as terminal_minor,
        count(*) filter (where c.card_token = p_row.card_token) as card_count,
        coalesce(sum(c.minor) filter (where c.card_token = p_row.card_token), 0) as card_minor
        into u
        from (select t.tid, t.card_token,
                case when t.state = 'approved' then t.approved_minor else t.amount_minor end as minor
            from transactions t
            where t.mid = p_row.mid and t.business_date = p_date and t.details ? 'limits'
                and t.money = p_row.money and t.state in ('sending', 'approved', 'unknown')
                and t.undo <> 'done' and t.voiding <> 'done'
                and not exists (select from unnest(p_rows) i where i.id = t.id and i.n >= p_row.n)
        ) c;
    if p_row.money = 'credit' then
        return case when u.day_minor + v_amount > (l ->> 'refund_day_minor_max')::bigint
            then '61' end;
    end if;
    return case
        when u.day_minor + v_amount > (l ->> 'day_minor_max')::bigint
            or u.terminal_minor + v_amount > (l ->> 'terminal_day_minor_max')::bigint
            or u.card_minor + v_amount > (l ->> 'card_day_minor_max')::bigint then '61'
        when u.day_count >= (l ->> 'day_count_max')::bigint
            or u.terminal_count >= (l ->> 'terminal_day_count_max')::bigint
            or u.card_count >= (l ->> 'card_day_count_max')::bigint then '65'
        end;
end $$;

-- Refuses the new rows of one commit that a list or a limit forbids; returns number -> code. The
-- order of refusals (switch-rules 9): the list beats what was found of type, original, limits and
-- route; a limit beats the route alone.
create function admit(p_rows intent_row[], p_date date) returns jsonb language plpgsql as $$
declare
    v_codes jsonb := '{}';
    v_row intent_row;
    v_code text;
begin
    for v_row in
        select i.* from unnest(p_rows) i join blacklist b on b.token = i.card_token
        where (i.guard is null or i.guard = 'extend') and (i.state = 'sending' or (
            i.state = 'refused' and i.response_code = any
                ('{45,57,58,25,12,64,61,65,03,15,91}'::text[])))
    loop
        select b.code into v_code from blacklist b where b.token = v_row.card_token;
        perform refuse_intent(v_row.id, v_code);
        v_codes := v_codes || jsonb_build_object(v_row.n::text, v_code);
    end loop;
    for v_row in
        select i.* from unnest(p_rows) i
        where i.details ? 'limits' and not v_codes ? i.n::text and (i.state = 'sending' or (
            i.state = 'refused' and i.response_code = any ('{03,15,91}'::text[])))
        order by hashtext(i.mid), i.mid, i.n
    loop
        -- One merchant's payments one after another: its limits are exact.
        perform pg_advisory_xact_lock(8583017, hashtext(v_row.mid));
        v_code := over_limit(v_row, p_rows, p_date);
        if v_code is not null then
            perform refuse_intent(v_row.id, v_code);
            v_codes := v_codes || jsonb_build_object(v_row.n::text, v_code);
        end if;
    end loop;
    return v_codes;
end $$;

-- As in 0003, with the call of admit().
create or replace function journal_round(
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
        -- Rules of merchants and the black list; most houses and rounds have neither.
        if exists (select from blacklist)
            or exists (select from unnest(v_rows) i where i.details ? 'limits')
        then
            v_codes := admit(v_rows, o_date);
        end if;
        for v_intent in
            select i.* from unnest(v_rows) i
            where i.guard is not null and not v_codes ? i.n::text order by i.original
        loop
            v_code := reserve(v_intent);
            if v_code is not null then
                perform refuse_intent(v_intent.id, v_code);
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
