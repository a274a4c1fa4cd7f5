-- What a batch comes to, for the back office: its role cannot read the rows that are added up.

create function told_batch_totals(p_mid text, p_tid text, p_batch text) returns jsonb
    language sql stable security definer set search_path = public, pg_temp as $$
    select batch_totals(p_mid, p_tid, p_batch)
$$;
