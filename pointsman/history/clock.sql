-- The clock of the history: while this schema stands, rows that are written get their own moment
-- instead of the present one. Made before the first day, taken away after the last (filling.py);
-- never there while a house serves.

create schema past;

create table past.clock (only_one boolean primary key default true check (only_one), at timestamptz not null);
insert into past.clock (at) values ('-infinity');
create unlogged table past.told (id bytea primary key, at timestamptz not null); -- second commits

-- Sessions that name this schema before pg_catalog have it for their own now().
create function past.now() returns timestamptz language sql volatile
    as $$ select at from past.clock $$;

create function past.made_at(p_id bytea) returns timestamptz language sql immutable as $$
    select to_timestamp((('x' || encode(substring(p_id from 1 for 6), 'hex'))::bit(48)::bigint)
        / 1000.0)
$$;

create function past.stamp_transaction() returns trigger language plpgsql as $$
begin
    new.created_at := past.made_at(new.id);
    return new;
end $$;
create trigger past_stamp before insert on public.transactions
    for each row execute function past.stamp_transaction();

create function past.stamp_event() returns trigger language plpgsql as $$
begin
    new.at := case
        when new.kind = 'intent' then past.made_at(new.transaction)
        when new.kind = 'outcome' then
            (select t.at from past.told t where t.id = new.transaction)
        else past.now() end;
    return new;
end $$;
create trigger past_stamp before insert on public.events
    for each row execute function past.stamp_event();

alter table public.batches alter column opened_at set default past.now();
alter table public.incarnations alter column started_at set default past.now();
alter table public.owed alter column created_at set default past.now();
alter table public.owed alter column due_at set default past.now();
alter table public.anchors alter column at set default past.now();
alter table public.exceptions alter column at set default past.now();
alter table public.key_sets alter column changed_at set default past.now();
alter table public.outlets alter column made_at set default past.now();

-- Many terminals' mornings and evenings in one statement, each at its own moment: the same functions
-- that the workers call one by one (0005).
create function past.open_up(p_at timestamptz, p_mid text, p_tid text, p_tpk bytea, p_tak bytea)
    returns jsonb language plpgsql as $$
declare
    v_given jsonb;
begin
    update past.clock set at = p_at;
    v_given := public.sign_in(p_mid, p_tid, p_tpk, p_tak);
    perform public.promote(p_mid, p_tid, (v_given ->> 'number')::bigint);
    return v_given;
end $$;

create function past.close_up(p_at timestamptz, p_mid text, p_tid text, p_batch text) returns text
    language plpgsql as $$
begin
    update past.clock set at = p_at;
    perform public.settle_batch(p_mid, p_tid, p_batch,
        public.batch_totals(p_mid, p_tid, p_batch));
    return public.close_batch(p_mid, p_tid, p_batch, 0);
end $$;

-- What is written here alone need not reach the disk commit by commit: a checkpoint follows at the
-- end, and a history that was not finished is begun anew.
create function past.unhurried() returns trigger language plpgsql as $$
begin
    perform set_config('synchronous_commit', 'off', true);
    return null;
end $$;
do $$
declare
    v_table text;
begin
    foreach v_table in array '{transactions, events, batches, terminals, key_sets, owed, deliveries,
        business_days, postings, day_files, anchors, outlets, terminal_bindings}'::text[]
    loop
        execute format('create trigger past_unhurried before insert or update on public.%I
            for each statement execute function past.unhurried()', v_table);
    end loop;
end $$;
