-- What is parked waits for two people: one asks, another confirms, then it is done.

create table parked_decisions (
    id bigint generated always as identity primary key,
    transaction bytea not null,
    action text not null, -- retry, close
    reason text not null,
    asked_by text not null,
    asked_at timestamptz not null default now(),
    confirmed_by text,
    confirmed_at timestamptz
);
create unique index parked_decisions_one_open on parked_decisions (transaction)
    where confirmed_by is null;

-- Takes one user's word on a parked message. Returns what came of it: 'asked' (a second user must
-- say the same), 'done', 'same user', 'other action' (another one was asked for: that is withdrawn
-- and this one asked), 'not parked'.
create function decide_parked(
    p_transaction bytea, p_action text, p_user text, p_reason text
) returns text language plpgsql as $$
declare
    o owed;
    t transactions;
    d parked_decisions;
    v_said text := 'asked';
begin
    -- Locks in the order of owed_done: the transaction, then what is owed.
    select * into t from transactions where id = p_transaction for update;
    select * into o from owed where id = p_transaction for update;
    if o.state is distinct from 'parked' then
        return 'not parked';
    end if;
    select * into d from parked_decisions
        where transaction = p_transaction and confirmed_by is null for update;
    if found and d.action = p_action then
        if d.asked_by = p_user then
            return 'same user';
        end if;
        update parked_decisions set confirmed_by = p_user, confirmed_at = now() where id = d.id;
        if p_action = 'retry' then
            update owed set state = 'due', due_at = now() where id = p_transaction;
            update transactions set undo = 'owed', version = version + 1
                where id = p_transaction and undo = 'parked';
        else
            update owed set state = 'closed' where id = p_transaction;
            update transactions set undo = 'closed', version = version + 1
                where id = p_transaction and undo = 'parked';
        end if;
        update exceptions set state = 'closed'
            where transaction = p_transaction and kind = 'owed message refused' and state = 'open';
        perform append_event(0, 'parked-' || p_action, p_transaction, jsonb_build_object(
            'asked_by', d.asked_by, 'confirmed_by', p_user, 'reason', d.reason)::text);
        return 'done';
    end if;
    if found then
        delete from parked_decisions where id = d.id;
        v_said := 'other action';
    end if;
    insert into parked_decisions (transaction, action, reason, asked_by)
        values (p_transaction, p_action, p_reason, p_user);
    perform append_event(0, 'parked-asked', p_transaction, jsonb_build_object(
        'action', p_action, 'asked_by', p_user, 'reason', p_reason)::text);
    return v_said;
end $$;
