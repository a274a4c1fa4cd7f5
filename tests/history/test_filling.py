"""The filling: what befell a payment is in the journal, its reversal acknowledged or parked."""

from pathlib import Path

from pointsman.store.pool import Pool
from tests.history.town import made

STATES = """
select kind, state, undo, count(*) from transactions group by 1, 2, 3 order by 1, 2, 3
"""
OUTCOMES = """
select count(*) from events i join events o on o.transaction = i.transaction
where i.kind = 'intent' and o.kind = 'outcome' and o.at - i.at not between
    interval '10 milliseconds' and interval '5 seconds'
"""


async def test_every_fate_of_a_payment_is_in_the_journal(database: str, tmp_path: Path) -> None:
    await made(database, tmp_path, 4)
    pool = Pool(database)
    found = {(kind, state, undo): count for kind, state, undo, count in await pool.rows(STATES)}
    assert found["sale", "approved", "none"] > 900
    assert found["sale", "approved", "done"] > 0
    assert found["sale", "declined", "none"] > 50
    assert found["sale", "unknown", "done"] > 0
    assert found["void", "approved", "none"] > 0
    assert found["refund", "approved", "none"] > 0
    assert found["completion", "approved", "none"] > 0
    waiting = "select count(*) from owed where state not in ('done', 'parked')"
    assert await pool.value(waiting) == 0
    assert await pool.value(OUTCOMES) == 0
    assert await pool.value("select count(*) from incarnations where state <> 'recovered'") == 0
    assert await pool.value("select count(*) from deliveries") > 900
    assert await pool.value("select max(next_number) from numbers where name = 'rrn'") > 300
    pool.close()
