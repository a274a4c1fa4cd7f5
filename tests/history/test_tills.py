"""Terminals sign in and close together, each at its own moment; numbers go on over the days."""

from datetime import UTC, datetime

from pointsman.history.calendar import Closes, Opens
from pointsman.history.clock import PastClock, past
from pointsman.history.tills import STAN_FIRST, Tills
from pointsman.store.pool import Pool
from tests.history.town import bring_site, new_keys, town

DAY_MS = 86_400_000
AT_MS = int(datetime(2026, 3, 9, 22, tzinfo=UTC).timestamp() * 1000)


async def test_batches_open_and_close_at_their_moments(database: str) -> None:
    clock = PastClock(database)
    await clock.begin()
    await clock.move(AT_MS)
    owner = Pool(database)
    await owner.rows("select open_business_day('2026-03-10')")
    await bring_site(database)
    pool = Pool(past(database))
    tills = Tills(pool, new_keys)
    first, second = town()[:2]
    await tills.open([Opens(AT_MS, first), Opens(AT_MS + 5000, second)])
    await tills.close([])
    terminal, stan = tills.next(first)
    assert (terminal.batch, stan) == ("000001", f"{STAN_FIRST:06d}")
    await tills.close([Closes(AT_MS + 60_000, first)])
    await tills.open([Opens(AT_MS + DAY_MS, first)])
    terminal, stan = tills.next(first)
    assert (terminal.batch, stan) == ("000002", f"{STAN_FIRST + 1:06d}")
    rows = await owner.rows(
        "select batch, state, result, (extract(epoch from opened_at) * 1000)::bigint,"
        " (extract(epoch from closed_at) * 1000)::bigint from batches"
        " where mid = %s and tid = %s order by batch",
        (first.mid, first.tid),
    )
    assert rows == [
        ("000001", "closed", "balanced", AT_MS, AT_MS + 60_000),
        ("000002", "open", None, AT_MS + DAY_MS, None),
    ]
    signed = "select (extract(epoch from sign_ins[1]) * 1000)::bigint from terminals where tid = %s"
    assert await owner.value(signed, (second.tid,)) == AT_MS + 5000
    pool.close()
    owner.close()
    await clock.end()
