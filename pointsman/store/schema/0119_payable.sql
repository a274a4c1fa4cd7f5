-- What a transaction comes to is asked of every request of a day that is not closed. The rule of 0104
-- looks for what is owed and is therefore called row by row; what no owed advice and no tip can
-- concern is said without it, in words that the planner puts in place of the call.
alter function payable_minor(transactions) rename to payable_searched;

create function payable_minor(t transactions) returns bigint language sql stable as $$
    select case when not t.reversible or t.base_minor <> 0 then payable_searched(t)
        when t.state = 'approved' and t.undo in ('none', 'closed')
            then signed_minor(t.money, t.approved_minor) end
$$;
