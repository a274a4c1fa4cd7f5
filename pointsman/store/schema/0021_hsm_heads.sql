-- The heads of the HSM's audit logs, by machine: what was shortened or rewritten there shows here.

create table hsm_heads (
    id bigint generated always as identity primary key,
    machine text not null,
    log text not null, -- one a process: audit-0, audit-1
    sequence bigint not null,
    digest bytea not null,
    at timestamptz not null default now()
);
create index hsm_heads_newest on hsm_heads (machine, log, id desc);
create trigger hsm_heads_only_added before update or delete on hsm_heads
    for each row execute function refuse_change();

-- Keeps a head: 'same' as the last one, 'grown' since, or 'changed': shorter, or another at its place.
create function keep_hsm_head(p_machine text, p_log text, p_sequence bigint, p_digest bytea)
returns text language plpgsql as $$
declare
    last hsm_heads;
begin
    select * into last from hsm_heads
    where machine = p_machine and log = p_log order by id desc limit 1;
    if last.sequence = p_sequence and last.digest = p_digest then
        return 'same';
    end if;
    insert into hsm_heads (machine, log, sequence, digest)
    values (p_machine, p_log, p_sequence, p_digest);
    return case when p_sequence <= last.sequence then 'changed' else 'grown' end;
end $$;
