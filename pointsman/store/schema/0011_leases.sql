-- Leases: who owns a session with the acquirers and what is owed on it, and who closes the day.
-- A holder raises `beat` every two seconds; whoever takes a lease raises `number`. A commit under a
-- lease names its number (`fenced`): from the taking on none of the holder before succeeds. Locks
-- are taken in one order: the lease first. Only what is rare is done under a lease: a sale's
-- commits name their incarnation, which taking its session's lease declares dead.

create table lease (
    name text primary key, -- session N, end of day
    number bigint not null,
    holder bigint not null, -- an incarnation; -1 somebody that is none; 0 nobody
    beat bigint not null,
    unique (name, number) -- a key: `for key share` lets beats pass, and nobody who takes
);

-- The sessions of lives that began before there were leases.
insert into lease
    select 'session ' || worker, 1, max(incarnation), 0 from incarnations
    where worker >= 0 and state <> 'recovered' group by worker;
insert into lease select distinct 'session ' || session, 1, 0, 0 from owed
    on conflict do nothing;

-- One row while this number holds; held until the end of the transaction. Null asks for no lease.
create function fenced(p_name text, p_number bigint) returns setof lease language plpgsql as $$
begin
    if p_name is null then
        return next null::lease;
    else
        return query select * from lease where name = p_name and number = p_number
            for key share;
    end if;
end $$;

-- Takes a lease that stands as it was last seen; null where it moved. A holder that was alive by
-- our books is dead from now on, and its rows are recovered.
create function take_lease(
    p_writer bigint, p_name text, p_number bigint, p_beat bigint, p_holder bigint,
    out o_number bigint, out o_was_living boolean
) language plpgsql as $$
declare
    l lease;
begin
    o_was_living := false;
    insert into lease values (p_name, 0, 0, 0) on conflict do nothing;
    select * into l from lease where name = p_name for update;
    if (l.number, l.beat) <> (p_number, p_beat) then
        return;
    end if;
    perform from incarnations
        where incarnation = l.holder and incarnation <> p_holder and state <> 'recovered';
    if found then
        o_was_living := true;
        perform recover(p_writer, array[l.holder]);
    end if;
    o_number := l.number + 1;
    update lease set number = o_number, holder = p_holder, beat = 0 where name = p_name;
end $$;

-- Takes one's own session; what it owes waits ten seconds where its holder may have lived on.
create function take_session(
    p_writer bigint, p_session integer, p_number bigint, p_beat bigint, p_holder bigint
) returns bigint language plpgsql as $$
declare
    taken record;
begin
    select * into taken
        from take_lease(p_writer, 'session ' || p_session, p_number, p_beat, p_holder);
    if taken.o_was_living then
        update owed set due_at = greatest(due_at, now() + interval '10 seconds')
            where session = p_session and state in ('waiting', 'due', 'sent');
    end if;
    return taken.o_number;
end $$;

-- Makes another's session nobody's, and what it owes ours; null where it moved.
create function adopt_session(
    p_writer bigint, p_session integer, p_number bigint, p_beat bigint, p_into integer
) returns bigint language plpgsql as $$
declare
    taken record;
    v_count bigint;
begin
    select * into taken
        from take_lease(p_writer, 'session ' || p_session, p_number, p_beat, 0);
    if taken.o_number is null then
        return null;
    end if;
    update owed set session = p_into, due_at = case when taken.o_was_living
            then greatest(due_at, now() + interval '10 seconds') else due_at end
        where session = p_session and state in ('waiting', 'due', 'sent', 'parked');
    get diagnostics v_count = row_count;
    return v_count;
end $$;

-- What the sender of what is owed writes beside 0004's functions; called from ``fenced``.
create function owed_numbers(p_id bytea, p_stan text, p_time text) returns boolean
    language sql as $$
    with fixed as (
        update owed set host_stan = p_stan, host_time = p_time, attempts = attempts + 1,
            state = 'sent'
        where id = p_id and state in ('due', 'sent')
            and (host_stan = '' or (host_stan, host_time) = (p_stan, p_time))
        returning 1)
    select exists (select from fixed)
$$;

create function owed_attempt(p_id bytea) returns void language sql as $$
    update owed set attempts = attempts + 1, state = 'sent'
        where id = p_id and state in ('due', 'sent')
$$;

create function owed_later(p_id bytea, p_after_s double precision) returns void language sql as $$
    update owed set due_at = now() + make_interval(secs => p_after_s)
        where id = p_id and state in ('due', 'sent')
$$;
