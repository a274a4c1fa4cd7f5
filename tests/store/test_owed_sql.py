"""Reversals that arrive, against every state; and the ends of what is owed."""

import psycopg
import pytest

from pointsman.store.leases import QUIET_S
from pointsman.store.pool import Pool
from pointsman.store.records import (
    Concluded,
    Guard,
    OwedState,
    RequestKey,
    ReversalArrival,
    Transaction,
    Undo,
    Voiding,
)
from pointsman.store.records_sql import PostgresRecords
from tests.store.house import House, declined, import_site, transaction, unknown, worker


async def test_a_reversal_meets_every_state_as_the_table_says(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        arrived = house.records.reversal_arrived
        sale = await house.approve(transaction(1))
        assert await arrived(sale.key, 999, "98") is ReversalArrival.AMOUNT_DIFFERS
        assert (await house.row(sale)).undo is Undo.NONE
        for _ in range(2):
            assert await arrived(sale.key, 1000, "98") is ReversalArrival.OWED
        await house.records.owed_done(sale.id, "00")
        assert await arrived(sale.key, 1000, "98") is ReversalArrival.NOTHING_TO_UNDO
        refused = transaction(2)
        await house.intend(refused)
        await house.conclude(declined(refused))
        assert await arrived(refused.key, 1000, "98") is ReversalArrival.NOTHING_TO_UNDO
        doubtful = transaction(3)
        await house.intend(doubtful)
        await house.conclude(unknown(doubtful))
        assert await arrived(doubtful.key, 1000, "98") is ReversalArrival.OWED
        voided = await house.approve(transaction(4))
        await house.approve(transaction(5, kind="void", original=voided.id), Guard.VOID)
        assert await arrived(voided.key, 1000, "98") is ReversalArrival.VOIDED
        refunded = await house.approve(transaction(6))
        refund = transaction(7, kind="refund", amount=1, original=refunded.id, reversible=False)
        await house.approve(refund, Guard.REFUND)
        assert await arrived(refunded.key, 1000, "98") is ReversalArrival.VOIDED
        assert await arrived(refund.key, 1, "98") is ReversalArrival.VOIDED
        due = [owed.id for owed in await house.records.due("alpha", [0], 10)]
        assert due == [doubtful.id]
    with psycopg.connect(database) as connection:
        kinds = connection.execute("select kind from exceptions").fetchall()
    assert kinds == [("reversal amount differs",)]


async def test_a_reversal_is_not_durable_while_the_database_is_away() -> None:
    records = PostgresRecords(Pool("postgresql://nobody@/nothing?host=/nowhere"))
    key = RequestKey("m", "t", "b", "1")
    assert await records.reversal_arrived(key, 1, "98") is ReversalArrival.NOT_DURABLE


async def test_a_refusal_for_good_parks_the_message_and_raises_an_exception(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        await house.records.reversal_arrived(sale.key, 1000, "98")
        for _ in range(2):
            await house.records.owed_parked(sale.id, "30")
        assert (await house.row(sale)).undo is Undo.PARKED
        assert await house.records.due("alpha", [0], 10) == []
        void = transaction(2, kind="void", original=sale.id)
        assert "12" in str(await house.intend(void, Guard.VOID))
        # Two users may yet find that it was undone.
        await house.records.owed_done(sale.id, "00")
        assert (await house.row(sale)).undo is Undo.DONE
    with psycopg.connect(database) as connection:
        rows = connection.execute("select kind, note, transaction from exceptions").fetchall()
    assert rows == [("owed message refused", "code 30", sale.id)]


async def test_attempts_are_counted_before_they_are_made(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        await house.records.owe(sale.id, "98")
        await house.records.owed_numbers(sale.id, "000900", "1122140000")
        await house.records.owed_numbers(sale.id, "000901", "1122140001")  # another sender
        await house.records.owed_attempt(sale.id)
        (owed,) = await house.records.due("alpha", [0, 1], 10)
        assert (owed.attempts, owed.state, owed.host_stan) == (2, OwedState.SENT, "000900")
        assert owed.original.host["43"] == "Tea 'n\" \\ 茶"


@pytest.mark.parametrize("later_s", [5.0, 100_000.0])
async def test_a_wall_clock_set_back_does_not_delay_what_is_owed(
    database: str, later_s: float
) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        await house.records.owe(sale.id, "98")
        await house.records.owed_later(sale.id, later_s)
        assert await house.records.due("alpha", [0], 10) == []
        async with house.pool.session() as connection:
            await connection.execute("update owed set due_at = due_at + interval '1 day'")
        assert len(await house.records.due("alpha", [0], 10)) == 1


async def test_a_sign_on_brings_what_was_put_off_to_ten_seconds(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        near, far = await house.approve(transaction(1)), await house.approve(transaction(2))
        for sale, later_s in ((near, 3.0), (far, 300.0)):
            await house.records.owe(sale.id, "98")
            await house.records.owed_later(sale.id, later_s)
        await house.records.owed_soon("alpha", 1)  # another session's link
        assert await seconds_to_wait(house, far) > 250
        await house.records.owed_soon("alpha", 0)
        assert 8 < await seconds_to_wait(house, far) <= QUIET_S
        assert await seconds_to_wait(house, near) <= 3


async def seconds_to_wait(house: House, sale: Transaction) -> float:
    query = "select extract(epoch from due_at - now())::float from owed where id = %s"
    return float(await house.pool.value(query, (sale.id,)))


async def test_a_declined_void_whose_reversal_came_first_frees_its_sale(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1))
        void = transaction(2, kind="void", original=sale.id)
        await house.intend(void, Guard.VOID)
        await house.records.reversal_arrived(void.key, 1000, "98")
        assert (await house.row(sale)).voiding is Voiding.RESERVED
        assert await house.conclude(declined(void)) == Concluded(tell=False)
        assert (await house.row(sale)).voiding is Voiding.NONE
