-- What counts for limits is read from the index alone: a month's rows are wide, and most of their
-- pages are as vacuum left them. The index has rows of merchants with limits only.
drop index transactions_limited;
create index transactions_limited on transactions (mid, business_date) include (
    id, money, state, undo, voiding, tid, card_token, method, scheme, amount_minor, approved_minor
) where details ? 'limits';

-- A merchant's rows of a month are few among all, whatever statistics say of a young table.
alter function over_limit(intent_row, intent_row[], date) set enable_seqscan = off;
