"""What an acquirer may answer to a payment, end to end over TCP, and what the terminal hears of it.

An answer that decides is handed on. One that says that its sender does not know (68, 96, 98) is
handed on, too, and what it leaves open is undone or sent on (terminal-protocol 12).
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from trio.testing import MockClock

from pointsman.store.records import State
from tests.codecs.golden import golden
from tests.switch.whole import BATCH, Listening, Pos, Whole, whole

SALE: Mapping[int, str] = golden("cup-sale-manual-req").fields
BALANCE = {n: v for n, v in SALE.items() if n != 4} | {3: "310000", 60: f"01{BATCH}000600"}
CODE_SALE: Mapping[int, str] = golden("cup-qr-c2b-sale-req").fields

pytestmark = pytest.mark.usefixtures("backend")


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


def says(house: Whole, code: str) -> None:
    assert isinstance(house.acquirer.host, Listening)
    house.acquirer.host.code = code


async def refund_of(pos: Pos, stan: str) -> dict[int, str]:
    """Sell, and return the refund of it."""
    sold = await pos.ask("0200", SALE)
    assert sold[39] == "00"
    names = {37: sold[37], 61: BATCH + SALE[11] + sold[13], 63: "000"}
    return dict(SALE) | names | {3: "200000", 11: stan, 60: f"25{BATCH}000600"}


@pytest.mark.parametrize("code", ["68", "96", "98"])
async def test_a_code_that_leaves_a_sale_open_is_told_and_the_sale_undone(
    clock: MockClock, tmp_path: Path, code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        says(house, code)
        first = await pos.ask("0200", SALE)
        assert first[39] == code
        await house.quiet()
        assert [one.mti for one in house.messages()] == ["0200", "0420"]
        assert house.acquirer.settled() == {}
        assert house.row(SALE[11]).response_code == code
        assert (await pos.ask("0200", SALE))[39] == code
        undo = {n: SALE[n] for n in (2, 3, 4, 11, 14, 22, 25, 41, 42, 49, 60)} | {39: "98"}
        assert (await pos.ask("0400", undo))[39] == "00"
        await house.quiet()
        assert len(house.messages()) == 2


@pytest.mark.parametrize("code", ["68", "96", "98"])
async def test_a_code_that_leaves_a_refund_open_is_98_until_it_is_known(
    clock: MockClock, tmp_path: Path, code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        refund = await refund_of(pos, "000901")
        says(house, code)
        assert (await pos.ask("0220", refund))[39] == "98"
        assert (await pos.ask("0220", refund))[39] == "98"
        says(house, "")
        for _ in range(20):
            await house.quiet()
        assert house.messages()[-1].mti == "0221"
        assert (await pos.ask("0220", refund))[39] == "00"
        assert not any(one.mti.startswith("04") for one in house.messages())


@pytest.mark.parametrize("code", ["01", "05", "51", "55", "75", "91", "92", "Q1"])
async def test_a_definite_decline_is_told_and_owes_nothing(
    clock: MockClock, tmp_path: Path, code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        says(house, code)
        answer = await pos.ask("0200", SALE)
        assert (answer[39], 38 in answer) == (code, False)
        await house.quiet()
        assert len(house.messages()) == 1
        assert house.row(SALE[11]).state is State.DECLINED


@pytest.mark.parametrize("code", ["11", "A2", "A4", "A5", "A6"])
async def test_an_approval_with_a_remark_is_an_approval(
    clock: MockClock, tmp_path: Path, code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        says(house, code)
        answer = await pos.ask("0200", SALE)
        assert (answer[39], 38 in answer) == (code, True)
        assert house.row(SALE[11]).state is State.APPROVED


async def test_an_inquiry_whose_issuer_did_not_answer_owes_nothing(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        says(house, "68")
        assert (await pos.ask("0200", BALANCE))[39] == "68"
        await house.quiet()
        assert len(house.messages()) == 1


async def test_an_answer_always_names_a_settlement_date(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        answer = await pos.ask("0200", SALE)
        assert (answer[15], answer[13]) == ("0315", "0315")


async def test_a_code_is_03_for_the_acquirer_whatever_the_terminal_calls_it(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        asked = {**CODE_SALE, 22: "042"}
        assert (await pos.ask("0200", asked))[39] == "00"
        (heard,) = house.messages()
        assert heard[22] == "032"
