"""Simulated terminals of the international dialect against the real switch, over TCP."""

from pathlib import Path

import msgspec
import pytest
import trio
from trio.testing import MockClock

from pointsman.sim.fleet import Fleet
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import NII
from pointsman.sim.ledger import read_rows
from pointsman.sim.tally import Summary
from pointsman.sim.terminal_options import Control, Dialect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TERMINAL_ROWS, Asked, Settled, Settling, SignedIn
from pointsman.store.parties import BatchState
from tests.switch.whole import MID, NII_TID, Whole, whole

TERMINAL_ROWS_OUT = msgspec.json.Encoder()


@pytest.fixture
def clock() -> MockClock:
    """Jump when nothing has happened for a while: bytes and disk take real time."""
    return MockClock(autojump_threshold=0.001)


# The house's terminal is in batch 000012, which a new one would not know.
SIGNED_IN = TERMINAL_ROWS_OUT.encode(SignedIn("", MID, NII_TID, "000012", "00")) + b"\n"


async def traded(
    house: Whole,
    path: Path,
    weights: dict[Flow, int],
    *,
    count: int,
    seed: int = 1,
    settles: bool = True,
) -> tuple[Summary, list[object]]:
    options = TerminalOptions(
        port=house.ports["tpdu"],
        count=count,
        settle_at_end=settles,
        timeout_s=60.0,
        dialect=Dialect.NII,
    )
    ledger = trio.Path(path)
    if not await ledger.exists():
        await ledger.write_bytes(SIGNED_IN)
    identity = Identity(MID, NII_TID)
    made = Fleet([identity], options, Control(weights=weights), path, seed, lambda _done: None)
    with trio.fail_after(3600):
        summary = await made.run()
    return summary, list(read_rows(path, TERMINAL_ROWS))


async def test_a_day_of_every_type_balances_and_the_next_batch_begins(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house:
        summary, rows = await traded(house, tmp_path / "t.jsonl", dict(NII), count=60, seed=2)
        assert (summary.owed, summary.unsettled, summary.settlements_unequal) == (0, 0, 0)
        assert (summary.repeats_wrong, summary.unanswered) == (0, 0)
        asked = {row.flow for row in rows if isinstance(row, Asked)}
        assert asked >= {"void", "refund-request", "preauth", "offline", "tip", "reversal"}
        (settled,) = (row for row in rows if isinstance(row, Settled))
        net = settled.debit_minor - settled.credit_minor
        await house.quiet()
        assert house.acquirer.settled() == {(MID, "156"): net}
        assert house.db.batches[MID, NII_TID, "000012"].state is BatchState.CLOSED
        last = [row for row in rows if isinstance(row, SignedIn)][-1]
        assert last.batch == house.db.terminals[MID, NII_TID].batch == "000013"


async def test_silence_is_reversed_and_the_batch_balances(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house:
        weights = {Flow.SALE_CHIP: 1, Flow.SILENT: 3, Flow.REVERSAL: 2}
        summary, _ = await traded(house, tmp_path / "t.jsonl", weights, count=8, seed=3)
        assert (summary.owed, summary.unsettled, summary.settlements_unequal) == (0, 0, 0)
        assert summary.by_code["98"] > 0
        assert summary.reversals > 0


async def test_a_batch_that_differs_is_uploaded_and_closed(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house:
        whole_ledger, short = tmp_path / "t.jsonl", tmp_path / "short.jsonl"
        sales = {Flow.SALE_SWIPE: 1}
        _, rows = await traded(house, whole_ledger, sales, count=3, settles=False)
        forgotten = [row for row in rows if isinstance(row, Asked)][-1].stan
        kept = [row for row in rows if getattr(row, "stan", "") != forgotten]
        lines = (TERMINAL_ROWS_OUT.encode(row) + b"\n" for row in kept)
        await trio.Path(short).write_bytes(b"".join(lines))
        summary, rows = await traded(house, short, sales, count=0)
        assert (summary.unsettled, summary.settlements_unequal) == (0, 1)
        (settled,) = (row for row in rows if isinstance(row, Settled))
        assert (settled.uploaded, settled.results) == (2, "22")
        assert house.db.batches[MID, NII_TID, "000012"].state is BatchState.CLOSED
        assert [key[3] for key in house.db.exceptions] == [forgotten]


async def test_a_closing_of_which_nothing_was_heard_is_known_from_the_next_answer(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house:
        house.db.batches[MID, NII_TID, "000012"].state = BatchState.CLOSED
        summary, rows = await traded(house, tmp_path / "t.jsonl", {Flow.ECHO: 1}, count=1)
        assert summary.unsettled == 0
        assert [row.batch for row in rows if isinstance(row, SignedIn)][-1] == "000013"


async def test_nothing_is_sold_before_the_end_of_a_batch_is_heard(
    clock: MockClock, tmp_path: Path
) -> None:
    """Its payments name no batch: one sold now would be of the next batch at the switch alone."""
    async with whole(tmp_path) as house:
        house.db.batches[MID, NII_TID, "000012"].state = BatchState.CLOSED
        ledger = tmp_path / "t.jsonl"
        settling = TERMINAL_ROWS_OUT.encode(Settling("", MID, NII_TID, "000012")) + b"\n"
        await trio.Path(ledger).write_bytes(SIGNED_IN + settling)
        sales = {Flow.SALE_SWIPE: 1}
        _, rows = await traded(house, ledger, sales, count=1, settles=False)
        (sold,) = (row for row in rows if isinstance(row, Asked))
        assert sold.batch == house.db.terminals[MID, NII_TID].batch == "000013"
