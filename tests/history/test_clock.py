"""The history's clock: rows get its moments while it stands, and the present ones afterwards."""

from datetime import UTC, datetime

from pointsman.history.clock import PastClock, past
from pointsman.store.pool import Pool

AT = datetime(2026, 3, 9, 1, 2, 3, tzinfo=UTC)


async def test_now_is_then_for_its_own_sessions_only(database: str) -> None:
    clock = PastClock(database)
    await clock.begin()
    await clock.move(int(AT.timestamp() * 1000))
    then, present = Pool(past(database)), Pool(database)
    assert await then.value("select now()") == AT
    assert await present.value("select now()") > AT
    await present.rows("select open_business_day(%s)", (AT.date(),))
    await then.rows("insert into batches (mid, tid, batch) values ('1', '1', '000001')")
    assert await present.value("select opened_at from batches") == AT
    identity = int(AT.timestamp() * 1000).to_bytes(6, "big") + bytes(10)
    await clock.tell([(identity, int(AT.timestamp() * 1000) + 250)])
    await present.rows(
        "insert into events (business_date, writer, sequence, kind, transaction, body) values"
        " (%(day)s, 9, 1, 'intent', %(id)s, ''), (%(day)s, 9, 2, 'outcome', %(id)s, ''),"
        " (%(day)s, 9, 3, 'taken', null, '')",
        {"day": AT.date(), "id": identity},
    )
    rows = await present.rows("select at from events where writer = 9 order by sequence")
    assert [(at - AT).total_seconds() for (at,) in rows] == [0, 0.25, 0]
    then.close()
    await clock.end()
    await present.rows("insert into batches (mid, tid, batch) values ('1', '1', '000002')")
    opened = await present.value("select opened_at from batches where batch = '000002'")
    assert opened.year >= 2026
    assert opened != AT
    present.close()
