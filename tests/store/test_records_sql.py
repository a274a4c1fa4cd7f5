"""The rare verbs about transactions, numbers and recovery."""

import trio

from pointsman.store.pool import Pool
from pointsman.store.records import RequestKey, State, Undo
from pointsman.store.records_sql import PostgresRecords
from tests.store.house import MID, approved, import_site, transaction, worker


async def test_leased_numbers_are_never_given_twice(database: str) -> None:
    pool = Pool(database)
    records = PostgresRecords(pool)
    firsts: list[int] = []

    async def lease() -> None:
        for _ in range(10):
            firsts.append(await records.lease_numbers("rrn", "6326", 7))  # noqa: PERF401

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(lease)
    assert sorted(firsts) == [1 + 7 * block for block in range(40)]
    assert await records.lease_numbers("rrn", "6327", 1000) == 1
    assert await records.lease_numbers("rrn", "6327", 1000) == 1001
    pool.close()


async def test_a_transaction_is_found_by_our_number_and_by_the_acquirers(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        assert await house.records.by_rrn(MID, sale.rrn) == sale
        assert await house.records.by_rrn(MID, sale.host_rrn) == sale
        assert await house.records.by_rrn("another merchant", sale.rrn) is None
        assert await house.records.by_rrn(MID, "") is None
        assert await house.records.by_key(RequestKey(MID, "x", "x", "x")) is None
        assert await house.records.by_id(b"none") is None


async def test_the_directory_is_read_once_a_version(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        directory = await house.records.directory(0)
        assert directory is not None
        assert directory.merchants[MID].name == "Tea"
        assert directory.acquirers["alpha"].port == 9101
        assert [route.acquirer for route in directory.routes[MID]] == ["alpha"]
        assert await house.records.directory(directory.version) is None


async def test_a_sale_is_overdue_by_our_own_clock_only(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as house, worker(database, 1) as other:
        sale, theirs = transaction(1), transaction(2)
        await house.intend(sale)
        await other.intend(theirs)
        async with house.pool.session() as connection:
            # As if the wall clock had jumped by a day.
            await connection.execute(
                "update transactions set created_at = created_at - interval '1 day'"
            )
        assert await house.records.overdue(0.1) == 0
        await trio.sleep(0.15)
        assert await house.records.overdue(0.1) == 1
        row = await house.row(sale)
        assert (row.state, row.undo, row.response_code) == (State.UNKNOWN, Undo.OWED, "98")
        assert (await other.row(theirs)).state is State.SENDING
        assert await house.records.overdue(0.0) == 0


async def test_workers_that_are_no_more_are_recovered_by_the_first(database: str) -> None:
    await import_site(database)
    async with worker(database, 0) as first, worker(database, 1) as second:
        mine, theirs = transaction(1), transaction(2)
        await first.intend(mine)
        await second.intend(theirs)
        async with worker(database, 2) as third:
            await third.intend(transaction(3))
        assert await first.records.retire("machine", range(2)) == 1
        assert await first.records.retire("another machine", range(0)) == 0
        assert (await first.row(theirs)).state is State.SENDING
        assert await first.records.retire("machine", range(1)) == 1
        assert (await first.row(theirs)).state is State.UNKNOWN
        assert (await first.row(mine)).state is State.SENDING


async def test_owing_turns_on_where_the_transaction_stands(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sending, taken, untaken = transaction(1), transaction(2), transaction(3)
        await house.intend(sending)
        assert await house.records.owe(sending.id, "98")
        assert (await house.row(sending)).state is State.UNKNOWN
        await house.approve(taken)
        house.journal.taken(taken.id)
        await house.approve(untaken)
        # A terminal may hold this approval: only it may reverse.
        assert not await house.records.owe(taken.id, "98")
        for _ in range(2):
            assert await house.records.owe(untaken.id, "98")
        assert (await house.row(untaken)).undo is Undo.OWED
        assert not await house.records.owe(b"none", "98")
        due = await house.records.due("alpha", [0], 10)
        assert {owed.id for owed in due} == {sending.id, untaken.id}
        assert await house.records.due("alpha", [1], 10) == []
        assert await house.records.due("beta", [0], 10) == []
        late = await house.conclude(approved(sending))
        assert "unknown" in str(late)
