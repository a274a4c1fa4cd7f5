-- Refunds that the back office asks for, and decisions that want a second person.

-- One virtual terminal for each merchant, CONSOLE0: it stands in no table of terminals, so that
-- nobody signs in under it. It has batches like others, closed with the business day.
create table virtual_terminals (
    mid text primary key references merchants (mid),
    batch text not null default '000001',
    stan integer not null default 0
);

create table merchant_policies (
    mid text primary key references merchants (mid),
    refund_limit_minor bigint not null check (refund_limit_minor >= 0)
);

create table approvals (
    id bytea primary key,
    kind text not null, -- refund, grant
    object_id text not null,
    mid text not null default '', -- whose business it is; empty: the platform's
    summary jsonb not null,
    asked_by bytea not null references users (id), -- the person, also behind a key
    asked_name text not null,
    asked_at timestamptz not null default now(),
    state text not null default 'open', -- open, approved, rejected
    decided_by bytea references users (id) check (decided_by <> asked_by),
    decided_name text not null default '',
    decided_at timestamptz,
    reason text not null default ''
);
create index approvals_newest on approvals (id desc);

create table refunds (
    id bytea primary key,
    payment bytea not null,
    mid text not null,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    reason text not null,
    asked_name text not null,
    state text not null, -- waiting (for a second person), ordered, rejected
    approval bytea references approvals (id),
    batch text not null default '', -- with stan: the request key at CONSOLE0
    stan text not null default '',
    transaction bytea, -- when it is known
    made_at timestamptz not null default now()
);
create index refunds_payment on refunds (payment);
create index refunds_mid on refunds (mid, id);
create index refunds_open on refunds (made_at) where state = 'ordered' and transaction is null;

-- Gives a refund its request key: the next number of the merchant's virtual terminal. Told again it
-- keeps the key, unless its batch was closed before anything was written under it.
create function order_refund(p_id bytea) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    r refunds;
    v virtual_terminals;
    v_state text;
begin
    select * into r from refunds where id = p_id for update;
    insert into virtual_terminals (mid) values (r.mid) on conflict do nothing;
    select * into v from virtual_terminals where mid = r.mid for update;
    select state into v_state from batches
        where mid = r.mid and tid = 'CONSOLE0' and batch = v.batch;
    if r.stan <> '' and (exists (select from request_keys k where k.mid = r.mid
            and k.tid = 'CONSOLE0' and k.batch = r.batch and k.stan = r.stan)
        or (r.batch = v.batch and v_state = 'open'))
    then
        return;
    end if;
    if v_state <> 'open' or v.stan >= 999999 then
        v.batch := lpad(((v.batch::integer % 999999) + 1)::text, 6, '0');
        v.stan := 0;
    end if;
    insert into batches (mid, tid, batch) values (r.mid, 'CONSOLE0', v.batch)
        on conflict do nothing;
    update virtual_terminals set batch = v.batch, stan = v.stan + 1 where mid = r.mid;
    update refunds set state = 'ordered', batch = v.batch,
        stan = lpad((v.stan + 1)::text, 6, '0') where id = p_id;
end $$;

-- Whoever closes the business day closes the virtual terminals' batches with it. The day's lock is
-- held against every group commit.
create function close_virtual_batches() returns trigger language plpgsql as $$
declare
    b batches;
begin
    for b in select * from batches x where x.tid = 'CONSOLE0' and x.state = 'open'
        and exists (select from request_keys k
            where k.mid = x.mid and k.tid = x.tid and k.batch = x.batch)
        order by x.mid
    loop
        perform settle_batch(b.mid, b.tid, b.batch, batch_totals(b.mid, b.tid, b.batch));
        perform close_batch(b.mid, b.tid, b.batch, 0);
    end loop;
    return null;
end $$;
create trigger business_days_close_virtual after update of state on business_days
    for each row when (new.state = 'closing' and old.state = 'open')
    execute function close_virtual_batches();

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select, insert, update on refunds, approvals to pointsman_console;
    grant select, insert, update on merchant_policies to pointsman_console;
    grant select (mid, tid, batch, stan, transaction) on request_keys to pointsman_console;
end $$;
