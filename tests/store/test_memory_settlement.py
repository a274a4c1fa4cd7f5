"""Closed days are read the same from the store in memory and from PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

from pointsman.store.day import FileRecord, OpenReason
from pointsman.store.records import Guard
from tests.store.house import transaction, unknown
from tests.store.stores import Store


async def test_a_closed_day_has_its_lines_its_open_items_and_its_files(store: Store) -> None:
    clerk, days = await store.worker(), store.days()
    sale = await clerk.approve(transaction(1))
    refund = await clerk.approve(
        transaction(2, kind="refund", amount=400, original=sale.id), Guard.REFUND
    )
    doubtful = transaction(3)
    await clerk.intend(doubtful)
    await clerk.conclude(unknown(doubtful))
    day = await days.open_day()
    following = day + timedelta(days=1)
    assert (await days.closing_days(), await days.last_closed()) == ([], None)
    await days.begin_day_close(day, following)
    assert await days.closing_days() == [day]
    assert await days.unfinished(day) == 0
    await days.close_day(day)
    lines = await days.day_lines(day)
    assert [(one.transaction, one.signed_minor) for one in lines] == [
        (sale.id, 1000),
        (refund.id, -400),
    ]
    assert (lines[0].rrn, lines[0].card, lines[0].day) == (
        sale.rrn,
        sale.card and sale.card.masked,
        day,
    )
    items = await days.day_open_items(day)
    assert [(one.transaction, one.reason) for one in items] == [(doubtful.id, OpenReason.IN_DOUBT)]
    assert replace(items[0], reason=OpenReason.SENDING) != items[0]
    assert await days.day_batches(day) == []
    assert (await days.day_state(day), await days.unwritten_days()) == ("closed", [day])
    made = [FileRecord("a.csv", "11", 1), FileRecord("b.csv", "22", 2)]
    await days.record_files(day, made)
    await days.record_files(day, [FileRecord("c.csv", "33", 3)])
    assert await days.day_files(day) == made
    assert (await days.last_closed(), await days.unwritten_days()) == (day, [])
