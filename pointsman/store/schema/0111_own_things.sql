-- What a person of the back office keeps for themselves: views of lists, and forms half filled in.
-- Neither holds a secret; both go with the person.
create table saved_views (
    user_id bytea not null references users (id) on delete cascade,
    list text not null, -- the list's page: payments, terminals, ...
    name text not null check (length(name) between 1 and 60),
    query text not null, -- the page's parameters, dates of today and yesterday by those words
    saved_at timestamptz not null default now(),
    primary key (user_id, list, name)
);

create table drafts (
    user_id bytea not null references users (id) on delete cascade,
    form text not null,
    fields jsonb not null,
    saved_at timestamptz not null default now(),
    primary key (user_id, form)
);

-- Letters are mailed where the settings name a mail server; each try is told here.
alter table outbox
    add column mail_state text not null default 'kept', -- kept, due, sent, failed
    add column mail_tries integer not null default 0,
    add column mail_due_at timestamptz,
    add column mail_sent_at timestamptz,
    add column mail_problem text not null default '';

create index outbox_due on outbox (mail_due_at) where mail_state = 'due';

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select, insert, update, delete on saved_views, drafts to pointsman_console;
        grant update on outbox to pointsman_console;
    end if;
end $$;
