-- Who takes part: the site, merchants, terminals with their keys and batches, acquirers, routes.
-- Keys are key blocks under the HSM's master key; never clear. What happened to money: 0002.

create table site (
    only_one boolean primary key default true check (only_one),
    version bigint not null,
    zone text not null,
    cutoff time not null,
    downloads jsonb not null default '{}' -- what terminals may fetch
);
insert into site (version, zone, cutoff) values (0, 'Asia/Shanghai', '00:00');

create table merchants (
    mid text primary key,
    name text not null,
    mcc text not null,
    city text not null,
    country text not null,
    currency text not null,
    active boolean not null,
    tip_percent integer not null,
    strict_chip boolean not null
);

create table terminals (
    mid text not null,
    tid text not null,
    active boolean not null,
    format text not null,
    framing text not null,
    mac_method text not null,
    key_layout text not null,
    tmk bytea not null,
    tmk_check_value text not null,
    signed_in boolean not null default false,
    batch text not null,
    fixed_tpk_check_value text, -- of working keys that the site file fixes (laboratory)
    fixed_tak_check_value text,
    sign_ins timestamptz[] not null default '{}',
    primary key (mid, tid)
);

-- The state lies here and not with the terminal: a sale's commit locks only this small row.
create table batches (
    mid text not null,
    tid text not null,
    batch text not null,
    state text not null default 'open',
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    claimed jsonb,
    journal jsonb,
    uploaded integer,
    result text,
    business_date date, -- of the day that lists it
    primary key (mid, tid, batch)
);
create index batches_not_listed on batches (mid, tid) where business_date is null;

create table key_sets (
    mid text not null,
    tid text not null,
    number bigint not null,
    tpk bytea not null,
    tak bytea not null,
    state text not null,
    changed_at timestamptz not null default now(),
    primary key (mid, tid, number)
);

create table acquirers (
    name text primary key,
    institution text not null,
    format text not null,
    framing text not null,
    host text not null,
    port integer not null,
    active boolean not null,
    zpk bytea,
    zpk_check_value text not null,
    zak bytea,
    zak_check_value text not null,
    mac_method text not null,
    pin_format integer not null,
    reversal_mti text not null,
    accepts text[] not null,
    host_timeout_s double precision,
    echo_s double precision not null,
    in_flight_max integer not null,
    request_life_s double precision not null,
    completion_percent integer not null,
    hold_days integer not null,
    takes_scripts boolean not null
);

create table routes (
    mid text not null,
    acquirer text not null,
    priority integer not null,
    schemes text[] not null
);
create index routes_by_merchant on routes (mid);
