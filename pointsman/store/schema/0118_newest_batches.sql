-- The newest batches first: what the back office lists when nothing else is asked. The moment alone:
-- with the batch's own name behind it, PostgreSQL 18 takes it for the key in each sale's commit, and
-- skips through all of it.
create index batches_opened on batches (opened_at);
