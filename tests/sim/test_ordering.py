"""Simulated terminals of wallet orders against the real switch, over TCP on both sides."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.sim.fleet import Fleet
from pointsman.sim.flow_names import Flow
from pointsman.sim.host_rows import Effect, HostReversal, Work
from pointsman.sim.ledger import read_rows
from pointsman.sim.moods import parse_moods
from pointsman.sim.tally import Summary
from pointsman.sim.terminal_options import Control, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TERMINAL_ROWS, Asked, Kind, Settled, Told
from pointsman.store.records import State
from tests.switch.host_peer import ALPHA
from tests.switch.whole import MID, TID, Whole, whole

QUICK = replace(ALPHA, order_s=30.0, in_flight_max=200)
SILENT_SOMETIMES = parse_moods("silent:0.3")


@pytest.fixture
def clock() -> MockClock:
    """Jump when nothing has happened for a while: bytes and disk take real time."""
    return MockClock(autojump_threshold=0.001)


def fleet(house: Whole, path: Path, weights: Mapping[Flow, int], *, count: int, seed: int) -> Fleet:
    options = TerminalOptions(
        port=house.ports["tpdu-header"], count=count, settle_at_end=True, timeout_s=60.0
    )
    control = Control(weights=dict(weights))
    identity = Identity(MID, TID)
    return Fleet([identity], options, control, path, seed, lambda _done: None)


async def traded(
    house: Whole, path: Path, *flows: Flow, count: int, seed: int = 1
) -> tuple[Summary, list[object]]:
    made = fleet(house, path, dict.fromkeys(flows, 1), count=count, seed=seed)
    with trio.fail_after(3600):
        summary = await made.run()
    return summary, list(read_rows(path, TERMINAL_ROWS))


async def test_orders_are_paid_or_closed_and_both_sides_agree(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house:
        ledger = tmp_path / "t.jsonl"
        summary, rows = await traded(house, ledger, Flow.WALLET_ORDER, count=10, seed=24)
        assert (summary.owed, summary.unsettled, summary.settlements_unequal) == (0, 0, 0)
        assert summary.by_flow["wallet-order"]["approved"] > 0
        assert summary.by_flow["wallet-order"]["declined"] > 0
        settled = [row for row in rows if isinstance(row, Settled)]
        assert house.acquirer.settled() == {(MID, "156"): settled[0].debit_minor}
        told = {row.stan: row for row in rows if isinstance(row, Told)}
        for asked in (row for row in rows if isinstance(row, Asked)):
            state = house.row(asked.stan, batch=asked.batch).state
            final = State.APPROVED if told[asked.stan].approved else State.DECLINED
            assert state is final
        closed = [one.effect for one in house.heard() if isinstance(one, HostReversal)]
        assert set(closed) <= {Effect.UNDONE, Effect.PAID, Effect.REPEAT}


async def test_payments_by_scanned_codes_and_refunds_of_both_add_up(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house:
        flows = (Flow.WALLET_ORDER, Flow.WALLET_PAY, Flow.WALLET_REFUND)
        summary, rows = await traded(house, tmp_path / "t.jsonl", *flows, count=16, seed=3)
        assert (summary.owed, summary.unsettled, summary.settlements_unequal) == (0, 0, 0)
        settled = [row for row in rows if isinstance(row, Settled)]
        given_back = {row.what for row in rows if isinstance(row, Asked) and row.original_stan}
        assert given_back == {Kind.WALLET_REFUND}
        net = settled[0].debit_minor - settled[0].credit_minor
        assert house.acquirer.settled() == {(MID, "156"): net}
        works = {getattr(one, "work", None) for one in house.heard()}
        assert {Work.ORDER, Work.SALE, Work.REFUND} <= works


async def test_an_order_of_which_nothing_was_heard_is_asked_for_again_and_never_reversed(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house:
        house.acquirer.host.moods = replace(
            house.acquirer.host.moods, chances=SILENT_SOMETIMES.chances
        )
        summary, rows = await traded(house, tmp_path / "t.jsonl", Flow.WALLET_ORDER, count=5)
        assert (summary.owed, summary.unsettled, summary.settlements_unequal) == (0, 0, 0)
        assert {type(row).__name__ for row in rows}.isdisjoint({"UndoDue", "UndoTried"})
        settled = [row for row in rows if isinstance(row, Settled)]
        assert house.acquirer.settled().get((MID, "156"), 0) == settled[0].debit_minor
