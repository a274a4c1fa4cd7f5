"""Heads of the HSM's logs: kept when they move, told when they moved back; and ends of keys."""

import psycopg
import pytest
import trio

from pointsman.store.hsm_sql import HsmSql, Kept
from pointsman.store.pool import Pool
from tests.hsm.laboratory import TMK, Laboratory
from tests.store.house import TIDS, import_site

A, B = b"a" * 32, b"b" * 32


async def test_a_head_is_kept_when_it_moves_and_only_then(database: str) -> None:
    pool = Pool(database)
    heads = HsmSql(pool)
    assert await heads.newest() == []
    steps = [(1, A, Kept.GROWN), (1, A, Kept.SAME), (5, B, Kept.GROWN), (5, A, Kept.CHANGED),
             (4, A, Kept.CHANGED), (6, A, Kept.GROWN)]  # fmt: skip
    for sequence, digest, kept in steps:
        assert await heads.keep("m", "audit-0", sequence, digest) is kept
    assert await heads.keep("m", "audit-1", 1, B) is Kept.GROWN
    assert await heads.keep("n", "audit-0", 1, B) is Kept.GROWN
    found = [(one.machine, one.log, one.sequence, one.digest) for one in await heads.newest()]
    assert found == [("m", "audit-0", 6, A), ("m", "audit-1", 1, B), ("n", "audit-0", 1, B)]
    pool.close()


async def test_kept_heads_are_only_added(database: str) -> None:
    pool = Pool(database)
    await HsmSql(pool).keep("m", "audit-0", 1, A)
    pool.close()

    def change(statement: bytes) -> None:
        with psycopg.connect(database) as connection:
            connection.execute(statement)

    for statement in (b"update hsm_heads set sequence = 2", b"delete from hsm_heads"):
        with pytest.raises(psycopg.Error, match="only added"):
            await trio.to_thread.run_sync(change, statement)


async def test_the_first_end_of_the_terminals_master_keys_is_read_from_their_blocks(
    database: str,
) -> None:
    await import_site(database)
    pool, lab = Pool(database), Laboratory()
    store = HsmSql(pool)
    assert await store.first_end_of_tmks_s() == 0
    blocks = [lab.key("TMK", TMK, "owner", ends_s) for ends_s in (0, 1_900_000_000, 1_800_000_000)]
    assert len(TIDS) >= 2
    for tid, block in zip(TIDS, (blocks[0], blocks[1]), strict=False):
        await pool.value("update terminals set tmk = %s where tid = %s returning 1", (block, tid))
    assert await store.first_end_of_tmks_s() == 1_900_000_000
    await pool.value(
        "update terminals set tmk = %s where tid = %s returning 1", (blocks[2], TIDS[0])
    )
    assert await store.first_end_of_tmks_s() == 1_800_000_000
    pool.close()
