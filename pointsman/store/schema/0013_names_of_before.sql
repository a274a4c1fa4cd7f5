-- Every session that ever was has a lease: a reversal of what it carried may still arrive, and is
-- adopted then (0011). Those of before the leases that owed nothing had none.

insert into lease
    select distinct 'session ' || worker, 1, 0, 0 from incarnations where worker >= 0
    on conflict do nothing;

-- An RRN's day is counted under the name that the number carries (YDDD): a clock that jumped by ten
-- years gave the numbers of a day again under another name (YYYYDDD).
insert into numbers (name, period, next_number)
    select name, substr(period, 4), max(next_number) from numbers
    where name = 'rrn' and length(period) = 7 group by name, substr(period, 4)
    on conflict (name, period) do update
        set next_number = greatest(numbers.next_number, excluded.next_number);
