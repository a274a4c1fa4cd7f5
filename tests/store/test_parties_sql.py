"""The site: written in one commit with its version, read back as it was written."""

from dataclasses import replace
from datetime import time

import psycopg
import pytest

from pointsman.store.parties import NO_RULES, KeySetState, Rules, TerminalRules
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.site_rows import FixedKeys, StoredKey, StoredSite
from tests.store.house import MID, TIDS, site


async def test_a_site_is_read_back_as_it_was_written(database: str) -> None:
    pool = Pool(database)
    sites = SiteSql(pool)
    assert await sites.stored_site() == StoredSite()
    rules = Rules(
        forbids=frozenset({"refund", "manual"}),
        card_day_count_max=3,
        method_max_minor=(("manual", 1_000),),
        scheme_max_minor=(("CUP", 5), ("VIS", 7)),
        night="22:00-06:00",
        terminals=(TerminalRules(TIDS[0], day_count_max=3),),
    )
    merchants = tuple(replace(one, rules=rules) for one in site().merchants)
    acquirers = tuple(
        replace(
            one,
            acquirer=replace(one.acquirer, order_s=90.0, zmk=b"zmk", reconciles="0520"),
            zmk_check_value="0C0C0C",
        )
        for one in site().acquirers
    )
    change = replace(site(), cutoff=time(23, 30), merchants=merchants, acquirers=acquirers)
    assert await sites.apply_site(change, 0) == 1
    stored = await sites.stored_site()
    assert (stored.version, stored.cutoff, stored.zone) == (1, time(23, 30), "Asia/Shanghai")
    assert tuple(stored.merchants.values()) == change.merchants
    assert tuple(stored.acquirers.values()) == change.acquirers
    assert set(stored.terminals.values()) == set(change.terminals)
    assert stored.routes == change.routes
    pool.close()


async def test_new_zone_keys_take_the_place_of_the_old_and_are_a_new_version(
    database: str,
) -> None:
    pool = Pool(database)
    sites = SiteSql(pool)
    await sites.apply_site(site(), 0)
    found = await sites.stored_site()
    assert all(one.rules is NO_RULES for one in found.merchants.values())
    before = found.acquirers["alpha"]
    records = PostgresRecords(pool)
    await records.zone_keys("alpha", None, (b"new zak", "0D0D0D"))
    stored = await sites.stored_site()
    acquirer = replace(before.acquirer, zak=b"new zak")
    assert stored.acquirers["alpha"] == replace(before, acquirer=acquirer, zak_check_value="0D0D0D")
    assert stored.version == 2
    pool.close()


async def test_a_plan_made_for_another_version_changes_nothing(database: str) -> None:
    pool = Pool(database)
    sites = SiteSql(pool)
    assert await sites.apply_site(site(), 7) is None
    assert await sites.stored_site() == StoredSite()
    pool.close()


async def test_a_second_import_overwrites_and_keeps_keys_and_batches(database: str) -> None:
    pool = Pool(database)
    sites = SiteSql(pool)
    await sites.apply_site(site(), 0)
    records = PostgresRecords(pool)
    await records.sign_in(MID, TIDS[0], b"tpk", b"tak")
    before = await records.terminal(MID, TIDS[0])
    change = site()
    terminals = tuple(replace(row, tmk=None, active=False) for row in change.terminals)
    change = replace(change, terminals=terminals, routes={MID: ()})
    assert await sites.apply_site(change, 1) == 2
    after = await records.terminal(MID, TIDS[0])
    assert before is not None
    assert after == replace(before, active=False)
    stored = await sites.stored_site()
    assert stored.routes == {}
    assert stored.terminals[(MID, TIDS[0])].tmk == StoredKey(b"tmk", "A1")
    pool.close()


async def test_fixed_keys_become_the_current_set_and_their_check_values_are_known(
    database: str,
) -> None:
    pool = Pool(database)
    sites = SiteSql(pool)
    fixed = FixedKeys(StoredKey(b"tpk", "C1C1C1"), StoredKey(b"tak", "C2C2C2"))
    row = replace(site().terminals[0], fixed=fixed, batch="000042")
    for version in range(2):
        await sites.apply_site(replace(site(), terminals=(row,)), version)
    terminal = await PostgresRecords(pool).terminal(row.mid, row.tid)
    assert terminal is not None
    assert (terminal.signed_in, terminal.batch) == (True, "000042")
    ((keys),) = terminal.key_sets
    assert (keys.tpk, keys.tak, keys.state) == (b"tpk", b"tak", KeySetState.CURRENT)
    stored = (await sites.stored_site()).terminals[(row.mid, row.tid)]
    assert stored.fixed == FixedKeys(StoredKey(b"", "C1C1C1"), StoredKey(b"", "C2C2C2"))
    assert stored.batch is None
    pool.close()


@pytest.mark.parametrize(
    ("now", "cutoff", "day"),
    [
        ("2026-11-22 15:59:59+00", "00:00", "2026-11-22"),
        ("2026-11-22 16:00:00+00", "00:00", "2026-11-23"),
        ("2026-11-22 15:29:59+00", "23:30", "2026-11-22"),
        ("2026-11-22 15:30:00+00", "23:30", "2026-11-23"),
        ("2026-11-22 17:59:59+00", "02:00", "2026-11-22"),
        ("2026-11-22 18:00:00+00", "02:00", "2026-11-23"),
    ],
)
def test_a_business_day_is_named_for_the_date_on_which_most_of_it_lies(
    database: str, now: str, cutoff: str, day: str
) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "select business_date_at(%s::timestamptz, 'Asia/Shanghai', %s::time)::text",
            (now, cutoff),
        ).fetchone()
    assert row == (day,)
