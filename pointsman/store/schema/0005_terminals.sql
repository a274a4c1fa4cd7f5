-- Terminals: sign-in with its keys, and the life of a terminal batch. See terminal-protocol 5 and 9: sign-in,
-- settlement, batch upload.

-- Null where there is no such terminal; else batch and the key set to give.
create function sign_in(p_mid text, p_tid text, p_tpk bytea, p_tak bytea) returns jsonb
    language plpgsql as $$
declare
    t terminals;
    k key_sets;
    v_state text;
    v_batch text;
    v_number bigint;
begin
    select * into t from terminals where mid = p_mid and tid = p_tid for update;
    if not found then
        return null;
    end if;
    v_batch := t.batch;
    select state into v_state from batches
        where mid = p_mid and tid = p_tid and batch = v_batch for update;
    if v_state = 'closed' then
        v_batch := lpad(((t.batch::integer % 999999) + 1)::text, 6, '0');
    end if;
    -- A batch that was closing opens again: its terminal died before the batch's end.
    insert into batches (mid, tid, batch) values (p_mid, p_tid, v_batch)
        on conflict (mid, tid, batch) do update set state = 'open'
        where batches.state = 'closing';
    if cardinality(t.sign_ins) >= 6 and t.sign_ins[1] > now() - interval '1 hour' then
        select * into k from key_sets where mid = p_mid and tid = p_tid
            order by number desc limit 1;
    end if;
    if k.number is null then
        select coalesce(max(number), 0) + 1 into v_number from key_sets
            where mid = p_mid and tid = p_tid;
        insert into key_sets (mid, tid, number, tpk, tak, state)
            values (p_mid, p_tid, v_number, p_tpk, p_tak, 'pending') returning * into k;
        delete from key_sets where mid = p_mid and tid = p_tid and state = 'pending'
            and number not in (select n.number from key_sets n
                where n.mid = p_mid and n.tid = p_tid and n.state = 'pending'
                order by n.number desc limit 3);
        t.sign_ins := (t.sign_ins || now())[greatest(cardinality(t.sign_ins) - 4, 1):];
    end if;
    update terminals set signed_in = true, batch = v_batch, sign_ins = t.sign_ins
        where mid = p_mid and tid = p_tid;
    return jsonb_build_object('batch', v_batch, 'number', k.number, 'tpk', k.tpk, 'tak', k.tak,
        'state', k.state);
end $$;

create function promote(p_mid text, p_tid text, p_number bigint) returns void
    language plpgsql as $$
begin
    perform from terminals where mid = p_mid and tid = p_tid for update;
    perform from key_sets
        where mid = p_mid and tid = p_tid and number = p_number and state = 'pending';
    if not found then
        return;
    end if;
    delete from key_sets where mid = p_mid and tid = p_tid and (state = 'retiring'
        or (state = 'pending' and number < p_number));
    update key_sets set state = case when number = p_number then 'current' else 'retiring' end,
        changed_at = now()
        where mid = p_mid and tid = p_tid and (number = p_number or state = 'current');
end $$;

-- Debit: sales and completions with tips and adjustments, less what was voided. Credit: refunds.
-- Reversed, owed and in doubt: not counted.
create function batch_lines(p_mid text, p_tid text, p_batch text)
    returns table (stan text, domestic boolean, debit boolean, minor bigint)
    language sql stable as $$
    select t.stan, t.domestic, t.money = 'debit', t.approved_minor
    from request_keys k join transactions t on t.id = k.transaction
    where k.mid = p_mid and k.tid = p_tid and k.batch = p_batch
        and t.state = 'approved' and t.undo = 'none' and t.voiding <> 'done'
        and t.money in ('debit', 'credit')
$$;

create function batch_totals(p_mid text, p_tid text, p_batch text) returns jsonb
    language sql stable as $$
    select jsonb_object_agg(s.name, jsonb_build_object(
        'debit_minor', s.debit_minor, 'debit_count', s.debit_count,
        'credit_minor', s.credit_minor, 'credit_count', s.credit_count))
    from (
        select side.name,
            coalesce(sum(l.minor) filter (where l.debit), 0)::bigint as debit_minor,
            count(l.minor) filter (where l.debit) as debit_count,
            coalesce(sum(l.minor) filter (where not l.debit), 0)::bigint as credit_minor,
            count(l.minor) filter (where not l.debit) as credit_count
        from (values ('domestic', true), ('foreign', false)) side(name, domestic)
        left join batch_lines(p_mid, p_tid, p_batch) l on l.domestic = side.domestic
        group by side.name) s
$$;

create function settle_batch(p_mid text, p_tid text, p_batch text, p_claimed jsonb) returns jsonb
    language plpgsql as $$
declare
    v_state text;
begin
    -- Waits for commits that hold the batch open (for share); the sums are read after.
    select state into v_state from batches
        where mid = p_mid and tid = p_tid and batch = p_batch for update;
    if not found then
        return null;
    end if;
    if v_state <> 'closed' then
        update batches set state = 'closing', claimed = p_claimed
            where mid = p_mid and tid = p_tid and batch = p_batch;
    end if;
    return batch_totals(p_mid, p_tid, p_batch);
end $$;

create function close_batch(p_mid text, p_tid text, p_batch text, p_uploaded integer) returns text
    language plpgsql as $$
declare
    b batches;
    v_journal jsonb;
    v_result text;
begin
    select * into b from batches
        where mid = p_mid and tid = p_tid and batch = p_batch for update;
    if not found then
        return null;
    end if;
    if b.state = 'closed' then
        return b.result;
    end if;
    v_journal := batch_totals(p_mid, p_tid, p_batch);
    if b.claimed = v_journal then
        v_result := 'balanced';
    else
        with unequal as ( -- the sides whose details the terminal sends
            select side = 'domestic' as domestic, b.claimed -> side as claim
            from unnest(array['domestic', 'foreign']) side
            where b.claimed is null or b.claimed -> side is distinct from v_journal -> side
        ), item as (
            select u.stan, u.amount_minor, not u.foreign_card as domestic, t.id,
                t.approved_minor, t.amount_minor as asked_minor,
                coalesce(t.state = 'approved' and t.undo = 'none', false) as stands,
                coalesce(t.money not in ('debit', 'credit') or t.voiding = 'done', false) as netted
            from upload_items u
            left join request_keys k using (mid, tid, batch, stan)
            left join transactions t on t.id = k.transaction
            where u.mid = p_mid and u.tid = p_tid and u.batch = p_batch
        ), difference as (
            select i.stan, i.id, i.amount_minor as found, i.approved_minor as expected,
                case when i.id is null then 'unknown item'
                    when not i.stands then 'terminal thinks paid'
                    when i.amount_minor <> i.approved_minor then 'amount differs' end as kind
            from item i
            union all
            select l.stan, k.transaction, null, l.minor, 'terminal lost it'
            from batch_lines(p_mid, p_tid, p_batch) l
            join unequal using (domestic)
            join request_keys k on k.mid = p_mid and k.tid = p_tid and k.batch = p_batch
                and k.stan = l.stan
            where not exists (select from item i where i.stan = l.stan)
        ), noted as (
            insert into exceptions (kind, mid, tid, batch, stan, transaction, expected_minor,
                found_minor)
            select d.kind, p_mid, p_tid, p_batch, d.stan, d.id, d.expected, d.found
            from difference d where d.kind is not null
            on conflict (mid, tid, batch, stan, kind) where state = 'open' do nothing
        )
        -- Explained: every item arrived, and the items are what the terminal had added up.
        select case when b.claimed is not null
                and p_uploaded = (select count(*) from item)
                and (select coalesce(bool_and(
                        (u.claim ->> 'debit_count')::bigint + (u.claim ->> 'credit_count')::bigint
                            = i.count
                        and (u.claim ->> 'debit_minor')::bigint
                            + (u.claim ->> 'credit_minor')::bigint = i.minor), true)
                    from unequal u cross join lateral (
                        select count(*), coalesce(sum(item.amount_minor), 0) as minor
                        from item where item.domestic = u.domestic and not item.netted) i)
            then 'unbalanced-explained' else 'unbalanced-open' end
            into v_result;
    end if;
    update batches set state = 'closed', closed_at = now(), journal = v_journal,
        uploaded = p_uploaded, result = v_result
        where mid = p_mid and tid = p_tid and batch = p_batch;
    return v_result;
end $$;
