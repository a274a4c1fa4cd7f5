-- What the site file may say of acquirers and merchants beyond 0001.
alter table acquirers
    add column order_s double precision not null default 120; -- an order may be paid for so long
-- What is not allowed to a merchant, and how much in a day (parties.Rules).
alter table merchants add column rules jsonb not null default '{}';
