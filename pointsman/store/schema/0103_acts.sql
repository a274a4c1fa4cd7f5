-- What changes something from the back office: answers kept for their idempotency keys, outlets and
-- bindings of terminals, merchants and terminals added while the house runs. The console's role may
-- write none of the parties: these functions are what it may do.

-- One answer for one key of one caller, kept 72 hours. Status null: the request is under way.
create table idempotency (
    owner text not null,
    route text not null,
    key text not null,
    digest bytea not null, -- of what was asked
    status integer,
    answer text,
    at timestamptz not null default now(),
    primary key (owner, route, key)
);
create index idempotency_at on idempotency (at);

create table outlets (
    id bytea primary key,
    mid text not null references merchants (mid),
    name text not null,
    city text not null,
    address text not null,
    active boolean not null default true,
    made_at timestamptz not null default now()
);
create index outlets_mid on outlets (mid, id);

-- Which device stood for which merchant, and when. A device has one binding at a time.
create table terminal_bindings (
    id bigint generated always as identity primary key,
    serial text not null, -- of the device; empty where nobody told it
    mid text not null,
    tid text not null,
    outlet bytea references outlets (id),
    since timestamptz not null default now(),
    until timestamptz
);
create unique index terminal_bindings_device on terminal_bindings (serial)
    where until is null and serial <> '';
create unique index terminal_bindings_terminal on terminal_bindings (mid, tid) where until is null;
create index terminal_bindings_history on terminal_bindings (mid, tid, id);

-- Workers see the new version within a second and read the site anew.
create function site_changed() returns bigint language plpgsql as $$
declare
    v_version bigint;
begin
    update site set version = version + 1 returning version into v_version;
    perform open_business_day(business_date_at(now(), zone, cutoff)) from site
        where not exists (select from business_days);
    perform append_event(0, 'site', null, jsonb_build_object('version', v_version)::text);
    return v_version;
end $$;

-- Null: done; else what is wrong: 'duplicate', 'acquirer'.
create function add_merchant(p jsonb, p_routes jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from site for update;
    if exists (select from merchants where mid = p ->> 'mid') then
        return 'duplicate';
    end if;
    if exists (select from jsonb_to_recordset(p_routes) r(acquirer text)
        where not exists (select from acquirers a where a.name = r.acquirer and a.active))
    then
        return 'acquirer';
    end if;
    insert into merchants (mid, name, mcc, city, country, currency, active, tip_percent,
            strict_chip)
        values (p ->> 'mid', p ->> 'name', p ->> 'mcc', p ->> 'city', p ->> 'country',
            p ->> 'currency', true, (p ->> 'tip_percent')::integer,
            (p ->> 'strict_chip')::boolean);
    insert into routes (mid, acquirer, priority, schemes)
        select p ->> 'mid', r.acquirer, r.priority, r.schemes
        from jsonb_to_recordset(p_routes) r(acquirer text, priority integer, schemes text[]);
    perform site_changed();
    return null;
end $$;

-- False where there is no such merchant.
create function change_merchant(p_mid text, p jsonb) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from site for update;
    update merchants set name = p ->> 'name', mcc = p ->> 'mcc', city = p ->> 'city',
        country = p ->> 'country', tip_percent = (p ->> 'tip_percent')::integer
        where mid = p_mid;
    if not found then
        return false;
    end if;
    perform site_changed();
    return true;
end $$;

create function add_outlet(p jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not exists (select from merchants where mid = p ->> 'mid') then
        return 'merchant';
    end if;
    insert into outlets (id, mid, name, city, address)
        values ((p ->> 'id')::bytea, p ->> 'mid', p ->> 'name', p ->> 'city', p ->> 'address');
    return null;
end $$;

-- Null: done; else what is wrong: 'merchant', 'outlet', 'duplicate', 'bound'. A terminal that was
-- moved away comes back with a new key and nothing of its old ones.
create function add_terminal(p jsonb) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_outlet bytea := (p ->> 'outlet')::bytea;
    v_batch text;
begin
    perform from site for update;
    if not exists (select from merchants where mid = p ->> 'mid') then
        return 'merchant';
    end if;
    if v_outlet is not null and not exists (select from outlets
        where id = v_outlet and mid = p ->> 'mid' and active)
    then
        return 'outlet';
    end if;
    if exists (select from terminal_bindings b
        where b.serial = p ->> 'serial' and b.serial <> '' and b.until is null)
    then
        return 'bound';
    end if;
    if exists (select from terminals t where t.mid = p ->> 'mid' and t.tid = p ->> 'tid'
        and (t.active or not exists (select from terminal_bindings b
            where b.mid = t.mid and b.tid = t.tid and b.until is not null)
            or exists (select from terminal_bindings b
                where b.mid = t.mid and b.tid = t.tid and b.until is null)))
    then
        return 'duplicate';
    end if;
    insert into terminals as t (mid, tid, active, format, framing, mac_method, key_layout, tmk,
            tmk_check_value, batch)
        values (p ->> 'mid', p ->> 'tid', true, 'cup-bcd', 'tpdu-header', p ->> 'mac_method',
            p ->> 'key_layout', (p ->> 'tmk')::bytea, p ->> 'check_value', '000001')
        on conflict (mid, tid) do update set active = true, mac_method = excluded.mac_method,
            key_layout = excluded.key_layout, tmk = excluded.tmk,
            tmk_check_value = excluded.tmk_check_value, signed_in = false
        returning t.batch into v_batch;
    delete from key_sets where mid = p ->> 'mid' and tid = p ->> 'tid';
    insert into batches (mid, tid, batch) values (p ->> 'mid', p ->> 'tid', v_batch)
        on conflict do nothing;
    insert into terminal_bindings (serial, mid, tid, outlet)
        values (p ->> 'serial', p ->> 'mid', p ->> 'tid', v_outlet);
    perform site_changed();
    return null;
end $$;

-- Closes a terminal's binding: it is refused from now on, and its device may be bound elsewhere.
-- Returns the serial; null where there is no such terminal with a binding that stands.
create function unbind_terminal(p_mid text, p_tid text) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_serial text;
begin
    perform from site for update;
    perform from terminals where mid = p_mid and tid = p_tid for update;
    if not found then
        return null;
    end if;
    insert into terminal_bindings (serial, mid, tid)
        select '', p_mid, p_tid where not exists (
            select from terminal_bindings where mid = p_mid and tid = p_tid);
    update terminal_bindings set until = now()
        where mid = p_mid and tid = p_tid and until is null returning serial into v_serial;
    if not found then
        return null;
    end if;
    update terminals set active = false where mid = p_mid and tid = p_tid;
    perform site_changed();
    return v_serial;
end $$;

-- As before, but a terminal that was moved away is not active again by a word.
create or replace function set_active(p_mid text, p_tid text, p_active boolean) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_before boolean;
begin
    perform from site for update;
    if p_tid = '' then
        select active into v_before from merchants where mid = p_mid;
    else
        select active into v_before from terminals where mid = p_mid and tid = p_tid;
    end if;
    if p_active and p_tid <> ''
        and exists (select from terminal_bindings where mid = p_mid and tid = p_tid)
        and not exists (select from terminal_bindings
            where mid = p_mid and tid = p_tid and until is null)
    then
        return false;
    end if;
    if v_before is null or v_before = p_active then
        return v_before <> p_active;
    end if;
    if p_tid = '' then
        update merchants set active = p_active where mid = p_mid;
    else
        update terminals set active = p_active where mid = p_mid and tid = p_tid;
    end if;
    perform site_changed();
    return true;
end $$;

-- API keys hold some of their role's rights, from some addresses.
alter table api_keys add column scopes text[] not null default '{}'; -- empty: all of the role
alter table api_keys add column addresses text[] not null default '{}'; -- empty: everywhere

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select, insert, update, delete on idempotency to pointsman_console;
    grant select on outlets, terminal_bindings to pointsman_console;
end $$;
