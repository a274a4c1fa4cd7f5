-- What a large office asks often, answered from what is kept: how many postings a closed day has
-- (nothing is posted to it later), and which terminals stand in an outlet.

alter table figured_days add column postings bigint; -- null: figured before this was kept
update figured_days f set postings = (
    select count(*) from postings p where p.business_date = f.business_date);

create function count_postings() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    new.postings := (select count(*) from postings p where p.business_date = new.business_date);
    return new;
end $$;
create trigger figured_days_count before insert on figured_days
    for each row execute function count_postings();

create index terminal_bindings_outlet on terminal_bindings (outlet) where until is null;
