-- The back office tells how much of a merchant's limits is used (0035).

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select on limit_sums, limit_changes to pointsman_console;
    end if;
end $$;
