-- Links that wait to be handed to somebody, and merchants that ask to be taken.

create table outbox (
    id bytea primary key,
    kind text not null, -- invitation, reset
    recipient text not null, -- the user name it is for
    mid text not null default '',
    link_hash bytea not null references one_time_links (hash),
    sealed bytea not null, -- the link's token, under the data directory's key
    made_by text not null,
    made_at timestamptz not null default now()
);

create table applications (
    id bytea primary key,
    name text not null,
    mcc text not null,
    city text not null,
    country text not null,
    currency text not null,
    login text not null, -- of the first user
    contact text not null,
    address text not null, -- where the request came from
    made_at timestamptz not null default now(),
    state text not null default 'submitted', -- submitted, approved, rejected
    mid text not null default '', -- once it is approved
    decided_by text not null default '',
    decided_at timestamptz,
    reason text not null default ''
);
create index applications_open on applications (id) where state = 'submitted';

do $$
begin
    if not exists (select from pg_roles where rolname = 'pointsman_console') then
        return;
    end if;
    grant select, insert on outbox to pointsman_console;
    grant select, insert, update on applications to pointsman_console;
end $$;
