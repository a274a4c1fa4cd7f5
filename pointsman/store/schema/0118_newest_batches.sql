-- The newest batches first: what the back office lists when nothing else is asked.
create index batches_opened on batches (opened_at, mid, tid, batch);
