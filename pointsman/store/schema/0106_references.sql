-- References that people type, found by a summary of each block range: which values may be in it.
-- A sale's commit has no tree to keep for them, and four digits of a card need no index over all.
create index transactions_last_four on transactions using brin (last4 text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_stan on transactions using brin (stan text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_auth_code on transactions using brin (auth_code text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_amount on transactions using brin (amount_minor int8_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);

-- Filters of lists that few payments match: an approved sale is in none of these.
create index transactions_by_state on transactions (state, id)
    where state in ('declined', 'unknown', 'failed', 'refused');
create index transactions_by_answer on transactions (response_code, id)
    where response_code <> '' and response_code <> '00';
create index transactions_by_kind on transactions (kind, id) where kind <> 'sale';
