-- A repeated reversal hears what the first copy was told (switch-rules 2): the answer is kept with
-- the request key of what it reverses, also with a tombstone, and goes when the key goes.

alter table request_keys add column reversal_answer jsonb; -- fields by number, as told

-- Keeps what a reversal is about to be told; returns what its first copy was told, where that met
-- the same (field 39). Null where there is no such key.
create function reversal_told(p_mid text, p_tid text, p_batch text, p_stan text, p_answer jsonb)
    returns jsonb language sql as $$
    update request_keys
    set reversal_answer = case when reversal_answer ->> '39' = p_answer ->> '39'
        then reversal_answer else p_answer end
    where mid = p_mid and tid = p_tid and batch = p_batch and stan = p_stan
    returning reversal_answer
$$;
