-- The back office takes part in the two users' decisions on what is parked: the same verb as the
-- command line's, which the console's role may not carry out itself.
create function console_decide_parked(p_transaction bytea, p_action text, p_user text,
    p_reason text) returns text language sql
    security definer set search_path = public, pg_temp as $$
    select decide_parked(p_transaction, p_action, p_user, p_reason)
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select on parked_decisions to pointsman_console;
    end if;
end $$;
