-- Limits of a month, by how the card was taken and by its brand, of refunds as a share of sales, and
-- of one card at several merchants: counted where those of a day are (0017), in the intent's commit.

-- Returns the code of the limit that a payment would pass, or null. Which limits there are, and of
-- which terminal, way and brand, comes with the payment (details -> 'limits'). p_rows are those of
-- its commit: what comes later there does not count against it.
create or replace function over_limit(p_row intent_row, p_rows intent_row[], p_date date)
    returns text language plpgsql as $$
declare
    l jsonb := p_row.details -> 'limits';
    v_month date := date_trunc('month', p_date)::date;
    v_from date := p_date;
    v_later bytea[];
    v_credit boolean := p_row.money = 'credit';
    v_over_minor boolean;
    v_over_count boolean;
    v_given bigint;
    v_sold bigint;
begin
    select array_agg(i.id) into v_later from unnest(p_rows) i where i.n >= p_row.n;

    if v_credit and l ? 'refund_percent_max' then
        -- Of the last 30 days: on a month's first day there would be nothing to hold it against.
        select coalesce(sum(c.minor) filter (where c.money = 'credit'), 0),
            coalesce(sum(c.minor) filter (where c.money = 'debit'), 0) into v_given, v_sold
            from limited_payments(p_row.mid, p_date - 29, p_date) c where c.id <> all (v_later);
        if (v_given + p_row.amount_minor) * 100 > v_sold * (l ->> 'refund_percent_max')::bigint then
            return '61';
        end if;
    end if;

    if exists (select from jsonb_object_keys(l) k
        where k like '%month\_%' and (k like 'refund\_%') = v_credit)
    then
        v_from := v_month;
    end if;
    select bool_or(u.minor + p_row.amount_minor > (l ->> (u.name || 'minor_max'))::bigint),
        bool_or(u.n >= (l ->> (u.name || 'count_max'))::bigint)
        into v_over_minor, v_over_count
        from (
            select s.name || p.name as name, coalesce(sum(g.n), 0) as n,
                coalesce(sum(g.minor), 0) as minor
            from (values ('day_'), ('month_')) p (name)
            cross join unnest(case when v_credit then '{refund_}'::text[]
                else '{"",terminal_,card_,method_,scheme_}'::text[] end) s (name)
            left join (
                select c.business_date = p_date as today, c.tid = p_row.tid as terminal,
                    c.card_token = p_row.card_token as card, c.method = p_row.method as method,
                    c.scheme = p_row.scheme as scheme, count(*) as n, sum(c.minor) as minor
                from limited_payments(p_row.mid, v_from, p_date) c
                where c.money = p_row.money and c.id <> all (v_later)
                group by 1, 2, 3, 4, 5
            ) g on (p.name = 'month_' or g.today) and case s.name
                when 'terminal_' then g.terminal when 'card_' then g.card
                when 'method_' then g.method when 'scheme_' then g.scheme else true end
            group by 1
        ) u;
    if v_over_minor then
        return '61';
    end if;
    if v_over_count or not v_credit and p_row.card_token is not null
        and l ? 'card_day_merchants_max'
        and (l ->> 'card_day_merchants_max')::bigint <= (
            select count(distinct t.mid) from transactions t
            where t.business_date = p_date and t.card_token = p_row.card_token
                and t.details ? 'limits' and t.details -> 'limits' ? 'card_day_merchants_max'
                and t.mid <> p_row.mid
                and t.money = 'debit' and t.state in ('sending', 'approved', 'unknown')
                and t.undo <> 'done' and t.voiding <> 'done' and t.id <> all (v_later))
    then
        return '65';
    end if;
    return null;
end $$;

-- What counts for the limits of a merchant: what was asked beforehand and is, or may be, approved.
create function limited_payments(p_mid text, p_from date, p_to date) returns table (
    id bytea, money text, tid text, card_token bytea, method text, scheme text, business_date date,
    minor bigint
) language sql stable as $$
    select t.id, t.money, t.tid, t.card_token, t.method, t.scheme, t.business_date,
        case when t.state = 'approved' then t.approved_minor else t.amount_minor end
    from transactions t
    where t.mid = p_mid and t.business_date between p_from and p_to and t.details ? 'limits'
        and t.state in ('sending', 'approved', 'unknown')
        and t.undo <> 'done' and t.voiding <> 'done'
$$;

-- By card, where merchants limit at how many of them one may pay in a day.
create index transactions_limited_card on transactions (card_token, business_date)
    where details ? 'limits' and details -> 'limits' ? 'card_day_merchants_max';

-- As in 0017; a card that may pay at so many merchants is asked about by one of them at a time.
create or replace function admit(p_rows intent_row[], p_date date) returns jsonb
    language plpgsql as $$
declare
    v_codes jsonb := '{}';
    v_row intent_row;
    v_code text;
begin
    for v_row in
        select i.* from unnest(p_rows) i join blacklist b on b.token = i.card_token
        where (i.guard is null or i.guard = 'extend') and (i.state = 'sending' or (
            i.state = 'refused' and i.response_code = any
                ('{45,57,58,25,12,64,61,65,03,15,91}'::text[])))
    loop
        select b.code into v_code from blacklist b where b.token = v_row.card_token;
        perform refuse_intent(v_row.id, v_code);
        v_codes := v_codes || jsonb_build_object(v_row.n::text, v_code);
    end loop;
    -- Before the merchants' locks, all in one order: two commits never wait for each other.
    for v_row in
        select distinct on (hashtext(encode(i.card_token, 'hex'))) i.* from unnest(p_rows) i
        where i.details -> 'limits' ? 'card_day_merchants_max' and i.card_token is not null
        order by hashtext(encode(i.card_token, 'hex'))
    loop
        perform pg_advisory_xact_lock(8583018, hashtext(encode(v_row.card_token, 'hex')));
    end loop;
    for v_row in
        select i.* from unnest(p_rows) i
        where i.details ? 'limits' and not v_codes ? i.n::text and (i.state = 'sending' or (
            i.state = 'refused' and i.response_code = any ('{03,15,91}'::text[])))
        order by hashtext(i.mid), i.mid, i.n
    loop
        -- One merchant's payments one after another: its limits are exact.
        perform pg_advisory_xact_lock(8583017, hashtext(v_row.mid));
        v_code := over_limit(v_row, p_rows, p_date);
        if v_code is not null then
            perform refuse_intent(v_row.id, v_code);
            v_codes := v_codes || jsonb_build_object(v_row.n::text, v_code);
        end if;
    end loop;
    return v_codes;
end $$;
