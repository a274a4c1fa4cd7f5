"""Late answers and cut-overs, on PostgreSQL and on the store in memory."""

import psycopg
import pytest
from msgspec.structs import replace

from pointsman.store.records import Guard, Recorded, State, Undo
from tests.store.house import approved, declined, import_site, transaction, unknown, worker
from tests.store.stores import Store


async def test_a_late_approval_of_what_is_in_doubt_changes_nothing(store: Store) -> None:
    """The reversal is owed already, and stands (P6)."""
    clerk = await store.worker()
    sale = transaction(1)
    assert isinstance(await clerk.intend(sale), Recorded)
    await clerk.conclude(unknown(sale))
    before = await clerk.row(sale)
    assert not await clerk.records.late_answer(sale.id, "00", "late", approves=True)
    assert await clerk.row(sale) == before
    assert (before.state, before.undo) == (State.UNKNOWN, Undo.OWED)


async def test_an_approval_that_follows_a_decline_is_owed_its_reversal_once(store: Store) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    assert isinstance(await clerk.intend(sale), Recorded)
    await clerk.conclude(declined(sale))
    assert not await clerk.records.late_answer(sale.id, "51", "duplicate", approves=False)
    assert await clerk.records.late_answer(sale.id, "00", "duplicate", approves=True)
    assert not await clerk.records.late_answer(sale.id, "00", "duplicate", approves=True)
    row = await clerk.row(sale)
    assert (row.state, row.undo) == (State.DECLINED, Undo.OWED)
    (owed,) = await clerk.records.due("alpha", [0], 10)
    assert owed.kind == "reversal"


@pytest.mark.parametrize("state", [State.DECLINED, State.FAILED])
async def test_an_approval_that_comes_after_the_day_was_closed_is_listed_until_it_is_undone(
    store: Store, state: State
) -> None:
    clerk = await store.worker()
    sale = transaction(1)
    assert isinstance(await clerk.intend(sale), Recorded)
    await clerk.conclude(replace(declined(sale), state=state))
    first, _ = await store.close_day()
    assert await store.open_items(first) == []
    assert await clerk.records.late_answer(sale.id, "00", "late", approves=True)
    second, _ = await store.close_day()
    assert await store.open_items(second) == [(sale.id, "reversal owed", 1_000)]
    await clerk.records.owed_done(sale.id, "00")
    third, _ = await store.close_day()
    assert await store.open_items(third) == []
    assert await store.postings() == []


async def test_a_second_copy_of_an_approval_takes_nothing_back(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    assert not await clerk.records.late_answer(sale.id, "00", "duplicate", approves=True)
    assert (await clerk.row(sale)).undo is Undo.NONE


async def test_a_follow_up_approved_after_its_decline_is_for_a_person(store: Store) -> None:
    clerk = await store.worker()
    sale = await clerk.approve(transaction(1))
    void = transaction(2, kind="void", original=sale.id)
    assert isinstance(await clerk.intend(void, Guard.VOID), Recorded)
    await clerk.conclude(declined(void))
    assert not await clerk.records.late_answer(void.id, "00", "duplicate", approves=True)
    assert await store.exceptions() == [("000002", "late approval")]
    assert (await clerk.row(void)).undo is Undo.NONE


async def test_what_nobody_knows_is_noted_nowhere(store: Store) -> None:
    clerk = await store.worker()
    assert not await clerk.records.late_answer(bytes(16), "00", "late", approves=True)


async def test_notices_are_events_beside_their_transaction(database: str) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = transaction(1)
        await house.approve(sale)
        await house.conclude(approved(sale))
        await house.records.late_answer(sale.id, "00", "duplicate", approves=True)
        await house.records.cut_over("alpha", "1122")
        await house.records.cut_over("alpha", "1123")
        assert await house.records.settlement_dates() == {"alpha": "1123"}
        with psycopg.connect(database) as connection:
            rows = connection.execute(
                "select kind, transaction, body::jsonb from events where writer = %s",
                (-house.incarnation,),
            ).fetchall()
    assert rows == [
        ("late-answer", sale.id, {"code": "00", "reason": "duplicate", "owes": False}),
        ("cut-over", None, {"acquirer": "alpha", "settlement_date": "1122"}),
        ("cut-over", None, {"acquirer": "alpha", "settlement_date": "1123"}),
    ]
