-- The back office reads what acquirers and we counted (0026), newest date first.

create index reconciliations_newest on reconciliations (settlement_date, acquirer, currency);

do $$
begin
    if exists (select from pg_roles where rolname = 'pointsman_console') then
        grant select on reconciliations to pointsman_console;
    end if;
end $$;
