-- References are looked for among the payments of some days: the summaries know of when their block
-- ranges are, too, so that only those are read.
drop index transactions_last_four;
drop index transactions_stan;
drop index transactions_auth_code;
drop index transactions_amount;
create index transactions_last_four on transactions using brin (id, last4 text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_stan on transactions using brin (id, stan text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_auth_code on transactions using brin (id, auth_code text_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
create index transactions_amount on transactions using brin (id, amount_minor int8_bloom_ops
    (n_distinct_per_range = 300, false_positive_rate = 0.01))
    with (pages_per_range = 16, autosummarize = on);
