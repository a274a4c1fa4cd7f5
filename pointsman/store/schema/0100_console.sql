-- The back office: people, their grants, sessions and keys, and the audit trail. Nothing of it is
-- touched by a sale. The application's role may add to the trail and may not change it.

create table users (
    id bytea primary key,
    login text not null,
    name text not null,
    password_hash text not null,
    totp_sealed bytea not null,
    totp_step bigint not null default 0, -- the last time step whose code was taken: none twice
    state text not null default 'active', -- active, closed
    failures integer not null default 0,
    locked_until timestamptz,
    created_at timestamptz not null default now(),
    last_sign_in_at timestamptz
);
create unique index users_login on users (lower(login));

create table recovery_codes (
    user_id bytea not null references users (id),
    hash bytea not null,
    primary key (user_id, hash)
);

-- A role within a scope; mid is empty where the scope is the platform.
create table grants (
    user_id bytea not null references users (id),
    role text not null,
    scope text not null, -- platform, merchant
    mid text not null default '',
    given_by text not null,
    given_at timestamptz not null default now(),
    primary key (user_id, role, scope, mid)
);

create table sessions (
    hash bytea primary key, -- of the cookie's value: a stolen table opens nothing
    user_id bytea not null references users (id),
    csrf text not null,
    address text not null,
    created_at timestamptz not null default now(),
    seen_at timestamptz not null default now(),
    proven_at timestamptz not null default now() -- when the second factor was last shown
);
create index sessions_user on sessions (user_id);

-- One-time links: the first administrator, an invitation, a reset. Shown once, kept as a hash.
create table one_time_links (
    hash bytea primary key,
    kind text not null, -- first, invitation, reset
    user_id bytea references users (id), -- of a reset
    login text not null default '',
    role text not null default '',
    scope text not null default 'platform',
    mid text not null default '',
    totp_sealed bytea not null, -- the secret that the page shows as long as the link is open
    made_by text not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table api_keys (
    id bytea primary key,
    hash bytea not null unique,
    hint text not null, -- its first and last characters
    name text not null,
    role text not null,
    scope text not null,
    mid text not null default '',
    made_by bytea not null references users (id),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    last_used_at timestamptz
);

create table audit_events (
    sequence bigint primary key,
    at timestamptz not null,
    actor text not null, -- a user's login, a key's hint, or the name of a command
    role text not null,
    act text not null,
    object_kind text not null,
    object_id text not null,
    mid text not null default '', -- whose business it is; empty: the platform's
    reason text not null,
    before jsonb not null,
    after jsonb not null,
    address text not null,
    request_id text not null,
    result text not null, -- done, refused
    hash bytea not null
);
create index audit_events_mid on audit_events (mid, sequence);
create trigger audit_events_only_added before update or delete on audit_events
    for each row execute function refuse_change();
create trigger audit_events_not_emptied before truncate on audit_events
    for each statement execute function refuse_change();

create table audit_head (
    only_one boolean primary key default true check (only_one),
    sequence bigint not null,
    hash bytea not null
);
insert into audit_head (sequence, hash) values (0, sha256('audit'));

-- What the hash of one row covers, after the hash before it. Independent of the session's settings.
create function audit_bytes(e audit_events) returns bytea language sql immutable as $$
    select convert_to(jsonb_build_array(e.sequence, extract(epoch from e.at)::text, e.actor, e.role,
        e.act, e.object_kind, e.object_id, e.mid, e.reason, e.before, e.after, e.address,
        e.request_id, e.result)::text, 'UTF8')
$$;

-- Adds one row in the caller's transaction: what was done and its trace are one commit.
create function audit_append(p_row jsonb) returns bigint language plpgsql
    security definer set search_path = public, pg_temp as $$
declare
    e audit_events;
    h audit_head;
begin
    select * into h from audit_head for update;
    e := jsonb_populate_record(null::audit_events, jsonb_build_object('mid', '', 'reason', '',
        'before', '{}'::jsonb, 'after', '{}'::jsonb, 'address', '', 'request_id', '', 'role', '',
        'result', 'done') || p_row);
    e.sequence := h.sequence + 1;
    e.at := clock_timestamp();
    e.hash := sha256(h.hash || audit_bytes(e));
    insert into audit_events values (e.*);
    update audit_head set sequence = e.sequence, hash = e.hash;
    return e.sequence;
end $$;

-- Follows the chain from its beginning; the first sequence that does not fit, or null.
create function audit_broken_at() returns bigint language plpgsql stable
    security definer set search_path = public, pg_temp as $$
declare
    e audit_events;
    v_hash bytea := sha256('audit');
    v_next bigint := 1;
begin
    for e in select * from audit_events order by sequence loop
        v_hash := sha256(v_hash || audit_bytes(e));
        if e.sequence <> v_next or e.hash <> v_hash then
            return v_next;
        end if;
        v_next := v_next + 1;
    end loop;
    if not exists (select from audit_head where sequence = v_next - 1 and hash = v_hash) then
        return v_next; -- the end was cut off
    end if;
    return null;
end $$;

-- Lists of one merchant, newest first.
create index transactions_mid on transactions (mid, id);

-- Ids sort by time and events are written in time, so the few blocks of one payment are found by a
-- summary of each block range; a sale's commit has no tree to keep for it.
create index events_transaction on events using brin (transaction)
    with (pages_per_range = 16, autosummarize = on);

-- The journal as people may read it.
create view shown_events as
    select e.business_date, e.writer, e.sequence, e.kind, e.transaction, e.at,
        case when e.body like '{%' then
            e.body::jsonb - array['card_token', 'card_cipher', 'fingerprint']
        else '{}' end as body
    from events e;

-- The console's role: no key, no token and no cipher text of a card is within its reach.
do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        create role pointsman_console nologin;
    end if;
    execute format('grant pointsman_console to %I', current_user);
exception
    when insufficient_privilege then
        raise warning 'the role pointsman_console was not made';
    when duplicate_object or unique_violation or internal_error then
        null; -- another database of the same server made it at this moment
end $$;

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select on site, merchants, routes, batches, business_days, incarnations, shown_events,
        owed, exceptions, postings, day_open_items, day_files, deliveries, schema_version
        to pointsman_console;
    grant select (mid, tid, active, format, framing, mac_method, key_layout, tmk_check_value,
        signed_in, batch, sign_ins) on terminals to pointsman_console;
    grant select (name, institution, format, framing, host, port, active, zpk_check_value,
        zak_check_value, mac_method, reversal_mti, echo_s, in_flight_max)
        on acquirers to pointsman_console;
    grant select (id, mid, tid, batch, stan, kind, money, method, state, amount_minor, currency,
        first6, last4, scheme, domestic, acquirer, session, rrn, original, details, answer,
        response_code, host_code, auth_code, host_rrn, host_date, approved_minor, refunded_minor,
        base_minor, undo, voiding, business_date, created_at) on transactions to pointsman_console;
    grant select, insert, update on users, one_time_links, api_keys to pointsman_console;
    grant select, insert, update, delete on sessions, recovery_codes, grants to pointsman_console;
    grant select on audit_events to pointsman_console;
end $$;
