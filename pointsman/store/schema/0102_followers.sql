-- What refers to a payment: voids, refunds, completions, tips. Few rows have an original, so a sale
-- pays nothing for this.
create index transactions_original on transactions (original) where original is not null;
