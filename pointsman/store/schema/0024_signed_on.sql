-- A link that signs on brings what had been put off nearer: a worker that is killed again and again
-- counts an attempt in each life, and the wait for the next one grows. Ten seconds are left, since
-- what was adopted from a life that may go on is quiet for as long (0011).

create function owed_soon(p_acquirer text, p_session integer) returns integer language plpgsql as $$
declare
    v_count integer;
begin
    update owed set due_at = now() + interval '10 seconds'
        where acquirer = p_acquirer and session = p_session and state in ('due', 'sent')
            and due_at > now() + interval '10 seconds';
    get diagnostics v_count = row_count;
    return v_count;
end $$;
