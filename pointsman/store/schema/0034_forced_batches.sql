-- A batch whose terminal forgot it is closed by force when its business day ends (switch-rules 10).
-- In two steps: nothing new comes into it from the moment at which the day changes; it is closed when
-- nothing in it is before an outcome. What its terminal says of it later is kept beside, so that what
-- a closed day lists never changes.

alter table batches
    add column settling_at timestamptz, -- of its terminal's newest totals
    add column overdue_since timestamptz, -- its day ended and its terminal had not ended it
    add column late_claimed jsonb, -- totals, count of items and result that came after the force
    add column late_uploaded integer,
    add column late_result text;
create index batches_overdue on batches (mid, tid, batch)
    where overdue_since is not null and state <> 'closed';

-- How long a batch that is overdue is waited for: a terminal that was sending its batch, and
-- payments without an outcome.
create function overdue_wait() returns interval language sql immutable as $$
    select interval '10 minutes'
$$;

-- The lock of the day is held against every group commit: nothing of the day that opens is in these.
-- A terminal that numbers its batches itself (nii-bcd) would not hear of the next number; what the
-- back office ordered is closed by 0105.
create function mark_overdue_batches() returns trigger language plpgsql as $$
begin
    update batches b set state = 'closing', overdue_since = now()
        where b.business_date is null and b.state <> 'closed' and b.overdue_since is null
            and b.tid <> 'CONSOLE0'
            and not exists (select from terminals t
                where t.mid = b.mid and t.tid = b.tid and t.format = 'nii-bcd')
            and exists (select from request_keys k
                where k.mid = b.mid and k.tid = b.tid and k.batch = b.batch
                    and k.transaction is not null);
    return null;
end $$;
create trigger business_days_mark_overdue after update of state on business_days
    for each row when (new.state = 'closing' and old.state = 'open')
    execute function mark_overdue_batches();

-- Closes at most p_limit batches that are overdue, by the journal; returns how many.
create function force_batches(p_limit integer) returns bigint language plpgsql as $$
declare
    b batches;
    v_journal jsonb;
    v_count bigint := 0;
begin
    for b in
        select x.* from batches x
        where x.overdue_since is not null and x.state <> 'closed'
            and (x.overdue_since < now() - overdue_wait()
                or (coalesce(x.settling_at < x.overdue_since - overdue_wait(), true)
                    and not exists (select from request_keys k
                        join transactions t on t.id = k.transaction
                        where k.mid = x.mid and k.tid = x.tid and k.batch = x.batch
                            and t.state = 'sending')))
        order by x.mid, x.tid, x.batch limit p_limit for update skip locked
    loop
        v_journal := batch_totals(b.mid, b.tid, b.batch);
        update batches set state = 'closed', closed_at = now(), journal = v_journal,
            uploaded = 0, result = 'forced'
            where mid = b.mid and tid = b.tid and batch = b.batch;
        perform append_event(0, 'batch-forced', null, jsonb_build_object('mid', b.mid,
            'tid', b.tid, 'batch', b.batch, 'journal', v_journal)::text);
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;

-- As in 0005, and: a batch that is overdue does not open again.
create or replace function sign_in(p_mid text, p_tid text, p_tpk bytea, p_tak bytea) returns jsonb
    language plpgsql as $$
declare
    t terminals;
    k key_sets;
    v_ended boolean;
    v_batch text;
    v_number bigint;
begin
    select * into t from terminals where mid = p_mid and tid = p_tid for update;
    if not found then
        return null;
    end if;
    v_batch := t.batch;
    select state = 'closed' or overdue_since is not null into v_ended from batches
        where mid = p_mid and tid = p_tid and batch = v_batch for update;
    if v_ended then
        v_batch := lpad(((t.batch::integer % 999999) + 1)::text, 6, '0');
    end if;
    -- A batch that was closing opens again: its terminal died before the batch's end.
    insert into batches (mid, tid, batch) values (p_mid, p_tid, v_batch)
        on conflict (mid, tid, batch) do update set state = 'open'
        where batches.state = 'closing' and batches.overdue_since is null;
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

-- As in 0005, and: totals of a batch that was closed by force are kept beside.
create or replace function settle_batch(p_mid text, p_tid text, p_batch text, p_claimed jsonb)
    returns jsonb language plpgsql as $$
declare
    b batches;
begin
    -- Waits for commits that hold the batch open (for share); the sums are read after.
    select * into b from batches
        where mid = p_mid and tid = p_tid and batch = p_batch for update;
    if not found then
        return null;
    end if;
    if b.state <> 'closed' then
        update batches set state = 'closing', claimed = p_claimed, settling_at = now()
            where mid = p_mid and tid = p_tid and batch = p_batch;
    elsif b.result = 'forced' and b.late_result is null then
        update batches set late_claimed = p_claimed
            where mid = p_mid and tid = p_tid and batch = p_batch;
    end if;
    return batch_totals(p_mid, p_tid, p_batch);
end $$;

-- The transaction that an uploaded item is of: of its batch, or of the terminal's newest batch that
-- was closed by force. A terminal that did not settle keeps its list and gets a new number.
create function item_transaction(p_mid text, p_tid text, p_batch text, p_stan text) returns bytea
    language sql stable as $$
    select coalesce(
        (select k.transaction from request_keys k
            where k.mid = p_mid and k.tid = p_tid and k.batch = p_batch and k.stan = p_stan),
        (select k.transaction from request_keys k
            where k.mid = p_mid and k.tid = p_tid and k.stan = p_stan
                and k.batch = (select f.batch from batches f
                    where f.mid = p_mid and f.tid = p_tid and f.result = 'forced'
                        and f.batch <> p_batch
                    order by f.closed_at desc limit 1)))
$$;

-- Compares what a terminal claims and has uploaded with the journal, and notes what differs.
-- Explained: every item arrived, and the items are what the terminal had added up.
create function compare_batch(
    p_mid text, p_tid text, p_batch text, p_claimed jsonb, p_journal jsonb, p_uploaded integer
) returns text language plpgsql as $$
declare
    v_result text;
begin
    if p_claimed = p_journal then
        return 'balanced';
    end if;
    with unequal as ( -- the sides whose details the terminal sends
        select side = 'domestic' as domestic, p_claimed -> side as claim
        from unnest(array['domestic', 'foreign']) side
        where p_claimed is null or p_claimed -> side is distinct from p_journal -> side
    ), item as (
        select u.stan, u.amount_minor, not u.foreign_card as domestic, t.id,
            t.approved_minor, t.amount_minor as asked_minor,
            coalesce(t.state = 'approved' and t.undo = 'none', false) as stands,
            coalesce(t.money not in ('debit', 'credit') or t.voiding = 'done', false) as netted
        from upload_items u
        left join transactions t
            on t.id = item_transaction(u.mid, u.tid, u.batch, u.stan)
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
    select case when p_claimed is not null
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
    return v_result;
end $$;

-- As in 0005, and: the end of a batch that was closed by force is compared and kept beside.
create or replace function close_batch(
    p_mid text, p_tid text, p_batch text, p_uploaded integer
) returns text language plpgsql as $$
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
    if b.state = 'closed' and (b.result <> 'forced' or b.late_result is not null) then
        return coalesce(b.late_result, b.result);
    end if;
    v_journal := batch_totals(p_mid, p_tid, p_batch);
    if b.state = 'closed' then
        v_result := compare_batch(p_mid, p_tid, p_batch, b.late_claimed, v_journal, p_uploaded);
        update batches set late_uploaded = p_uploaded, late_result = v_result
            where mid = p_mid and tid = p_tid and batch = p_batch;
        perform append_event(0, 'batch-late-end', null, jsonb_build_object('mid', p_mid,
            'tid', p_tid, 'batch', p_batch, 'claimed', b.late_claimed, 'result', v_result)::text);
        return v_result;
    end if;
    v_result := compare_batch(p_mid, p_tid, p_batch, b.claimed, v_journal, p_uploaded);
    update batches set state = 'closed', closed_at = now(), journal = v_journal,
        uploaded = p_uploaded, result = v_result
        where mid = p_mid and tid = p_tid and batch = p_batch;
    return v_result;
end $$;

-- As in 0010, and: a tip is told after the day's end, too, where its terminal did not end the batch.
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
        where b.mid = o.mid and b.tid = o.tid and b.batch = o.batch and (b.state = 'open'
            or p_follow_up.guard = 'adjust' and b.overdue_since is not null)))
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
