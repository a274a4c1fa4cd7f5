-- What an acquirer and we counted of one of its settlement dates, in one currency (ISO 8583, 0500).

alter table acquirers
    add column reconciles text not null default ''; -- 0500, 0520, or not at all

-- A settlement date of which the currencies are known: looked for once.
create table reconciled_days (
    acquirer text not null,
    settlement_date date not null,
    opened_at timestamptz not null default now(),
    primary key (acquirer, settlement_date)
);
create table reconciliations (
    acquirer text not null,
    settlement_date date not null,
    currency text not null,
    state text not null default 'due', -- due, sent, balanced, differs, refused
    totals jsonb, -- ours, as they were first said: a repeat says the same
    theirs jsonb not null default '{}',
    host_stan text not null default '',
    host_time text not null default '',
    attempts integer not null default 0,
    code text not null default '',
    due_at timestamptz not null default now(),
    answered_at timestamptz,
    primary key (acquirer, settlement_date, currency)
);
create index reconciliations_open on reconciliations (acquirer, due_at)
    where state in ('due', 'sent');

-- The day (MMDD) in which the acquirer counts it: its answer's word, else the day we sent it with.
create function acquirer_day(t transactions) returns text language sql immutable as $$
    select coalesce(nullif(t.host_date, ''), t.details ->> 'local_date')
$$;

-- What counts. Undone transactions count nowhere, a void as a reversal of debits.
create function reconciliation_totals(p_acquirer text, p_date date, p_currency text) returns jsonb
    language sql stable as $$
    select jsonb_build_object(
        'debit_count', count(*) filter (where t.money = 'debit'),
        'debit_minor', coalesce(sum(t.approved_minor) filter (where t.money = 'debit'), 0),
        'void_count', count(*) filter (where t.money = 'debit minus'),
        'void_minor', coalesce(sum(t.approved_minor) filter (where t.money = 'debit minus'), 0),
        'credit_count', count(*) filter (where t.money = 'credit'),
        'credit_minor', coalesce(sum(t.approved_minor) filter (where t.money = 'credit'), 0),
        'inquiry_count', count(*) filter (where t.kind in ('balance', 'points-balance')),
        'hold_count', count(*) filter (where t.kind in ('preauth', 'preauth-more')))
    from transactions t
    where t.acquirer = p_acquirer and t.business_date between p_date - 3 and p_date + 3
        and t.state = 'approved' and t.undo <> 'done' and t.currency = p_currency
        and acquirer_day(t) = to_char(p_date, 'MMDD')
$$;

-- Opens what is over before p_today, and gives one that is due to its caller for p_again_s seconds;
-- null where nothing is. While something of the acquirer is still owed or on its way, the first
-- attempt waits, for an hour at most.
create function reconciliation_due(p_acquirer text, p_today date, p_again_s double precision)
    returns jsonb language plpgsql as $$
declare
    v_day date;
    r reconciliations;
begin
    for v_day in select d::date from generate_series(p_today - 4, p_today - 1, '1 day') d
        where not exists (select from reconciled_days k
            where k.acquirer = p_acquirer and k.settlement_date = d::date)
    loop
        insert into reconciled_days (acquirer, settlement_date) values (p_acquirer, v_day)
            on conflict do nothing;
        continue when not found;
        insert into reconciliations (acquirer, settlement_date, currency)
            select distinct p_acquirer, v_day, t.currency from transactions t
            where t.acquirer = p_acquirer and t.business_date between v_day - 3 and v_day + 3
                and t.state in ('approved', 'unknown') and acquirer_day(t) = to_char(v_day, 'MMDD')
            on conflict do nothing;
    end loop;
    select * into r from reconciliations
        where acquirer = p_acquirer and state in ('due', 'sent') and due_at <= now()
        order by settlement_date, currency limit 1 for update skip locked;
    if not found then
        return null;
    end if;
    if r.totals is null and exists (select from reconciled_days k where k.acquirer = p_acquirer
            and k.settlement_date = r.settlement_date and k.opened_at > now() - interval '1 hour')
        and (exists (select from owed o where o.acquirer = p_acquirer
                and o.state in ('waiting', 'due', 'sent'))
            or exists (select from transactions t where t.acquirer = p_acquirer
                and t.state = 'sending'))
    then
        return null;
    end if;
    update reconciliations u set due_at = now() + p_again_s * interval '1 second',
            state = 'sent', attempts = u.attempts + 1,
            totals = coalesce(u.totals,
                reconciliation_totals(p_acquirer, r.settlement_date, r.currency))
        where u.acquirer = p_acquirer and u.settlement_date = r.settlement_date
            and u.currency = r.currency
        returning u.* into r;
    return to_jsonb(r);
end $$;

-- Ends one; what came of it is an event of the caller's chain.
create function reconciliation_answered(p_writer bigint, p_acquirer text, p_date date,
    p_currency text, p_state text, p_code text, p_theirs jsonb) returns boolean
    language plpgsql as $$
begin
    update reconciliations set state = p_state, code = p_code, theirs = p_theirs,
            answered_at = now()
        where acquirer = p_acquirer and settlement_date = p_date and currency = p_currency
            and state = 'sent';
    if not found then
        return false;
    end if;
    perform tell_event(p_writer, 'reconciled', null, jsonb_build_object('acquirer', p_acquirer,
        'date', p_date, 'currency', p_currency, 'state', p_state, 'code', p_code));
    return true;
end $$;
