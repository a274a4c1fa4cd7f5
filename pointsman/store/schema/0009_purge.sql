-- Following the chains of events, and taking away those of days long closed without breaking them.

-- Where the rest of a chain begins: the last event that was purged and the hash after it.
create table chain_starts (
    writer bigint primary key,
    sequence bigint not null,
    hash bytea not null
);

-- Drops the events of one closed day. Days go in their order; the open day and the one before stay.
-- Returns how many events went, or null where the day has none of its own any more.
create function purge_day(p_date date) returns bigint language plpgsql as $$
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
            or t.undo in ('owed', 'parked'))) then
        raise exception 'a transaction of this day is not final' using errcode = 'PM004';
    end if;
    -- A commit's events are of one day, so the last of each writer here carries its hash.
    execute format('insert into chain_starts (writer, sequence, hash)
        select distinct on (writer) writer, sequence, hash from %I
        order by writer, sequence desc
        on conflict (writer) do update set sequence = excluded.sequence, hash = excluded.hash',
        v_partition);
    execute format('select count(*) from %I', v_partition) into v_count;
    execute format('drop table %I', v_partition);
    perform append_event(0, 'day-purged', null, jsonb_build_object('day', p_date,
        'events', v_count)::text);
    return v_count;
end $$;

-- Follows one chain from its beginning, or from where it was purged to; returns the first sequence
-- that does not fit, or null.
create function broken_at(p_writer bigint) returns bigint language plpgsql stable as $$
declare
    e record;
    v_head bytea := sha256(convert_to(p_writer::text, 'UTF8'));
    v_bytes bytea := ''::bytea;
    v_start bigint := 0;
    v_next bigint;
begin
    select sequence, hash into e from chain_starts where writer = p_writer;
    if found then
        v_start := e.sequence;
        v_head := e.hash;
        if exists (select from anchors a where a.writer = p_writer and a.sequence = v_start
                and a.hash <> v_head) then
            return v_start;
        end if;
    end if;
    v_next := v_start + 1;
    for e in select sequence, kind, transaction, body, hash from events
        where writer = p_writer order by sequence
    loop
        if e.sequence <> v_next then
            return v_next;
        end if;
        v_next := v_next + 1;
        v_bytes := v_bytes || event_bytes(e.kind, e.transaction, e.body);
        if e.hash is not null then
            v_head := sha256(v_head || v_bytes);
            v_bytes := ''::bytea;
            if v_head <> e.hash then
                return e.sequence;
            end if;
        end if;
    end loop;
    if v_bytes <> ''::bytea then
        return v_next - 1;
    end if;
    if exists (select from anchors a where a.writer = p_writer and a.sequence > v_start
            and not exists (select from events s where s.writer = a.writer
                and s.sequence = a.sequence and s.hash = a.hash)) then
        return v_next; -- the end was cut off, or rewritten from the beginning
    end if;
    return null;
end $$;
