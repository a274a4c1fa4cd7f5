-- A taker waits for a recovery of the same life that is under way, and does not do it again: the
-- moment at which a life ended is that of the recovery that found its rows (0011, with a lock).
create or replace function take_lease(
    p_writer bigint, p_name text, p_number bigint, p_beat bigint, p_holder bigint,
    out o_number bigint, out o_was_living boolean
) language plpgsql as $$
declare
    l lease;
begin
    o_was_living := false;
    insert into lease values (p_name, 0, 0, 0) on conflict do nothing;
    select * into l from lease where name = p_name for update;
    if (l.number, l.beat) <> (p_number, p_beat) then
        return;
    end if;
    perform from incarnations
        where incarnation = l.holder and incarnation <> p_holder and state <> 'recovered'
        for update;
    if found then
        o_was_living := true;
        perform recover(p_writer, array[l.holder]);
    end if;
    o_number := l.number + 1;
    update lease set number = o_number, holder = p_holder, beat = 0 where name = p_name;
end $$;
