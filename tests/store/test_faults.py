"""What the journal does when the database, its session or the way to it dies (P1, P2, P7, P20)."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest
import trio

from pointsman.store.connection import connect
from pointsman.store.migrate import migrate
from pointsman.store.records import (
    Concluded,
    Guard,
    GuardFailed,
    Intent,
    IntentResult,
    NotDurable,
    OutcomeResult,
    Recorded,
    Repeated,
    State,
    Transaction,
    Undo,
)
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.server import EmbeddedPostgres
from pointsman.store.upkeep_sql import UpkeepSql
from tests.conftest import directory_for_servers, new_server
from tests.store.cutting_proxy import Cut, cutting_proxy
from tests.store.house import EFFECTS, House, approved, import_site, transaction, until, worker


async def until_final(house: House, sale: Transaction) -> State:
    with trio.fail_after(10):
        while True:
            row = await house.records.by_key(sale.key)
            if row is not None and row.state is not State.SENDING:
                return row.state
            await trio.sleep(0.01)


@pytest.fixture
def short_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cut-") as name:
        yield Path(name)


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """Return a server that a test may kill."""
    with tempfile.TemporaryDirectory(prefix="pointsman-kill-", dir=directory_for_servers()) as name:
        server = new_server(Path(name) / "postgres")
        server.start()
        try:
            trio.run(migrate, server.url)
            yield server
        finally:
            server.stop(immediately=True)


async def test_an_intent_that_was_durable_while_its_process_stood_still_is_never_sent(
    database: str,
) -> None:
    """P5, P24: deadline and answer are there at once when it goes on; another may own the row."""
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1))
        for number in range(2, 12):
            told: list[IntentResult] = []
            sale = transaction(number)
            house.journal.intend(Intent(sale), trio.current_time() + 0.2, told.append)
            for _ in range(5):  # the commit leaves
                await trio.lowlevel.checkpoint()
            in_time = list(told)  # on a busy machine
            time.sleep(0.3)  # noqa: ASYNC251  (no task runs: as if the process were stopped)
            await until(partial(bool, told))
            if not in_time:
                assert told == [NotDurable("not durable in time")]
                assert await until_final(house, sale) in {State.FAILED, State.REFUSED}


@pytest.mark.parametrize("cut", [Cut.BEFORE, Cut.AFTER, Cut.LATE])
async def test_an_intent_whose_commit_is_unknown_is_recorded_once(
    database: str, short_directory: Path, cut: Cut
) -> None:
    await import_site(database)
    async with cutting_proxy(database, short_directory) as (proxy, url), worker(url) as house:
        await house.approve(transaction(1))
        proxy.cut = cut
        sale = transaction(2)
        assert isinstance(await house.intend(sale), Recorded)
        assert proxy.cuts == 1
        if cut is Cut.LATE:
            # The old session was ended before we looked: what it was to do never comes.
            assert not await proxy.deliver_late()
        proxy.cut = cut
        assert await house.conclude(approved(sale)) == Concluded(tell=True)
        assert proxy.cuts == 2
        row = await house.row(sale)
        assert (row.state, row.version) == (State.APPROVED, 1)
        assert (await UpkeepSql(house.pool).verify())[house.incarnation] is None
        with psycopg.connect(database) as connection:
            counted = connection.execute(
                "select count(*) from events where transaction = %s", (sale.id,)
            ).fetchone()
        assert counted == (2,)


async def test_a_late_statement_is_carried_out_where_the_old_session_lives_on(
    database: str, short_directory: Path
) -> None:
    """Shows that the proxy's late statement is real: without our care it would be written."""
    await import_site(database)
    async with cutting_proxy(database, short_directory) as (proxy, url):
        connection = await connect(url)
        proxy.cut = Cut.LATE
        with pytest.raises(psycopg.OperationalError):
            await connection.execute("insert into numbers values ('late', '', 1)")
        connection.end()
        with psycopg.connect(database, autocommit=True) as reader:
            query = "select count(*) from numbers"
            assert reader.execute(query).fetchone() == (0,)  # a plain read says: not written
            assert await proxy.deliver_late()
            assert reader.execute(query).fetchone() == (1,)  # and then it is


async def test_results_of_guards_and_reversals_survive_an_unknown_commit(
    database: str, short_directory: Path
) -> None:
    await import_site(database)
    async with cutting_proxy(database, short_directory) as (proxy, url), worker(url) as house:
        sale = await house.approve(transaction(1))
        await house.approve(transaction(2, kind="void", original=sale.id), Guard.VOID)
        proxy.cut = Cut.AFTER
        second = transaction(3, kind="void", original=sale.id)
        assert await house.intend(second, Guard.VOID) == GuardFailed("12")
        other = transaction(4)
        await house.intend(other)
        await house.records.reversal_arrived(other.key, 1000, "98")
        proxy.cut = Cut.AFTER
        assert await house.conclude(approved(other)) == Concluded(tell=False)
        assert proxy.cuts == 2


async def test_sessions_ended_inside_commits_lose_and_double_nothing(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        ended = 0
        sales: list[Transaction] = []
        told: dict[bytes, IntentResult] = {}
        twice: list[bytes] = []

        def tell(sale: Transaction, result: IntentResult) -> None:
            if sale.id in told:
                twice.append(sale.id)
            told[sale.id] = result

        def end_sessions(connection: psycopg.Connection) -> int:
            row = connection.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where query like '%journal_round%' and state = 'active'"
                " and pid <> pg_backend_pid() and datname = current_database()"
            ).fetchone()
            return row[0] if row else 0

        with psycopg.connect(database, autocommit=True) as connection:
            with trio.fail_after(30):
                while ended < 8:
                    before = len(told)
                    for _ in range(200):
                        sale = transaction(len(sales) + 1)
                        sales.append(sale)
                        house.journal.intend(
                            Intent(sale),
                            trio.current_time() + 60,
                            lambda result, sale=sale: tell(sale, result),  # type: ignore[misc]  # the default binds
                        )
                    # Somewhere inside the rounds of these; then let some through.
                    await trio.sleep(EFFECTS.random_bytes(1)[0] / 25_600)
                    ended += end_sessions(connection)
                    await until(lambda before=before: len(told) > before)  # type: ignore[misc]  # the default binds
            await until(lambda: len(told) == len(sales))
            assert all(isinstance(result, Recorded) for result in told.values())
            stored = connection.execute("select count(*) from transactions").fetchone()
        assert stored == (len(sales),)
        assert not twice
        assert (await UpkeepSql(house.pool).verify())[house.incarnation] is None


async def test_kill_9_of_the_server_under_load_loses_nothing_acknowledged(
    own_server: EmbeddedPostgres,
) -> None:
    await import_site(own_server.url)
    recorded: set[bytes] = set()
    concluded: set[bytes] = set()
    number = 0
    async with worker(own_server.url) as house:

        def begin() -> None:
            nonlocal number
            number += 1
            sale = transaction(number)
            house.journal.intend(
                Intent(sale), trio.current_time() + 5, lambda result: intended(sale, result)
            )

        def intended(sale: Transaction, result: IntentResult) -> None:
            if isinstance(result, Recorded):
                recorded.add(sale.id)
                house.journal.conclude(
                    approved(sale),
                    trio.current_time() + 5,
                    lambda result: concluded_one(sale, result),
                )
            else:
                begin()

        def concluded_one(sale: Transaction, result: OutcomeResult) -> None:
            if isinstance(result, Concluded):
                concluded.add(sale.id)
            begin()

        for _ in range(50):
            begin()
        for _ in range(3):
            before = len(concluded)
            await until(lambda before=before: len(concluded) > before + 300)  # type: ignore[misc]  # the default binds
            assert own_server.pid is not None
            os.kill(own_server.pid, signal.SIGKILL)
            await trio.sleep(0.02)
            own_server.start()
        await until(lambda: len(concluded) > before + 600)
    with psycopg.connect(own_server.url) as connection:
        found = connection.execute("select id, state from transactions").fetchall()
    rows: dict[bytes, str] = dict(found)
    assert recorded <= set(rows)
    assert {id_ for id_ in concluded if rows[id_] != "approved"} == set()


async def test_with_the_server_away_nothing_is_durable_and_the_wait_ends(
    own_server: EmbeddedPostgres,
) -> None:
    await import_site(own_server.url)
    async with worker(own_server.url) as house:
        await house.approve(transaction(1))
        own_server.stop()
        house.wait_s = 0.2
        late = transaction(2)
        assert isinstance(await house.intend(late), NotDurable)
        own_server.start()
        house.wait_s = 5
        assert isinstance(await house.intend(transaction(3)), Recorded)
        row = await house.records.by_id(late.id)
        assert row is not None
        assert row.state in (State.REFUSED, State.FAILED)  # as it had come to the server or not
        again = await house.intend(replace(late, id=transaction(4).id))
        assert isinstance(again, Repeated)
        assert again.first.answer["39"] == "96"  # a copy hears what the first one was told


async def test_recovery_takes_the_rows_of_the_dead_and_of_nobody_else(database: str) -> None:
    await import_site(database)
    async with worker(database, 1) as living:
        mine = transaction(1)
        await living.intend(mine)
        theirs = [transaction(number) for number in (2, 3)]
        refund: Transaction
        async with worker(database, 0) as dying:
            for sale in theirs:
                await dying.intend(sale)
            sale = await dying.approve(transaction(4))
            refund = transaction(5, kind="refund", original=sale.id, reversible=False, amount=10)
            await dying.intend(refund, Guard.REFUND)
        incarnation, found = await _begin_again(living, 0)
        assert found == 3
        assert incarnation > dying.incarnation
        assert (await living.row(mine)).state is State.SENDING
        for sale in theirs:
            row = await living.row(sale)
            assert (row.state, row.undo, row.answer) == (State.UNKNOWN, Undo.OWED, {"39": "98"})
        due = {owed.id: owed.kind for owed in await living.records.due("alpha", [0], 10)}
        assert due == {theirs[0].id: "reversal", theirs[1].id: "reversal", refund.id: "advice"}
        assert await living.conclude(approved(mine)) == Concluded(tell=True)
        assert (await _begin_again(living, 0))[1] == 0


async def _begin_again(house: House, number: int) -> tuple[int, int]:
    return await PostgresRecords(house.pool).begin("machine", number)
