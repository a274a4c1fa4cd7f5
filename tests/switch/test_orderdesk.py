"""A merchant's order end to end over TCP: never told as failed while it can be paid."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.sim.host_messages import read_tags
from pointsman.sim.host_rows import Effect, HostReversal, Work
from pointsman.store.records import State
from tests.codecs.golden import golden
from tests.switch.host_peer import ALPHA
from tests.switch.whole import WALLET, Pos, whole

pytestmark = pytest.mark.usefixtures("backend")
ORDER = golden("wallet-qr-order-req").fields
STAN = ORDER[11]
QUICK = replace(ALPHA, order_s=10.0, in_flight_max=200)


@pytest.fixture
def clock() -> MockClock:
    """Jump when nothing has happened for a while: bytes and disk take real time."""
    return MockClock(autojump_threshold=0.001)


async def order(pos: Pos, amount: int = 1950) -> Message:
    return await pos.ask("1000", {**ORDER, 4: f"{amount:012d}"}, codec=WALLET)


async def about(pos: Pos, mti: str, number: str, stan: str, **more: str) -> Message:
    code, kind = {"1004": ("000000", "22"), "1006": ("200000", "23")}[mti]
    fields: Mapping[int, str] = {
        3: code, 11: stan, 41: ORDER[41], 42: ORDER[42], 60: f"{kind}000012", 61: number, 63: "001",
    }  # fmt: skip
    return await pos.ask(mti, fields, codec=WALLET)


async def test_an_order_is_paid_and_counts_then(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos)
        assert (given.mti, given[39], given[4]) == ("1010", "00", f"{1950:012d}")
        assert bytes.fromhex(given[61]).startswith(b"T20260315")
        assert bytes.fromhex(given[62]).startswith(b"https://")
        assert house.row(STAN).state is State.UNKNOWN
        answers = [(await about(pos, "1004", given[61], f"{n:06d}"))[39] for n in (181, 182)]
        assert answers[-1] == "00"
        assert set(answers) <= {"09", "00"}
        row = house.row(STAN)
        assert (row.state, row.approved_minor) == (State.APPROVED, 1950)
        assert house.acquirer.settled() == {(row.key.mid, "156"): 1950}
        again = await about(pos, "1004", given[61], "000183")
        assert (again[39], again[4]) == ("00", f"{1950:012d}")
        assert read_tags(bytes.fromhex(again[59]).decode())["A4"]


async def test_a_copy_of_an_order_gets_the_same_code_and_number(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        first, second = await order(pos, 1980), await order(pos, 1980)
        assert [second[n] for n in (39, 61, 62)] == [first[n] for n in (39, 61, 62)]
        assert len([one for one in house.heard() if one.mti == "0100"]) == 1


async def test_an_order_that_nobody_pays_is_closed_before_it_is_told_as_failed(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos, 1980)
        assert (await about(pos, "1004", given[61], "000181"))[39] == "09"
        await trio.sleep(25)
        assert house.row(STAN).state is State.DECLINED
        assert (await about(pos, "1004", given[61], "000182"))[39] == "05"
        assert house.acquirer.settled() == {}
        closed = [one for one in house.heard() if isinstance(one, HostReversal)]
        assert [one.effect for one in closed] == [Effect.UNDONE]


async def test_closing_that_is_refused_because_it_was_paid_counts_as_paid(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos, 1970)
        await trio.sleep(25)
        row = house.row(STAN)
        assert (row.state, row.approved_minor) == (State.APPROVED, 1970)
        effects = [one.effect for one in house.heard() if isinstance(one, HostReversal)]
        assert effects == [Effect.PAID]
        assert (await about(pos, "1004", given[61], "000182"))[39] == "00"
        assert house.acquirer.settled() == {(row.key.mid, "156"): 1970}


@pytest.mark.parametrize(
    ("amount", "code", "state"), [(1980, "00", "declined"), (1970, "12", "approved")]
)
async def test_a_terminal_closes_its_order_and_hears_whether_it_was_paid(
    clock: MockClock, tmp_path: Path, amount: int, code: str, state: str
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos, amount)
        answer = await about(pos, "1006", given[61], "000181")
        assert (answer.mti, answer[39]) == ("1016", code)
        assert house.row(STAN).state == state


async def test_an_order_that_the_acquirer_does_not_answer_is_found_out_and_closed(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        assert (await order(pos, 1998))[39] == "98"
        assert house.row(STAN).state is State.UNKNOWN
        await trio.sleep(80)
        assert house.row(STAN).state is State.DECLINED
        assert house.acquirer.settled() == {}


async def test_with_its_acquirer_away_an_order_stays_open_and_is_never_failed(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos, 1980)
        house.db.acquirers["alpha"] = replace(house.db.acquirers["alpha"], port=1)
        house.db.version += 1
        await trio.sleep(40)
        assert house.row(STAN).state is State.UNKNOWN
        assert (await about(pos, "1004", given[61], "000181"))[39] == "09"
        assert (await about(pos, "1006", given[61], "000182"))[39] == "98"


async def test_a_paid_order_is_refunded_by_its_number_up_to_what_was_paid(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos)
        await trio.sleep(25)
        refund = {
            **ORDER, 3: "200000", 4: "000000001000", 11: "000190", 60: "25000012", 61: given[61],
        }  # fmt: skip
        answer = await pos.ask("1008", refund, codec=WALLET)
        assert (answer.mti, answer[39]) == ("1018", "00")
        too_much = {**refund, 11: "000191", 4: "000000000951"}
        assert (await pos.ask("1008", too_much, codec=WALLET))[39] == "64"
        assert house.acquirer.settled() == {(ORDER[42], "156"): 950}
        refunds = [one for one in house.heard() if getattr(one, "work", "") is Work.REFUND]
        assert len(refunds) == 1


async def test_a_bar_code_is_paid_like_any_code(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        pay = {**golden("wallet-barcode-pay-req").fields, 4: f"{1950:012d}"}
        answer = await pos.ask("1002", pay, codec=WALLET)
        assert (answer.mti, answer[39]) == ("1012", "00")
        assert house.row(pay[11]).kind == "wallet-pay"
        assert house.acquirer.settled() == {(ORDER[42], "156"): 1950}


@pytest.mark.parametrize(
    ("mti", "changes", "code"),
    [
        ("1004", {61: b"T2026031500000180".hex()}, "25"),
        ("1004", {61: b"T2026031300x00180".hex()}, "30"),
        ("1004", {61: b"T2026139900000180".hex()}, "30"),
        ("1006", {61: b"X".hex()}, "30"),
        ("1003", {}, ""),
    ],
)
async def test_what_names_no_order_is_refused(
    clock: MockClock, tmp_path: Path, mti: str, changes: Mapping[int, str], code: str
) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        kind = {"1004": "22", "1006": "23", "1003": "22"}[mti]
        fields = {
            3: "200000" if mti == "1006" else "000000",
            11: "000182", 41: ORDER[41], 42: ORDER[42], 60: f"{kind}000012",
            61: b"T2026031500000180".hex(), 63: "001",
        }  # fmt: skip
        await pos.send(mti, {**fields, **changes}, codec=WALLET)
        if code:
            assert (await pos.hear(WALLET))[39] == code
        else:
            with trio.move_on_after(1):
                await pos.hear(WALLET)
                raise AssertionError("answered what is no type")
        assert house.heard() == []


async def test_a_wrong_mac_asks_nothing(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path, acquirer=QUICK) as house, house.terminal() as pos:
        given = await order(pos, 1980)
        before = len(house.heard())
        pos.keys = replace(pos.keys, mak=bytes(len(pos.keys.mak)))
        answer = await about(pos, "1006", given[61], "000181")
        assert (answer[39], 64 in answer) == ("A0", False)
        assert len(house.heard()) == before
