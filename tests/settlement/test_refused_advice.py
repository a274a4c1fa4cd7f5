"""An off-line sale that the acquirer refuses, from its message to the merchant's file (P10).

The sender of what is owed, a link with a host behind it, PostgreSQL, and the files of three days.
"""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from pointsman.settlement.closing import Settled
from pointsman.store.parked_sql import Action, ParkedSql, Said
from pointsman.store.records import Money, Recorded, RequestKey, State, Transaction
from pointsman.store.verbs import BatchTotals, SideTotals
from tests.settlement.test_closing_store import contents, details, run
from tests.store.house import BATCH, MID, TIDS, House, import_site, until, worker
from tests.switch.owed_house import ID, answering, house, transaction


def offline(cipher: bytes) -> Transaction:
    """Make an off-line sale over 100.00, told as approved before the acquirer has it."""
    made = transaction(cipher, id_=ID, mti="0220", state=State.APPROVED)
    return replace(
        made,
        key=RequestKey(MID, TIDS[0], BATCH, "000001"),
        kind="offline",
        money=Money.DEBIT,
        response_code="00",
        answer={"39": "00"},
    )


def open_items(settled: Settled) -> list[tuple[str, str, str]]:
    text = contents(settled)["open-items.csv"].decode()
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [(row["reason"], row["stan"], row["amount"]) for row in rows if row["record"] == "D"]


def paid(settled: Settled) -> list[tuple[str, str, str]]:
    return details(contents(settled).get(f"merchant-{MID}.csv", b""))


async def _refused(store: House, heard: list[str], codes: tuple[str, ...]) -> None:
    async with house(answering(*codes), records=store.records) as sending:
        sale = offline(sending.cipher)
        assert isinstance(await store.intend(sale), Recorded)
        await until(lambda: len(sending.heard()) == 1)
        while not await ParkedSql(store.pool).parked():  # noqa: ASYNC110 (written by the sender)
            await trio.sleep(0.01)
        heard += [message.mti for message in sending.heard()]


@pytest.mark.parametrize("given_up", [False, True])
async def test_a_refused_advice_is_in_no_payout_until_it_is_decided(
    database: str, tmp_path: Path, given_up: bool
) -> None:
    await import_site(database)
    async with worker(database) as store:
        heard: list[str] = []
        await _refused(store, heard, ("05",))
        assert heard == ["0220"]

        # The terminal was told 00: its own batch is in balance.
        claimed = BatchTotals(SideTotals(10_000, 1), SideTotals())
        assert await store.records.settle_batch(MID, TIDS[0], BATCH, claimed) == claimed
        assert await store.records.close_batch(MID, TIDS[0], BATCH, 0) == "balanced"
        first = await run(store.pool, tmp_path)
        assert paid(first) == []
        assert open_items(first) == [("advice refused", "000001", "100.00")]

        desk, action = ParkedSql(store.pool), Action.NOT_DONE if given_up else Action.RETRY
        assert await desk.decide(ID, action, "ada", "called the acquirer") is Said.ASKED
        assert await desk.decide(ID, action, "grace", "yes") is Said.DONE
        if not given_up:
            async with house(answering("00"), records=store.records) as sending:
                await until(lambda: len(sending.heard()) == 1)
                assert sending.heard()[0].mti == "0221"
                while await store.records.due("alpha", [0], 1):  # noqa: ASYNC110 (as above)
                    await trio.sleep(0.01)
        second = await run(store.pool, tmp_path, later=1)
        assert paid(second) == [] if given_up else [("000001", "offline", "100.00")]
        assert open_items(second) == [("given up", "000001", "100.00")] * given_up
        third = await run(store.pool, tmp_path, later=1)
        assert (paid(third), open_items(third)) == ([], [])
