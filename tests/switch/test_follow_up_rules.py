"""What may follow what, end to end over TCP: a test for each sentence of the rules."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.store.parties import BatchState
from tests.codecs.golden import golden
from tests.switch.whole import BATCH, MID, TID, Pos, Whole, whole

SALE: Mapping[int, str] = golden("cup-sale-manual-req").fields
CARD = {2: SALE[2], 14: SALE[14]}
ACCOUNT = (MID, "156")


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


class Till:
    """A terminal that makes follow-ups of what it was answered."""

    def __init__(self, house: Whole, pos: Pos) -> None:
        self.house = house
        self.pos = pos
        self.stans = count(1)

    async def ask(self, mti: str, kind: str, amount: int, **more: str) -> tuple[str, Message]:
        stan = f"{next(self.stans):06d}"
        codes = {"22": "000000", "23": "200000", "25": "200000", "10": "030000"}
        fields = {
            **{n: SALE[n] for n in (22, 25, 41, 42, 49)}, **CARD,
            3: codes.get(kind, "000000"), 4: f"{amount:012d}", 11: stan, 60: f"{kind}{BATCH}000600",
        }  # fmt: skip
        fields |= {int(name[1:]): value for name, value in more.items()}
        return stan, await self.pos.ask(mti, fields)

    async def sell(self, amount: int = 10_000) -> tuple[str, Message]:
        return await self.ask("0200", "22", amount)

    async def after(
        self, sold: tuple[str, Message], mti: str, kind: str, amount: int, **more: str
    ) -> str:
        """Follow a sale; return the code."""
        stan, answer = sold
        named = {"f37": answer[37], "f61": BATCH + stan + answer[13], "f63": "000"}
        if kind == "23":
            named["f61"] = BATCH + stan
        _, told = await self.ask(mti, kind, amount, **named, **more)
        return told[39]

    async def void(self, sold: tuple[str, Message], amount: int = 10_000) -> str:
        return await self.after(sold, "0200", "23", amount)

    async def refund(self, sold: tuple[str, Message], amount: int) -> str:
        return await self.after(sold, "0220", "25", amount)

    async def hold(self, amount: int = 10_000) -> tuple[str, Message]:
        return await self.ask("0100", "10", amount, f25="06")

    async def complete(self, held: tuple[str, Message], amount: int) -> tuple[str, Message]:
        answer = held[1]
        named = {"f38": answer[38], "f61": "0" * 12 + answer[13]}
        return await self.ask("0200", "20", amount, f25="06", **named)

    def settled(self) -> int:
        return self.house.acquirer.settled().get(ACCOUNT, 0)


async def test_refunds_come_to_what_was_approved_and_no_further(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        codes = [await till.refund(sold, amount) for amount in (4_000, 6_010, 6_000, 10)]
        assert codes == ["00", "64", "00", "64"]
        assert till.settled() == 0


async def test_a_tip_counts_for_what_may_be_refunded(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        assert await till.after(sold, "0220", "34", 12_000, f48=f"{2_000:012d}") == "00"
        await house.quiet()
        assert await till.refund(sold, 12_010) == "64"
        assert await till.refund(sold, 12_000) == "00"
        assert till.settled() == 0


async def test_a_tip_has_a_ceiling_and_no_floor_below_the_sale(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        codes = [
            await till.after(sold, "0220", "34", amount, f48="0" * 12)
            for amount in (20_010, 9_990, 20_000)
        ]
        assert codes == ["64", "64", "00"]


async def test_a_sale_is_voided_once_and_not_refunded_then(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        assert await till.void(sold, 9_990) == "64"
        assert await till.void(sold) == "00"
        assert await till.void(sold) == "12"
        assert await till.refund(sold, 10) == "12"
        assert till.settled() == 0


async def test_a_partly_refunded_sale_is_not_voided(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        assert await till.refund(sold, 10) == "00"
        assert await till.void(sold) == "12"
        assert till.settled() == 9_990


async def test_nothing_of_a_closed_batch_is_voided_but_refunded(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        house.db.batches[MID, TID, BATCH].state = BatchState.CLOSED
        assert await till.void(sold) == "77", "its own batch is not open either: sign in first"
        following = f"{int(BATCH) + 1:06d}"
        house.db.batches[MID, TID, following] = replace(house.db.batches[MID, TID, BATCH])
        house.db.batches[MID, TID, following].state = BatchState.OPEN
        before = len(house.heard())
        later = {"f60": f"23{following}000600"}
        assert await till.after(sold, "0200", "23", 10_000, **later) == "12"
        assert len(house.heard()) == before
        later = {"f60": f"25{following}000600"}
        assert await till.after(sold, "0220", "25", 10_000, **later) == "00"


async def test_what_follows_a_sale_in_doubt_or_being_undone_is_12(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell(10_098)  # carried out, never answered
        assert sold[1][39] == "98"
        assert await till.void(sold, 10_098) == "12"
        assert await till.refund(sold, 10) == "12"
        await house.quiet()
        assert till.settled() == 0
        assert await till.refund(sold, 10) == "12", "undone"


async def test_what_a_declined_follow_up_reserved_is_free_and_of_a_silent_one_is_not(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        book = house.acquirer.host.book
        ((key, entry),) = book.entries.items()
        book.entries[key] = replace(entry, refunded_minor=10_000)
        assert await till.refund(sold, 10_000) == "61", "declined by the acquirer"
        book.entries[key] = entry
        assert await till.refund(sold, 10_000) == "00", "free again"
        other = await till.sell()
        assert await till.refund(other, 9_998) == "98"
        assert await till.refund(other, 10) == "64", "held until its result is known"


async def test_a_hold_is_completed_once_and_up_to_its_ceiling(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        held = await till.hold()
        assert (await till.complete(held, 11_510))[1][39] == "64"
        assert (await till.complete(held, 11_500))[1][39] == "00"
        assert (await till.complete(held, 10))[1][39] == "12"
        assert till.settled() == 11_500


async def test_a_cancelled_completion_makes_room_for_another(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        held = await till.hold()
        done = await till.complete(held, 10_000)
        assert await till.after(done, "0200", "21", 10_000, f3="200000", f25="06") == "00"
        assert (await till.complete(held, 9_000))[1][39] == "00"
        assert till.settled() == 9_000


async def test_the_reversal_of_a_void_makes_its_sale_live_again(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        assert await till.void(sold) == "00"
        void_stan = f"{next(till.stans) - 1:06d}"
        undo = {
            **{n: SALE[n] for n in (22, 25, 41, 42, 49)}, **CARD, 3: "200000", 4: f"{10_000:012d}",
            11: void_stan, 39: "98", 60: f"23{BATCH}000600", 61: BATCH + sold[0],
        }  # fmt: skip
        assert (await pos.ask("0400", undo))[39] == "00"
        await house.quiet()
        assert till.settled() == 10_000
        assert await till.refund(sold, 10_000) == "00"


async def test_another_terminal_may_refund_and_may_not_void(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, tids=(TID, "12345679")) as house, house.terminal() as pos:
        till = Till(house, pos)
        sold = await till.sell()
        assert await till.after(sold, "0200", "23", 10_000, f41="12345679") == "25"
        assert await till.after(sold, "0220", "25", 10_000, f41="12345679") == "00"
