"""Terminals of the international dialect end to end over TCP, beside the others."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.sim.host_rows import Effect, HostReversal, Work
from pointsman.store.parties import BatchState
from pointsman.store.records import State, Voiding
from tests.codecs.golden import golden
from tests.switch.whole import BATCH, MID, NII, NII_TID, TID, Pos, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
SALE: Mapping[int, str] = {
    **golden("nii-sale-repeat-0201-req").fields,
    4: "000000001250",
    11: "000010",
    41: NII_TID,
    42: MID,
}
SALE_CHIP = SALE[55].replace("9F0206000000010000", "9F0206000000001250")
SALE = {**SALE, 55: SALE_CHIP}


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


async def ask(pos: Pos, mti: str, fields: Mapping[int, str]) -> Message:
    return await pos.ask(mti, fields, codec=NII, mac=False)


async def sell(pos: Pos, stan: str = "000010", amount: int = 1250) -> Message:
    return await ask(pos, "0200", {**SALE, 11: stan, 4: f"{amount:012d}"})


def settlement(
    code: str, sales: int, minor: int, refunds: int = 0, back: int = 0
) -> dict[int, str]:
    text = f"{sales:03d}{minor:012d}{refunds:03d}{back:012d}"
    return {
        3: code, 11: "000900", 24: "003", 41: NII_TID, 42: MID, 60: BATCH,
        63: text.encode().hex(),
    }  # fmt: skip


def nii_row(house: Whole, stan: str) -> object:
    return house.row(stan, tid=NII_TID)


async def test_a_sale_is_approved_with_the_golden_fields(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        answer = await sell(pos)
        assert (answer.mti, answer[39]) == ("0210", "00")
        assert set(answer.fields) == set(golden("nii-sale-resp-approved-real").fields)
        row = house.row("000010", tid=NII_TID)
        assert (row.kind, row.state, row.approved_minor) == ("sale", State.APPROVED, 1250)
        assert house.acquirer.settled() == {(MID, "156"): 1250}


async def test_a_repeat_gets_the_stored_answer_and_no_second_authorisation(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        first = await sell(pos)
        second = await ask(pos, "0201", SALE)
        assert [second[n] for n in (37, 38, 39)] == [first[n] for n in (37, 38, 39)]
        assert len(house.heard()) == 1


async def test_a_void_takes_its_sale_back_and_only_its_own(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        sold = await sell(pos)
        void = {n: SALE[n] for n in (22, 24, 25, 41, 42)} | {
            2: "4111111111111111", 14: "3012", 3: "020000", 4: f"{1250:012d}", 11: "000011",
            37: sold[37], 38: sold[38], 60: f"{1250:012d}", 62: "000077",
        }  # fmt: skip
        assert (await ask(pos, "0200", {**void, 37: "607499999999"}))[39] == "25"
        answer = await ask(pos, "0200", {**void, 11: "000012"})
        assert (answer.mti, answer[39]) == ("0210", "00")
        assert (await ask(pos, "0200", {**void, 11: "000013"}))[39] == "12"
        assert house.acquirer.settled() == {(MID, "156"): 0}


async def test_a_void_without_our_reference_finds_its_sale_by_the_invoice(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        await ask(pos, "0200", {**SALE, 62: "000076", 11: "000009"})
        await sell(pos)
        void = {n: SALE[n] for n in (22, 24, 25, 41, 42)} | {
            2: "4111111111111111", 14: "3012", 3: "020000", 4: f"{1250:012d}", 11: "000011",
            60: f"{1250:012d}", 62: "000099",
        }  # fmt: skip
        assert (await ask(pos, "0200", void))[39] == "25", "no such invoice"
        assert (await ask(pos, "0200", {**void, 11: "000012", 62: SALE[62]}))[39] == "00"
        assert (await ask(pos, "0200", {**void, 11: "000013", 62: SALE[62]}))[39] == "12"
        assert house.row("000010", tid=NII_TID).voiding is Voiding.DONE
        assert house.row("000009", tid=NII_TID).voiding is Voiding.NONE
        tip = {**void, 3: "020000", 4: f"{1350:012d}", 11: "000014", 54: f"{100:012d}"}
        assert (await ask(pos, "0220", {**tip, 62: "000076"}))[39] == "00"
        await house.quiet()
        assert house.acquirer.settled() == {(MID, "156"): 1350}
        await ask(pos, "0500", settlement("920000", 1, 1350))
        late = {**void, 11: "000015", 62: "000076"}
        assert (await ask(pos, "0200", late))[39] == "25", "invoices are those of the open batch"


@pytest.mark.parametrize(("pin", "code"), [("123456", "00"), ("654321", "55")])
async def test_a_pin_is_proven_by_the_issuer_where_the_terminal_has_a_key(
    clock: MockClock, tmp_path: Path, pin: str, code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        keys = house.db.terminals[MID, TID].key_sets
        house.db.terminals[MID, NII_TID].key_sets = dict(keys)
        await house.site_changed()
        sign_on = {3: "920000", 11: "000001", 24: "003", 41: NII_TID, 42: MID}
        assert (await ask(pos, "0800", sign_on))[39] == "00"
        block = pos.keys.pin_block(pin, "4111111111111111")
        answer = await ask(pos, "0200", {**SALE, 52: block})
        assert (answer.mti, answer[39]) == ("0210", code)
        (heard,) = house.messages()
        assert heard[22][2] == "1"
        assert heard[52] not in ("", block), "translated to the acquirer's key"


async def test_a_refund_is_a_request_and_is_reversed_on_silence(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        sold = await sell(pos)
        refund = {n: SALE[n] for n in (22, 24, 25, 41, 42)} | {
            3: "200000", 4: f"{550:012d}", 11: "000011", 37: sold[37], 62: "000078",
        }  # fmt: skip
        assert (await ask(pos, "0200", refund))[39] == "00"
        assert house.acquirer.settled() == {(MID, "156"): 700}
        silent = {**refund, 11: "000012", 4: f"{98:012d}"}
        assert (await ask(pos, "0200", silent))[39] == "98"
        await house.quiet()
        undone = [row for row in house.heard() if isinstance(row, HostReversal)]
        assert [row.effect for row in undone] == [Effect.UNDONE]
        assert house.acquirer.settled() == {(MID, "156"): 700}
        works = [getattr(row, "work", None) for row in house.heard()]
        assert works.count(Work.REFUND) == 2


async def test_a_void_of_a_refund_undoes_it_and_hears_the_same_again(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        sold = await sell(pos)
        refund = {n: SALE[n] for n in (22, 24, 25, 41, 42)} | {
            3: "200000", 4: f"{550:012d}", 11: "000011", 37: sold[37], 62: "000078",
        }  # fmt: skip
        back = await ask(pos, "0200", refund)
        void = {**refund, 3: "220000", 11: "000012", 37: back[37]}
        assert (await ask(pos, "0200", {**void, 37: sold[37]}))[39] == "12", "a sale is no refund"
        assert (await ask(pos, "0200", {**void, 37: "607499999999"}))[39] == "25"
        assert (await ask(pos, "0200", {**void, 4: f"{551:012d}"}))[39] == "64"
        for _ in range(2):
            answer = await ask(pos, "0200", void)
            assert [answer[n] for n in (3, 4, 11, 39)] == ["220000", void[4], "000012", "00"]
        await house.quiet()
        undone = [row for row in house.heard() if isinstance(row, HostReversal)]
        assert [row.effect for row in undone] == [Effect.UNDONE]
        assert house.acquirer.settled() == {(MID, "156"): 1250}
        assert (await ask(pos, "0500", settlement("920000", 1, 1250)))[39] == "00"


async def test_a_reversal_undoes_the_sale_of_its_stan(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        await sell(pos)
        undo = {n: SALE[n] for n in (3, 4, 11, 22, 24, 25, 41, 42, 62)}
        answer = await ask(pos, "0400", undo)
        assert (answer.mti, answer[39]) == ("0410", "00")
        await house.quiet()
        assert house.acquirer.settled() == {}


async def test_a_balanced_settlement_closes_the_batch_and_the_next_is_open(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        await sell(pos)
        answer = await ask(pos, "0500", settlement("920000", 1, 1250))
        assert (answer.mti, answer[39]) == ("0510", "00")
        assert house.db.batches[MID, NII_TID, BATCH].state is BatchState.CLOSED
        assert house.db.batches[MID, NII_TID, BATCH].result == "balanced"
        assert (await sell(pos, "000010"))[39] == "00"
        assert house.row("000010", tid=NII_TID, batch="000013").state is State.APPROVED


async def test_a_settlement_that_differs_is_uploaded_and_ended(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        sold = await sell(pos)
        await sell(pos, "000011", 850)
        answer = await ask(pos, "0500", settlement("920000", 1, 1250))
        assert answer[39] == "95"
        assert set(answer.fields) == set(golden("nii-settlement-resp-95").fields)
        item = {
            **golden("nii-tc-upload-0320-req").fields, 4: f"{1250:012d}", 11: "000901",
            41: NII_TID, 42: MID, 37: sold[37], 60: "0200000010" + 12 * " ",
        }  # fmt: skip
        uploaded = await ask(pos, "0320", item)
        assert (uploaded.mti, uploaded[39], uploaded[11]) == ("0330", "00", "000901")
        end = await ask(pos, "0500", settlement("960000", 1, 1250))
        assert (end.mti, end[39]) == ("0510", "00")
        assert house.db.batches[MID, NII_TID, BATCH].state is BatchState.CLOSED
        lost = [key for key in house.db.exceptions if key[4] == "terminal lost it"]
        assert [key[3] for key in lost] == ["000011"]
        assert (await sell(pos, "000020"))[39] == "00"


async def test_a_sign_on_and_a_test_are_answered(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        for code, told in (("920000", "00"), ("990000", "00"), ("000000", "40")):
            fields = {3: code, 11: "000001", 24: "003", 41: NII_TID, 42: MID}
            answer = await ask(pos, "0800", fields)
            assert (answer.mti, answer[39]) == ("0810", told)
        assert house.heard() == []


@pytest.mark.parametrize(
    ("mti", "changes", "code"),
    [
        ("0200", {3: "210000"}, "40"),
        ("0200", {52: "0" * 16}, "30"),
        ("0200", {4: "0" * 12}, "13"),
        ("0200", {41: "99999999"}, "97"),
        ("0200", {41: TID}, "97"),
        ("0500", {3: "920000", 60: "12", 63: "30" * 30}, "30"),
        ("0500", {3: "920000", 60: BATCH, 63: "41"}, "30"),
        ("0500", {3: "910000", 60: BATCH, 63: "30" * 30}, "40"),
        ("0320", {60: "0200"}, "30"),
    ],
)
async def test_what_is_wrong_is_refused_and_reaches_nobody(
    clock: MockClock, tmp_path: Path, mti: str, changes: Mapping[int, str], code: str
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        assert (await ask(pos, mti, {**SALE, **changes}))[39] == code
        assert house.heard() == []
        assert (await sell(pos, "000077"))[39] == "00", "the connection stays"


async def test_a_terminal_of_this_dialect_may_not_come_by_the_other_door(
    clock: MockClock, tmp_path: Path
) -> None:
    sale = {**golden("cup-sale-swipe-pin-req").fields, 41: NII_TID}
    async with whole(tmp_path) as house, house.terminal() as pos:
        assert (await pos.ask("0200", sale))[39] == "97"
        assert house.heard() == []


async def test_its_terminal_may_be_disabled_and_still_settle(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        await sell(pos)
        house.db.terminals[MID, NII_TID].active = False
        await house.site_changed()
        assert (await sell(pos, "000011"))[39] == "97"
        assert (await ask(pos, "0500", settlement("920000", 1, 1250)))[39] == "00"
        assert replace(house.db.terminals[MID, NII_TID]).batch == "000013"


async def test_a_cash_advance_is_voided_refunded_and_reversed_like_a_sale(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal("tpdu") as pos:
        cash = {**SALE, 3: "010000"}
        paid = await ask(pos, "0200", {**cash, 11: "000020"})
        assert (paid[39], paid[3]) == ("00", "010000")
        row = house.row("000020", tid=NII_TID)
        assert (row.kind, row.state, row.approved_minor) == ("cash", State.APPROVED, 1250)
        assert house.messages()[-1][3] == "010000"
        after = {n: SALE[n] for n in (22, 24, 25, 41, 42)} | {
            2: "4111111111111111", 4: f"{1250:012d}", 14: "3012", 62: "000077",
        }  # fmt: skip
        void = after | {3: "020000", 11: "000021", 37: paid[37]}
        assert (await ask(pos, "0200", void))[39] == "00"
        other = await ask(pos, "0200", {**cash, 11: "000022"})
        refund = after | {3: "200000", 11: "000023", 37: other[37], 4: f"{500:012d}"}
        assert (await ask(pos, "0200", refund))[39] == "00"
        silent = {**cash, 11: "000024", 4: f"{1298:012d}", 55: chip_of(1298)}
        assert (await ask(pos, "0200", silent))[39] == "98"
        await house.quiet()
        undone = [one.effect for one in house.heard() if isinstance(one, HostReversal)]
        assert undone == [Effect.UNDONE]
        assert house.acquirer.settled() == {(MID, "156"): 750}


def chip_of(amount: int) -> str:
    return SALE[55].replace("9F0206000000001250", f"9F0206{amount:012d}")
