"""The console's connections: what their role cannot do, and acts that are whole or nothing."""

import os
from typing import LiteralString

import psycopg
import pytest

from pointsman.store.console_pool import (
    NICER,
    NICEST,
    AlreadyThereError,
    ConsolePool,
    Entry,
    OutcomeUnknownError,
)
from pointsman.store.pool import Pool
from pointsman.store.verbs import StoreUnavailableError

ENTRY = Entry("ada", "test", "thing", "1", after={"a": 1, "b": "茶"})


@pytest.mark.parametrize(
    "statement",
    [
        "select tmk from terminals",
        "select card_cipher from transactions",
        "select card_token from transactions",
        "select tpk from key_sets",
        "select zpk from acquirers",
        "select body from events",
        "update transactions set state = 'approved'",
        "insert into postings values ('', 'payment', now(), '156', 1)",
        "insert into audit_events (sequence) values (1)",
        "update audit_events set actor = ''",
        "delete from audit_events",
        "truncate audit_events",
        "update audit_head set sequence = 0",
        "delete from users",
        "create table mine (x integer)",
    ],
)
async def test_the_consoles_role_reaches_no_key_no_money_and_no_trace(
    database: str, statement: str
) -> None:
    pool = ConsolePool(database)
    async with pool.session() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.encode())
    pool.close()


async def test_an_act_and_its_trace_are_one_commit(database: str) -> None:
    pool = ConsolePool(database)

    async def act_and_fail() -> None:
        async with pool.act() as act:
            await act.audit(ENTRY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await act_and_fail()
    assert await pool.value("select count(*) from audit_events") == 0
    async with pool.act() as act:
        await act.audit(ENTRY)
    assert await pool.rows("select sequence, actor, after from audit_events") == [
        (1, "ada", {"a": 1, "b": "茶"})
    ]
    pool.close()


@pytest.mark.parametrize(
    ("harm", "broken"),
    [
        ("update audit_events set reason = 'x' where sequence = 2", 2),
        ("update audit_events set at = at + interval '1 us' where sequence = 3", 3),
        ("delete from audit_events where sequence = 1", 1),
        ("delete from audit_events where sequence = 3", 3),
        ("update audit_events set after = '{}' where sequence = 1", 1),
    ],
)
async def test_every_change_of_the_trail_is_found_at_its_row(
    database: str, harm: str, broken: int
) -> None:
    pool, owner = ConsolePool(database), Pool(database)
    for _ in range(3):
        async with pool.act() as act:
            await act.audit(ENTRY)
    assert await pool.value("select audit_broken_at()") is None
    await owner.rows("set timezone to 'Asia/Tokyo'")
    assert await owner.value("select audit_broken_at()") is None
    await owner.rows("alter table audit_events disable trigger user")
    async with owner.session() as connection:
        await connection.execute(harm.encode())
    assert await pool.value("select audit_broken_at()") == broken
    pool.close()
    owner.close()


async def test_even_the_owner_is_refused_while_the_trigger_stands(database: str) -> None:
    pool, owner = ConsolePool(database), Pool(database)
    async with pool.act() as act:
        await act.audit(ENTRY)
    for statement in ("update audit_events set actor = ''", "truncate audit_events"):
        async with owner.session() as connection:
            with pytest.raises(psycopg.Error):
                await connection.execute(statement.encode())
    pool.close()
    owner.close()


async def test_what_is_there_already_and_what_is_away_are_told_apart(database: str) -> None:
    pool = ConsolePool(database)

    async def act_with(statement: LiteralString) -> None:
        async with pool.act() as act:
            await act.rows(statement)

    with pytest.raises(AlreadyThereError):
        await act_with(
            "insert into one_time_links (hash, kind, totp_sealed, made_by, expires_at)"
            " select 'x', 'first', 'y', 'z', now() from generate_series(1, 2)"
        )
    with pytest.raises(StoreUnavailableError):
        await act_with("select 1 / 0")
    pool.close()


async def test_back_ends_of_the_console_run_behind_those_that_sell(database: str) -> None:
    pool = ConsolePool(database)
    rows = await pool.rows("select pg_backend_pid(), current_setting('jit')")
    assert rows[0][1] == "off"
    owner = Pool(database)
    usual = await owner.value("select pg_backend_pid()")
    wanted = min(NICEST, os.getpriority(os.PRIO_PROCESS, usual) + NICER)
    assert os.getpriority(os.PRIO_PROCESS, rows[0][0]) == wanted
    await pool.rows("select 1")  # the same connection: once is enough
    assert os.getpriority(os.PRIO_PROCESS, rows[0][0]) == wanted
    owner.close()
    pool.close()


async def test_a_commit_whose_answer_is_lost_is_neither_done_nor_undone(database: str) -> None:
    owner = Pool(database)
    # A trigger that runs within the commit ends the session there, as a server's end would.
    await owner.rows(
        """create function cut() returns trigger language plpgsql security definer as $$
        begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$"""
    )
    await owner.rows(
        "create constraint trigger cut after insert on idempotency deferrable initially deferred"
        " for each row execute function cut()"
    )
    pool = ConsolePool(database)

    async def lose() -> None:
        async with pool.act() as act:
            await act.rows(
                "insert into idempotency (owner, route, key, digest) values ('a', 'b', 'c', '')"
            )

    with pytest.raises(OutcomeUnknownError):
        await lose()

    async def refused() -> None:
        async with pool.act() as act:
            await act.rows("select 1 / 0")

    with pytest.raises(StoreUnavailableError) as caught:
        await refused()
    assert not isinstance(caught.value, OutcomeUnknownError)
    pool.close()
    owner.close()
