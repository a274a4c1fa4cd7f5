-- The settlement date that an acquirer began last, whichever session it told: each worker sends with it.

create table cut_overs (
    acquirer text primary key,
    settlement_date text not null, -- MMDD, as it was said
    said_at timestamptz not null default now()
);

-- As in 0007, and kept.
create or replace function cut_over(p_writer bigint, p_acquirer text, p_settlement_date text)
    returns void language sql as $$
    insert into cut_overs (acquirer, settlement_date) values (p_acquirer, p_settlement_date)
        on conflict (acquirer) do update
        set settlement_date = excluded.settlement_date, said_at = now();
    select tell_event(p_writer, 'cut-over', null, jsonb_build_object(
        'acquirer', p_acquirer, 'settlement_date', p_settlement_date))
$$;

-- What was said before this was kept, from the events that are there.
insert into cut_overs (acquirer, settlement_date, said_at)
    select distinct on (body::jsonb ->> 'acquirer')
        body::jsonb ->> 'acquirer', body::jsonb ->> 'settlement_date', at
    from events where kind = 'cut-over'
        and business_date >= (select business_date - 1 from business_days where state = 'open')
    order by body::jsonb ->> 'acquirer', at desc;
