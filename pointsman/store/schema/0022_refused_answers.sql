-- As in 0017, and: the answer that is kept of a refused row is the one its first copy hears, with the
-- day and the acquirer (fields 15 and 32).
create or replace function refuse_intent(p_id bytea, p_code text) returns void language sql as $$
    update transactions t set state = 'refused', response_code = p_code, guard = null,
        approved_minor = 0, auth_code = '',
        answer = jsonb_strip_nulls(jsonb_build_object('12', t.details ->> 'local_time',
                '13', t.details ->> 'local_date', '15', t.details ->> 'local_date',
                '32', (select a.institution from acquirers a where a.name = t.acquirer),
                '37', t.rrn))
            || t.answer - '{38,63}'::text[] || jsonb_build_object('39', p_code)
        where t.id = p_id
$$;
