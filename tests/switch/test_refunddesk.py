"""A refund of the back office in a whole switch: at the acquirer once, whatever is sent again."""

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.handover import VIRTUAL_TID, RefundOrder
from pointsman.sim.host_rows import HostRequest
from pointsman.store.memory import BatchRow
from pointsman.store.records import State
from tests.codecs.golden import golden
from tests.switch.whole import BATCH, MID, TID, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
SALE = dict(golden("cup-sale-swipe-pin-req").fields)


@pytest.fixture
def clock() -> MockClock:
    """Jump when nothing has happened for a while."""
    return MockClock(autojump_threshold=0.001)


async def sold(house: Whole) -> RefundOrder:
    """Sell something; return an order to give a part of it back."""
    plain = {n: v for n, v in SALE.items() if n not in {26, 52, 53}}
    fields = {**plain, 22: "022", 41: TID, 42: MID, 60: f"22{BATCH}000", 64: ""}
    async with house.terminal() as pos:
        answer = await pos.ask("0200", fields)
    assert answer[39] == "00"
    house.db.batches[MID, VIRTUAL_TID, "000001"] = BatchRow()
    sale = house.row(SALE[11])
    return RefundOrder(sale.id, MID, "000001", "000001", 100, sale.currency)


async def test_a_refund_is_the_same_refund_however_often_it_is_ordered(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house:
        order = await sold(house)
        told: list[str] = []

        async def refund() -> None:
            told.append(await house.board.refunds.refund(order))

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(refund)
        assert told == ["00"] * 3
        row = house.row("000001", tid=VIRTUAL_TID, batch="000001")
        assert (row.state, row.kind, row.approved_minor) == (State.APPROVED, "refund", 100)
        assert row.original == order.payment
        asked = [one for one in house.heard() if isinstance(one, HostRequest)]
        assert len([one for one in asked if "refund" in repr(one).lower()]) == 1
        assert house.row(SALE[11]).refunded_minor == 100


async def test_more_than_is_left_and_what_is_not_ours_is_refused(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house:
        order = await sold(house)
        refund = house.board.refunds.refund
        assert await refund(replaced(order, amount_minor=10**9, stan="000002")) == "64"
        assert await refund(replaced(order, mid="898100053319999")) == "25"
        assert await refund(replaced(order, payment=bytes(16))) == "25"
        assert await refund(replaced(order, batch="000009", stan="000003")) == "77"
        house.board.refunds.draining = True
        assert await refund(order) == "96"
        assert house.row(SALE[11]).refunded_minor == 0


async def test_nobody_signs_in_under_the_virtual_terminal(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house:
        order = await sold(house)
        assert await house.board.refunds.refund(order) == "00"
        async with house.terminal() as pos:
            plain = {n: v for n, v in SALE.items() if n not in {26, 52, 53}}
            fields = {**plain, 22: "022", 41: VIRTUAL_TID, 42: MID, 60: "22000001000", 64: ""}
            answer = await pos.ask("0200", fields)
            assert answer[39] == "97"


def replaced(order: RefundOrder, **more: object) -> RefundOrder:
    fields = {name: getattr(order, name) for name in order.__struct_fields__}
    return RefundOrder(**(fields | more))
