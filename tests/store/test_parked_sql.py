"""Two different users decide what is parked; one alone, even twice or at once, does not."""

import pytest
import trio

from pointsman.store.parked_sql import Action, ParkedSql, Said
from pointsman.store.records import Recorded, Transaction, Undo
from pointsman.store.upkeep_sql import UpkeepSql
from tests.store.house import House, import_site, transaction, unknown, worker


async def parked(house: House, stan: int) -> Transaction:
    sale = transaction(stan)
    assert isinstance(await house.intend(sale), Recorded)
    await house.conclude(unknown(sale))
    await house.records.owed_parked(sale.id, "06")
    return sale


async def test_a_second_user_sends_it_again(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale, desk = await parked(house, 1), ParkedSql(house.pool)
        (row,) = await desk.parked()
        assert (row.id, row.code, row.asked) == (sale.id, "06", "")
        assert await desk.decide(sale.id, Action.RETRY, "ada", "asked the host") is Said.ASKED
        assert await desk.decide(sale.id, Action.RETRY, "ada", "again") is Said.SAME_USER
        assert [(row.asked, row.asked_by) for row in await desk.parked()] == [("retry", "ada")]
        assert await house.records.due("alpha", [0], 10) == []
        assert await desk.decide(sale.id, Action.RETRY, "grace", "yes") is Said.DONE
        assert await desk.parked() == []
        (owed,) = await house.records.due("alpha", [0], 10)
        assert owed.id == sale.id
        await house.records.owed_done(sale.id, "00")
        assert (await house.row(sale)).undo is Undo.DONE
        assert (await UpkeepSql(house.pool).verify())[0] is None


@pytest.mark.parametrize(
    ("action", "undo"), [(Action.DONE, Undo.DONE), (Action.NOT_DONE, Undo.CLOSED)]
)
async def test_a_second_user_ends_it_and_nothing_is_sent_any_more(
    database: str, action: Action, undo: Undo
) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale, desk = await parked(house, 1), ParkedSql(house.pool)
        assert await desk.decide(sale.id, action, "ada", "seen in their file") is Said.ASKED
        assert await desk.decide(sale.id, action, "grace", "seen") is Said.DONE
        assert await house.records.due("alpha", [0], 10) == []
        assert (await house.row(sale)).undo is undo
        assert await desk.decide(sale.id, action, "ada", "x") is Said.NOT_PARKED
        assert (await UpkeepSql(house.pool).verify())[0] is None


async def test_another_action_is_asked_for_anew(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale, desk = await parked(house, 1), ParkedSql(house.pool)
        await desk.decide(sale.id, Action.RETRY, "ada", "x")
        assert await desk.decide(sale.id, Action.NOT_DONE, "grace", "x") is Said.OTHER_ACTION
        assert (await house.row(sale)).undo is Undo.PARKED
        assert await desk.decide(sale.id, Action.NOT_DONE, "ada", "x") is Said.DONE


async def test_one_user_at_once_on_many_sessions_never_confirms_alone(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale, desk = await parked(house, 1), ParkedSql(house.pool)
        said: list[Said] = []

        async def decide() -> None:
            said.append(await desk.decide(sale.id, Action.NOT_DONE, "ada", "x"))

        async with trio.open_nursery() as nursery:
            for _ in range(8):
                nursery.start_soon(decide)
        assert sorted(said) == [Said.ASKED] + [Said.SAME_USER] * 7
        assert (await house.row(sale)).undo is Undo.PARKED


async def test_what_is_not_parked_is_not_decided(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale, desk = await house.approve(transaction(1)), ParkedSql(house.pool)
        assert await desk.decide(sale.id, Action.NOT_DONE, "ada", "x") is Said.NOT_PARKED
        assert await desk.decide(bytes(16), Action.RETRY, "ada", "x") is Said.NOT_PARKED
