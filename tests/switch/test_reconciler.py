"""Settlement dates held against a simulated acquirer over TCP: both count from their own books."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.sim.host_rows import HostTotals, Work
from pointsman.store.memory_records import MemoryRecords
from pointsman.store.reconciliations import Reconciled, Reconciliation
from pointsman.switch.reconciler import AGAIN_S, LOOK_S
from tests.codecs.golden import golden
from tests.switch.host_peer import ALPHA
from tests.switch.whole import BATCH, Pos, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
SALE: Mapping[int, str] = golden("cup-sale-manual-req").fields
ASKS = replace(ALPHA, reconciles="0500", in_flight_max=200)


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


async def sell(pos: Pos, stan: str, amount: int) -> str:
    fields = {**SALE, 4: f"{amount:012d}", 11: stan, 60: f"22{BATCH}000600"}
    answer = await pos.ask("0200", {n: v for n, v in fields.items() if n != 64})
    return answer[39] + answer[37]


async def trade(pos: Pos) -> None:
    """Two sales, a void, a refund of a part, and one that nobody answers."""
    first, second = await sell(pos, "000001", 10_000), await sell(pos, "000002", 5_000)
    assert (first[:2], second[:2]) == ("00", "00")
    named = {n: SALE[n] for n in (2, 14, 22, 25, 41, 42, 49)} | {3: "200000"}
    void = named | {
        4: f"{10_000:012d}", 11: "000003", 37: first[2:], 60: f"23{BATCH}000600",
        61: BATCH + "000001",
    }  # fmt: skip
    assert (await pos.ask("0200", void))[39] == "00"
    refund = named | {
        4: f"{2_000:012d}", 11: "000004", 37: second[2:], 60: f"25{BATCH}000600",
        61: BATCH + "0000020315", 63: "000",
    }  # fmt: skip
    assert (await pos.ask("0220", refund))[39] == "00"
    assert (await sell(pos, "000005", 7_098))[:2] == "98"  # carried out, then reversed


async def next_day(house: Whole) -> None:
    house.calendar.ahead = timedelta(days=1)
    await trio.sleep(2 * LOOK_S)


async def kept(house: Whole) -> list[Reconciliation]:
    return list(await MemoryRecords(house.db).reconciliations(10))


def said(house: Whole) -> list[HostTotals]:
    return [row for row in house.rows if isinstance(row, HostTotals)]


async def test_the_books_of_both_sides_agree(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path, acquirer=ASKS) as house, house.terminal() as pos:
        await trade(pos)
        await house.quiet()
        await trio.sleep(2 * LOOK_S)
        assert said(house) == [], "its date is not over"
        await next_day(house)
        (row,) = said(house)
        assert (row.mti, row.code, row.result) == ("0500", "00", "1")
        figures = dict(row.said)
        assert (figures[88], figures[89], figures[86], figures[97]) == (
            f"{15_000:016d}", f"{10_000:016d}", f"{2_000:016d}", f"C{3_000:016d}",
        )  # fmt: skip
        (one,) = await kept(house)
        assert one.state is Reconciled.BALANCED
        await trio.sleep(2 * AGAIN_S)
        assert len(said(house)) == 1, "said once"


async def test_a_difference_is_kept_with_both_figures_and_blocks_nothing(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=ASKS) as house, house.terminal() as pos:
        await trade(pos)
        await house.quiet()
        book = house.acquirer.host.book
        key, entry = next(
            (key, entry) for key, entry in book.entries.items() if entry.row.work is Work.REFUND
        )
        book.entries[key] = replace(entry, undone=True)
        await next_day(house)
        (one,) = await kept(house)
        assert (one.state, one.code) == (Reconciled.DIFFERS, "95")
        assert one.totals.credit_minor == 2_000
        name = "acquirer_reconciliations_total"
        assert house.counted(name, acquirer="alpha", result="differs") == 1
        assert house.counted(name, acquirer="alpha", result="balanced") == 0
        assert (one.theirs["86"], one.theirs["97"]) == (f"{0:016d}", f"C{5_000:016d}")
        assert (await sell(pos, "000006", 3_000))[:2] == "00"


async def test_one_that_is_not_answered_is_said_again_as_a_repeat(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=replace(ASKS, reconciles="0520")) as house:
        async with house.terminal() as pos:
            await sell(pos, "000001", 10_000)
            zak = house.acquirer.host.keys.zak
            house.acquirer.host.keys = replace(house.acquirer.host.keys, zak=bytes(16))
            await next_day(house)  # its answer has a wrong MAC: as if nothing had come
            house.acquirer.host.keys = replace(house.acquirer.host.keys, zak=zak)
            await trio.sleep(AGAIN_S + 2 * LOOK_S)
        first, second = said(house)
        assert (first.mti, second.mti, second.code) == ("0520", "0521", "00")
        assert (first.key, first.said) == (second.key, second.said)
        (one,) = await kept(house)
        assert (one.state, one.attempts) == (Reconciled.BALANCED, 2)


async def test_an_acquirer_that_does_not_reconcile_is_not_asked(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        await sell(pos, "000001", 10_000)
        await next_day(house)
        assert (said(house), await kept(house)) == ([], [])
