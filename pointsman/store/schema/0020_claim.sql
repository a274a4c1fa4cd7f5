-- An approval that is not told by the connection of its own request is claimed before it is told:
-- from then on only the terminal may reverse it. `owe` takes the same lock, so one of them is first.

create function claim(p_writer bigint, p_id bytea) returns boolean language plpgsql as $$
begin
    perform from transactions where id = p_id and state = 'approved' and undo = 'none' for update;
    if not found then
        return false;
    end if;
    insert into deliveries values (p_id) on conflict do nothing;
    perform tell_event(p_writer, 'claimed', p_id, '{}');
    return true;
end $$;
