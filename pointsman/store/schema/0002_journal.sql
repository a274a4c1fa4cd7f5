-- The journal: events that are only ever added, and what stands because of them.
-- Constraints name tokens and ids only: driver errors print values. Who takes part: 0001.

create table business_days (
    business_date date primary key,
    state text not null -- open, closing, closed
);
create unique index business_days_one_open on business_days (state) where state = 'open';

-- One life of one worker. Its commits succeed only while it is alive.
create table incarnations (
    incarnation bigint generated always as identity primary key,
    machine text not null,
    worker integer not null,
    state text not null default 'alive', -- alive, dead, recovered
    started_at timestamptz not null default now()
);
create index incarnations_not_recovered on incarnations (machine, worker)
    where state in ('alive', 'dead');

-- Numbers are leased in blocks; next_number is the first that nobody has.
create table numbers (
    name text not null,
    period text not null,
    next_number bigint not null,
    primary key (name, period)
);

-- One name space for requests, advices and tombstones (transaction null). Not partitioned by date:
-- it is purged with its batch.
create table request_keys (
    mid text not null,
    tid text not null,
    batch text not null,
    stan text not null,
    fingerprint bytea,
    transaction bytea,
    primary key (mid, tid, batch, stan)
);

create table transactions (
    id bytea primary key,
    mid text not null,
    tid text not null,
    batch text not null,
    stan text not null,
    fingerprint bytea not null,
    kind text not null,
    money text not null, -- debit, debit minus, credit, hold, points, none, replaces
    method text not null,
    state text not null,
    amount_minor bigint not null,
    currency text not null,
    card_token bytea,
    card_cipher bytea,
    first6 text not null,
    last4 text not null,
    scheme text not null,
    domestic boolean not null,
    reversible boolean not null,
    acquirer text not null,
    session integer not null,
    rrn text not null,
    guard text,
    original bytea,
    details jsonb not null, -- what is never searched: message fields as received and sent
    answer jsonb not null,
    response_code text not null default '',
    host_code text not null default '',
    auth_code text not null default '',
    host_rrn text not null default '',
    host_date text not null default '',
    approved_minor bigint not null default 0,
    refunded_minor bigint not null default 0,
    base_minor bigint not null default 0, -- approved before a tip or an adjustment
    undo text not null default 'none',
    voiding text not null default 'none',
    business_date date not null,
    incarnation bigint not null,
    version integer not null default 0,
    created_at timestamptz not null default now()
) with (fillfactor = 85);
create index transactions_sending on transactions (incarnation) where state = 'sending';
create index transactions_rrn on transactions (mid, rrn);
create index transactions_host_rrn on transactions (mid, host_rrn) where host_rrn <> '';
-- What is held for a card, and what came of it.
create index transactions_held on transactions (mid, card_token) where money = 'hold';
create index transactions_changing on transactions (original)
    where guard in ('complete', 'extend', 'adjust');
create index transactions_day on transactions using brin (business_date)
    with (pages_per_range = 32, autosummarize = on);

-- Answers of which a connection took at least one byte. Not a column: a third version of each row
-- cost three times as much.
create table deliveries (transaction bytea primary key);

-- A transaction as the code reads it.
create function whole(t transactions) returns jsonb language sql stable as $$
    select to_jsonb(t) || jsonb_build_object('taken',
        exists (select from deliveries d where d.transaction = t.id))
$$;

-- What happened, in the order in which each writer wrote it. A writer is an incarnation's journal
-- (its number), an incarnation's rare verbs (minus its number), or everybody else (0).
-- `hash` stands on the last event of a commit: sha256 of the writer's hash before it and of the
-- commit's events (see event_bytes), so that nothing can be taken out or changed unseen.
create table events (
    business_date date not null,
    writer bigint not null,
    sequence bigint not null,
    kind text not null,
    transaction bytea,
    body text not null,
    hash bytea,
    at timestamptz not null default now(),
    primary key (writer, sequence, business_date)
) partition by range (business_date);

-- Heads of the chains of rare verbs. A journal keeps its own head: no shared row in a sale's commit.
create table heads (
    writer bigint primary key,
    sequence bigint not null,
    hash bytea not null
);

create table anchors (
    writer bigint not null,
    sequence bigint not null,
    hash bytea not null,
    at timestamptz not null default now(),
    primary key (writer, sequence)
);

-- What an acquirer must still acknowledge: at most one message for each transaction.
create table owed (
    id bytea primary key, -- of the transaction
    kind text not null, -- reversal, advice
    acquirer text not null,
    session integer not null,
    state text not null, -- waiting, due, sent, done, parked, closed
    reason text not null,
    attempts integer not null default 0,
    host_stan text not null default '',
    host_time text not null default '',
    code text not null default '',
    due_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
create index owed_open on owed (acquirer, session, created_at)
    where state in ('waiting', 'due', 'sent', 'parked');

-- A terminal's batch upload, item by item.
create table upload_items (
    mid text not null,
    tid text not null,
    batch text not null,
    stan text not null,
    amount_minor bigint not null,
    foreign_card boolean not null,
    last4 text not null,
    primary key (mid, tid, batch, stan)
);

-- What a person must look at.
create table exceptions (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    kind text not null,
    mid text not null,
    tid text not null,
    batch text not null,
    stan text not null,
    transaction bytea,
    expected_minor bigint,
    found_minor bigint,
    note text not null default '',
    state text not null default 'open'
);
create unique index exceptions_once on exceptions (mid, tid, batch, stan, kind)
    where state = 'open';

create table postings (
    transaction bytea not null,
    kind text not null, -- payment, undo
    business_date date not null,
    currency text not null,
    signed_minor bigint not null,
    primary key (transaction, kind)
);
create index postings_day on postings (business_date);

-- What was not final when its day closed, as it stood then; the next day looks at these again.
create table day_open_items (
    business_date date not null,
    transaction bytea not null,
    reason text not null,
    signed_minor bigint not null,
    primary key (business_date, transaction)
);

create table day_files (
    business_date date not null,
    name text not null,
    sha256 text not null,
    size_bytes bigint not null,
    primary key (business_date, name)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are only added', tg_table_name using errcode = 'PM003';
end $$;
create trigger events_only_added before update or delete on events
    for each row execute function refuse_change();
create trigger postings_only_added before update or delete on postings
    for each row execute function refuse_change();
create trigger anchors_only_added before update or delete on anchors
    for each row execute function refuse_change();

-- Opens a business day: its row, and the place for its events.
create function open_business_day(p_date date) returns void language plpgsql as $$
begin
    execute format(
        'create table if not exists %I partition of events for values from (%L) to (%L)',
        'events_' || to_char(p_date, 'YYYYMMDD'), p_date, p_date + 1);
    insert into business_days (business_date, state) values (p_date, 'open');
end $$;

-- A business day is named for the date on which most of it lies.
create function business_date_at(p_now timestamptz, p_zone text, p_cutoff time) returns date
    language sql immutable as $$
    select (case when p_cutoff <= '12:00' then l.local - p_cutoff
        else l.local + ('24:00'::interval - p_cutoff) end)::date
    from (select p_now at time zone p_zone as local) l
$$;

-- The bytes of one event that its commit's hash covers.
create function event_bytes(p_kind text, p_transaction bytea, p_body text) returns bytea
    language sql immutable as $$
    select coalesce(p_transaction, ''::bytea) || convert_to(p_kind || ' ' || p_body || E'\n', 'UTF8')
$$;

-- Adds one event of a rare verb, in that verb's own transaction.
create function append_event(p_writer bigint, p_kind text, p_transaction bytea, p_body text)
    returns void language plpgsql as $$
declare
    v_sequence bigint;
    v_hash bytea;
begin
    insert into heads values (p_writer, 0, sha256(convert_to(p_writer::text, 'UTF8')))
        on conflict do nothing;
    select sequence, hash into v_sequence, v_hash from heads where writer = p_writer for update;
    v_hash := sha256(v_hash || event_bytes(p_kind, p_transaction, p_body));
    insert into events (business_date, writer, sequence, kind, transaction, body, hash)
        select business_date, p_writer, v_sequence + 1, p_kind, p_transaction, p_body, v_hash
        from business_days where state = 'open';
    if not found then
        raise exception 'no business day is open' using errcode = 'PM002';
    end if;
    update heads set sequence = v_sequence + 1, hash = v_hash where writer = p_writer;
end $$;
