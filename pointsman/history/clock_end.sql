-- Takes the clock of the history away: from here on rows get the present moment again.

alter table public.batches alter column opened_at set default now();
alter table public.incarnations alter column started_at set default now();
alter table public.owed alter column created_at set default now();
alter table public.owed alter column due_at set default now();
alter table public.anchors alter column at set default now();
alter table public.exceptions alter column at set default now();
alter table public.key_sets alter column changed_at set default now();
alter table public.outlets alter column made_at set default now();
do $$
declare
    v_table text;
begin
    foreach v_table in array '{transactions, events, batches, terminals, key_sets, owed, deliveries,
        business_days, postings, day_files, anchors, outlets, terminal_bindings}'::text[]
    loop
        execute format('drop trigger past_unhurried on public.%I', v_table);
    end loop;
end $$;
drop trigger past_stamp on public.transactions;
drop trigger past_stamp on public.events;
drop function past.open_up, past.close_up, past.stamp_event, past.stamp_transaction,
    past.unhurried, past.made_at, past.now;
drop table past.told, past.clock;
drop schema past; -- nothing else may be in it
