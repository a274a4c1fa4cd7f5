-- What the lists of the back office ask for: since when a party is here, states that few payments
-- are in, the number that an acquirer knows a payment by; and what may be changed of outlets and
-- terminals. Nothing of it needs a tree that a sale's commit must keep.

alter table merchants add column made_at timestamptz not null default now();
alter table terminals add column made_at timestamptz not null default now();

-- Whether a site file names the party: one that the back office made is left alone by an import.
alter table merchants add column in_file boolean not null default false;
alter table terminals add column in_file boolean not null default false;
update merchants set in_file = true;
update terminals set in_file = true;

create index transactions_undone on transactions (id) where undo in ('done', 'owed', 'parked');
create index transactions_given_back on transactions (id)
    where voiding = 'done' or refunded_minor > 0;
create index transactions_host_stan on transactions
    using brin (id, (details ->> 'host_stan') text_bloom_ops
        (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);

-- Each of these changes a party where it still stands as it was read (`p_before`). Null: done; else
-- what is wrong: 'missing', 'changed', 'outlet', 'bound'.
create function change_merchant_from(p_mid text, p_before jsonb, p jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from site for update;
    if not exists (select from merchants m where m.mid = p_mid and p_before = jsonb_build_object(
        'name', m.name, 'mcc', m.mcc, 'city', m.city, 'country', m.country,
        'tip_percent', m.tip_percent))
    then
        return 'changed';
    end if;
    perform change_merchant(p_mid, p);
    return null;
end $$;

create function change_outlet(p_id bytea, p_before jsonb, p jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    o outlets;
begin
    select * into o from outlets where id = p_id for update;
    if not found then
        return 'missing';
    end if;
    if p_before <> jsonb_build_object('name', o.name, 'city', o.city, 'address', o.address,
        'active', o.active)
    then
        return 'changed';
    end if;
    update outlets set name = p ->> 'name', city = p ->> 'city', address = p ->> 'address',
        active = (p ->> 'active')::boolean where id = p_id;
    return null;
end $$;

create function change_terminal(
    p_mid text, p_tid text, p_serial text, p_outlet bytea, p_new_serial text, p_new_outlet bytea
) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    b terminal_bindings;
begin
    perform from terminals where mid = p_mid and tid = p_tid for update;
    if not found then
        return 'missing';
    end if;
    select * into b from terminal_bindings where mid = p_mid and tid = p_tid and until is null;
    if not found and exists (select from terminal_bindings where mid = p_mid and tid = p_tid) then
        return 'missing'; -- it was moved away
    end if;
    if (coalesce(b.serial, ''), b.outlet) is distinct from (p_serial, p_outlet) then
        return 'changed';
    end if;
    if p_new_outlet is not null
        and not exists (select from outlets where id = p_new_outlet and mid = p_mid and active)
    then
        return 'outlet';
    end if;
    if p_new_serial <> '' and exists (select from terminal_bindings o
        where o.serial = p_new_serial and o.until is null and (o.mid, o.tid) <> (p_mid, p_tid))
    then
        return 'bound';
    end if;
    -- What was paid before stays with the outlet in which the terminal stood then.
    update terminal_bindings set until = now() where id = b.id;
    insert into terminal_bindings (serial, mid, tid, outlet)
        values (p_new_serial, p_mid, p_tid, p_new_outlet);
    return null;
end $$;

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select (made_at, in_file) on terminals to pointsman_console;
    grant select on lease to pointsman_console;
end $$;
