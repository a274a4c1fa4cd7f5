-- Places for events are made before their days come, and what no copy and no reversal can come for
-- any more is taken away. Locks on `events` that would make sales wait are not asked for, or not
-- waited for.

-- Makes the place for one day's events; false where there is one. It is attached: to create it in
-- its place would wait for whoever reads the events, and every sale behind that.
create function prepare_day(p_date date) returns boolean language plpgsql as $$
declare
    v_partition text := 'events_' || to_char(p_date, 'YYYYMMDD');
begin
    perform pg_advisory_xact_lock(8583005);
    if to_regclass(v_partition) is not null then
        return false;
    end if;
    execute format('create table %I (like events including defaults including constraints)',
        v_partition);
    execute format('alter table events attach partition %I for values from (%L) to (%L)',
        v_partition, p_date, p_date + 1);
    return true;
end $$;

-- Prepares the days after the open one; returns how many are ready without a gap, null without a
-- site.
create function prepare_days(p_count integer) returns integer language plpgsql as $$
declare
    v_open date;
    v_ready integer := 0;
begin
    select business_date into v_open from business_days where state = 'open';
    if not found then
        return null;
    end if;
    for n in 1 .. p_count loop
        perform prepare_day(v_open + n);
    end loop;
    while to_regclass('events_' || to_char(v_open + v_ready + 1, 'YYYYMMDD')) is not null loop
        v_ready := v_ready + 1;
    end loop;
    return v_ready;
end $$;

-- As in 0002; where the day was prepared it is only a row.
create or replace function open_business_day(p_date date) returns void language plpgsql as $$
begin
    perform prepare_day(p_date);
    insert into business_days (business_date, state) values (p_date, 'open');
end $$;

-- As in 0009, and: a day stays while anything of it is owed, also an advice; and its events are not
-- waited for while somebody reads them.
create or replace function purge_day(p_date date) returns bigint language plpgsql as $$
declare
    v_partition text := 'events_' || to_char(p_date, 'YYYYMMDD');
    v_count bigint;
begin
    perform pg_advisory_xact_lock(8583004);
    if to_regclass(v_partition) is null then
        return null;
    end if;
    if not exists (select from business_days where business_date = p_date and state = 'closed')
        or (select count(*) from business_days where business_date > p_date) < 2 then
        raise exception 'this day is not over for long enough' using errcode = 'PM004';
    end if;
    if exists (select from business_days d where d.business_date < p_date
        and to_regclass('events_' || to_char(d.business_date, 'YYYYMMDD')) is not null) then
        raise exception 'an earlier day was not purged' using errcode = 'PM004';
    end if;
    if exists (select from transactions t where t.business_date = p_date
            and (t.state in ('sending', 'unknown') and t.undo not in ('done', 'closed')
                or t.undo in ('owed', 'parked')))
        or exists (select from owed w join transactions t on t.id = w.id
            where w.state in ('waiting', 'due', 'sent', 'parked') and t.business_date = p_date)
    then
        raise exception 'a transaction of this day is not final' using errcode = 'PM004';
    end if;
    -- A commit's events are of one day, so the last of each writer here carries its hash.
    execute format('insert into chain_starts (writer, sequence, hash)
        select distinct on (writer) writer, sequence, hash from %I
        order by writer, sequence desc
        on conflict (writer) do update set sequence = excluded.sequence, hash = excluded.hash',
        v_partition);
    execute format('select count(*) from %I', v_partition) into v_count;
    perform append_event(0, 'day-purged', null, jsonb_build_object('day', p_date,
        'events', v_count)::text);
    -- Last, and only where it is free soon: while we wait for this lock, sales wait for us.
    perform set_config('lock_timeout', '200ms', true);
    execute format('drop table %I', v_partition);
    return v_count;
end $$;

alter table request_keys add column since date; -- of a tombstone: its batch may be none
create index request_keys_tombstones on request_keys (since) where transaction is null;
alter table batches add column keys_purged boolean not null default false;
create index batches_with_keys on batches (business_date)
    where business_date is not null and not keys_purged;

-- As in 0004: the table of switch-rules 4 for a terminal's reversal; a tombstone has its date.
create or replace function reversal_arrived(
    p_writer bigint, p_mid text, p_tid text, p_batch text, p_stan text, p_amount bigint,
    p_reason text
) returns text language plpgsql as $$
declare
    v_id bytea;
    t transactions;
begin
    insert into request_keys (mid, tid, batch, stan, since)
        values (p_mid, p_tid, p_batch, p_stan, current_date) on conflict do nothing;
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

-- Takes away request keys, notes of delivery and uploaded items of at most p_limit terminal batches
-- that a day before p_before lists, and tombstones of that age that are of no batch. A batch stays while the events of
-- its day were not purged, or anything of it is owed. Returns how many keys went.
create function purge_keys(p_before date, p_limit integer) returns bigint language plpgsql as $$
declare
    v_batch record;
    v_count bigint := 0;
    v_gone bigint;
begin
    for v_batch in
        select mid, tid, batch from batches
        where business_date < p_before and not keys_purged and state = 'closed'
            and to_regclass('events_' || to_char(business_date, 'YYYYMMDD')) is null
            and not exists (select from request_keys k join owed w on w.id = k.transaction
                where k.mid = batches.mid and k.tid = batches.tid and k.batch = batches.batch
                    and w.state in ('waiting', 'due', 'sent', 'parked'))
        order by business_date, mid, tid, batch limit p_limit
        for update skip locked
    loop
        delete from deliveries d using request_keys k
            where k.mid = v_batch.mid and k.tid = v_batch.tid and k.batch = v_batch.batch
                and d.transaction = k.transaction;
        delete from request_keys k
            where k.mid = v_batch.mid and k.tid = v_batch.tid and k.batch = v_batch.batch;
        get diagnostics v_gone = row_count;
        v_count := v_count + v_gone;
        delete from upload_items u
            where u.mid = v_batch.mid and u.tid = v_batch.tid and u.batch = v_batch.batch;
        update batches set keys_purged = true
            where mid = v_batch.mid and tid = v_batch.tid and batch = v_batch.batch;
    end loop;
    delete from request_keys k where (k.mid, k.tid, k.batch, k.stan) in (
        select o.mid, o.tid, o.batch, o.stan from request_keys o
        where o.transaction is null and o.since < p_before and not exists (select from batches b
            where b.mid = o.mid and b.tid = o.tid and b.batch = o.batch)
        limit p_limit);
    get diagnostics v_gone = row_count;
    return v_count + v_gone;
end $$;
