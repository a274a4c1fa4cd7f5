-- What acquirers say that nobody waits for: late, doubled and altered answers (P6), cut-overs.

-- Notes an answer beside its transaction. An approval of what stands as declined is money that nobody
-- holds: it is owed its reversal. Where something else was decided on the decline since (a
-- follow-up gave its reservation back), a person must look. What is in doubt is owed already.
create function late_answer(p_writer bigint, p_id bytea, p_code text, p_reason text,
    p_approves boolean) returns boolean language plpgsql as $$
declare
    t transactions;
    v_owes boolean := false;
begin
    select * into t from transactions where id = p_id for update;
    if not found then
        return false;
    end if;
    if p_approves and t.state in ('declined', 'failed') and t.undo = 'none' then
        if t.reversible and t.guard is null then
            insert into owed (id, kind, acquirer, session, state, reason)
                values (p_id, 'reversal', t.acquirer, t.session, 'due', '68')
                on conflict (id) do nothing;
            update transactions set undo = 'owed', version = version + 1 where id = p_id;
            v_owes := true;
        else
            insert into exceptions (kind, mid, tid, batch, stan, transaction, expected_minor,
                    found_minor)
                values ('late approval', t.mid, t.tid, t.batch, t.stan, p_id, 0, t.amount_minor)
                on conflict (mid, tid, batch, stan, kind) where state = 'open' do nothing;
        end if;
    end if;
    perform tell_event(p_writer, 'late-answer', p_id, jsonb_build_object(
        'code', p_code, 'reason', p_reason, 'owes', v_owes));
    return v_owes;
end $$;

-- Notes that an acquirer began its next settlement date.
create function cut_over(p_writer bigint, p_acquirer text, p_settlement_date text) returns void
    language sql as $$
    select tell_event(p_writer, 'cut-over', null, jsonb_build_object(
        'acquirer', p_acquirer, 'settlement_date', p_settlement_date))
$$;
