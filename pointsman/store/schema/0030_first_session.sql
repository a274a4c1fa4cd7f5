-- A house's workers have the numbers from p_first to before p_end: what it had besides is no more.
-- Two houses over one database have numbers of their own, and each recovers its own alone.

create function retire_others(p_writer bigint, p_machine text, p_first integer, p_end integer)
    returns bigint language plpgsql as $$
declare
    v_dead bigint[];
begin
    perform pg_advisory_xact_lock(8583003);
    select coalesce(array_agg(incarnation), '{}') into v_dead from incarnations
        where machine = p_machine and (worker < p_first or worker >= p_end)
            and state in ('alive', 'dead');
    return recover(p_writer, v_dead);
end $$;

drop function retire_workers(bigint, text, integer);
