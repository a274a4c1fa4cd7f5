"""A day closed on a real database: what is open stays out, and comes in later (P10)."""

import csv
import io
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pointsman.settlement.closing import Settled, settle
from pointsman.store.pool import Pool
from pointsman.store.records import Concluded, Guard, Recorded, ReversalArrival
from pointsman.store.settlement_sql import DaysSql
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.store.house import (
    BATCH,
    MID,
    TIDS,
    House,
    approved,
    declined,
    import_site,
    transaction,
    unknown,
    worker,
)


async def run(pool: Pool, root: Path, later: int = 0) -> Settled:
    days = DaysSql(pool)
    zone = ZoneInfo("Asia/Shanghai")
    noon = datetime.combine(await days.open_day(), time(12, 0), zone).astimezone(UTC)
    if await days.last_closed() is not None:
        noon -= timedelta(days=1 - later)
    return await settle(days, root, asked=None, now=noon, cutoff=time(0, 0), zone=zone, wait_s=0.5)


def contents(settled: Settled) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in settled.directory.iterdir()}


def details(content: bytes) -> list[tuple[str, str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [(row["stan"], row["type"], row["amount"]) for row in rows if row["record"] == "D"]


async def sell(house: House) -> None:
    """Write a day of every kind: posted, declined, in doubt, in flight, to be reversed."""
    await house.approve(transaction(1, amount=10_000))
    sale = await house.approve(transaction(2, amount=2_000))
    void = transaction(3, amount=2_000, kind="void", original=sale.id)
    await house.approve(void, Guard.VOID)
    refused = transaction(4)
    await house.intend(refused)
    await house.conclude(declined(refused))
    refunded = await house.approve(transaction(5, amount=5_000))
    refund = transaction(6, amount=1_500, kind="refund", original=refunded.id, reversible=False)
    await house.approve(refund, Guard.REFUND)


async def test_day_in_use_is_closed_twice_with_the_same_bytes_and_nothing_is_lost(
    database: str, tmp_path: Path
) -> None:
    await import_site(database)
    async with worker(database) as house:
        await sell(house)
        in_flight = transaction(7, amount=700)
        assert isinstance(await house.intend(in_flight), Recorded)
        in_doubt = transaction(8, amount=800)
        await house.intend(in_doubt)
        assert await house.conclude(unknown(in_doubt)) == Concluded(tell=True)
        owed = await house.approve(transaction(9, amount=900))
        arrival = await house.records.reversal_arrived(owed.key, 900, "98")
        assert arrival is ReversalArrival.OWED

        first = await run(house.pool, tmp_path)
        files = contents(first)
        assert details(files[f"merchant-{MID}.csv"]) == [
            ("000001", "sale", "100.00"),
            ("000002", "sale", "20.00"),
            ("000003", "void", "-20.00"),
            ("000005", "sale", "50.00"),
            ("000006", "refund", "-15.00"),
        ]
        assert details(files["open-items.csv"]) == [
            ("000007", "sale", "7.00"),
            ("000008", "sale", "8.00"),
            ("000009", "sale", "9.00"),
        ]

        assert await house.conclude(approved(in_flight)) == Concluded(tell=True)
        for found in (in_doubt, owed):
            await house.records.owed_done(found.id, "00")
        again = await run(house.pool, tmp_path)
        assert (again.day, again.closed_now) == (first.day, False)
        assert contents(again) == files

        second = await run(house.pool, tmp_path, later=1)
        assert second.day == first.day + timedelta(days=1)
        assert details(contents(second)[f"merchant-{MID}.csv"]) == [("000007", "sale", "7.00")]
        assert second.open_items == 0


async def test_sale_reversed_after_its_day_is_a_negative_line_of_the_day_then_open(
    database: str, tmp_path: Path
) -> None:
    await import_site(database)
    async with worker(database) as house:
        sale = await house.approve(transaction(1, amount=1_234))
        first = await run(house.pool, tmp_path)
        assert first.lines == 1
        assert await house.records.owe(sale.id, "17")
        await house.records.owed_done(sale.id, "00")
        second = await run(house.pool, tmp_path, later=1)
        assert details(contents(second)[f"merchant-{MID}.csv"]) == [("000001", "undone", "-12.34")]
        assert contents(await run(house.pool, tmp_path))


async def test_terminal_batch_shows_its_claim_beside_the_journal(
    database: str, tmp_path: Path
) -> None:
    await import_site(database)
    async with worker(database) as house:
        await house.approve(transaction(1, amount=1_000))
        claimed = BatchTotals(SideTotals(900, 1, 0, 0), SideTotals())
        await house.records.settle_batch(MID, TIDS[0], BATCH, claimed)
        await house.records.close_batch(MID, TIDS[0], BATCH, 0)
        settled = await run(house.pool, tmp_path)
        (row,) = csv.DictReader(io.StringIO(contents(settled)["batches.csv"].decode(), newline=""))
        assert (row["comparison"], row["terminal"]) == ("unbalanced", TIDS[0])
        assert row["terminal_domestic_debit_amount"] == "9.00"
        assert row["journal_domestic_debit_amount"] == "10.00"
        assert not settled.balanced
