-- Browsers in which a person has signed in before: wrong tries there are counted apart, so that a
-- stranger who knows a user name locks out strangers alone.

create table known_browsers (
    hash bytea primary key, -- of its cookie and the password that was right when it was given
    user_id bytea not null references users (id),
    failures integer not null default 0,
    locked_until timestamptz,
    made_at timestamptz not null default now()
);
create index known_browsers_user on known_browsers (user_id, made_at);

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select, insert, update, delete on known_browsers to pointsman_console;
    end if;
end $$;
