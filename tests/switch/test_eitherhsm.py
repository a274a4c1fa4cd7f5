"""A terminal's whole day with each HSM: keys are told, a PIN moves, money goes there and back.

What errands.py and conductor.py decide is tested beside them with scripted answers of an HSM; here
the keys, PIN blocks and MACs are real ones, made and checked by the simulators' own code.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.hsm.primitives import Algorithm, encryptor
from pointsman.sim.host_rows import HostRequest
from pointsman.sim.terminal_keys import unwrap
from tests.codecs.golden import golden
from tests.hsm.laboratory import TMK
from tests.switch.whole import BATCH, MID, TID, Pos, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
PAN = "6226388000000095"
SALE = golden("cup-sale-swipe-pin-req").fields
PIN = "123456"


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


async def sign_in(pos: Pos, stan: str = "000001") -> Message:
    words = golden("cup-signin-req-003-real").fields[62]
    plain = {11: stan, 41: TID, 42: MID, 60: f"00{BATCH}003", 62: words, 63: "01 "}
    return await pos.ask("0800", plain)


async def sell(pos: Pos, stan: str, *, block: str | None = None) -> Message:
    made = pos.keys.pin_block(PIN, PAN) if block is None else block
    return await pos.ask("0200", {**SALE, 11: stan, 52: made})


async def signed_in(house: Whole, pos: Pos) -> None:
    answer = await sign_in(pos)
    assert answer[39] == "00"
    told = unwrap(TMK, "003", bytes.fromhex(answer[62]))
    assert told != pos.keys
    pos.keys = told


async def test_keys_told_at_a_sign_in_serve_a_day(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        await signed_in(house, pos)
        sale = await sell(pos, "000120")
        assert sale[39] == "00"
        void = {**golden("cup-void-req").fields, 11: "000124", 37: sale[37], 38: sale[38]}
        void |= {52: pos.keys.pin_block(PIN, PAN)}
        assert (await pos.ask("0200", void))[39] == "00"
        second = await sell(pos, "000126")
        reversal = {**golden("cup-reversal-sale-req").fields, 11: "000126"}
        assert second[39] == "00"
        assert (await pos.ask("0400", reversal))[39] == "00"
        third = await sell(pos, "000127")
        assert third[39] == "00"
        assert house.acquirer.settled() == {(MID, "156"): 10_000}
        asked = [row for row in house.heard() if isinstance(row, HostRequest)]
        assert len(asked) >= 4


async def test_a_faulty_pin_block_reaches_no_acquirer(clock: MockClock, tmp_path: Path) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        await signed_in(house, pos)
        bent = encryptor(Algorithm.TDES, pos.keys.pik)(b"\xd4" + bytes(7)).hex().upper()
        answer = await sell(pos, "000120", block=bent)
        assert answer[39] == "99"  # the PIN block is faulty
        assert house.heard() == []
        assert (await sell(pos, "000121"))[39] == "00"


async def test_a_message_under_keys_that_were_replaced_is_refused(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path) as house, house.terminal() as pos:
        await signed_in(house, pos)
        assert (await sell(pos, "000120"))[39] == "00"
        pos.keys = replace(pos.keys, mak=pos.keys.mak[::-1])
        bare = await sell(pos, "000121")
        assert bare[39] == "A0"
        assert 64 not in bare
        assert len(house.heard()) == 1
