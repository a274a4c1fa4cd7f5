"""A customer who must confirm, over TCP: the switch asks until it is known, or cancels."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from pointsman.codecs.codec import Message
from pointsman.sim.host_messages import read_tags
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, Work
from pointsman.store.records import State
from pointsman.switch.confirming import pays_by_code
from pointsman.switch.inflight import Expected
from tests.codecs.golden import golden
from tests.switch.host_peer import ALPHA
from tests.switch.whole import BATCH, MID, WALLET, Pos, Whole, whole

pytestmark = pytest.mark.usefixtures("backend")
SALE: Mapping[int, str] = golden("cup-qr-c2b-sale-req").fields
PAY: Mapping[int, str] = golden("wallet-barcode-pay-req").fields
HOST_S = 20.0
PATIENT = replace(ALPHA, in_flight_max=200, host_timeout_s=HOST_S)
CONFIRMED, NEVER = 1_988, 1_987  # endings of amounts, docs/simulators.md


@pytest.fixture
def clock() -> MockClock:
    return MockClock(autojump_threshold=0.001)


async def pay(pos: Pos, amount: int, *, wallet: bool = False) -> Message:
    amounts = {4: f"{amount:012d}"}
    if wallet:
        return await pos.ask("1002", {**PAY, **amounts, 60: f"22{BATCH}"}, codec=WALLET)
    return await pos.ask("0200", {**SALE, **amounts, 60: f"22{BATCH}000600"})


def asked(house: Whole) -> list[HostRequest]:
    rows = (row for row in house.heard() if isinstance(row, HostRequest))
    return [row for row in rows if row.work is Work.QUERY]


@pytest.mark.parametrize("wallet", [False, True])
async def test_a_payment_that_is_confirmed_is_approved_with_one_answer(
    clock: MockClock, tmp_path: Path, wallet: bool
) -> None:
    async with whole(tmp_path, acquirer=PATIENT) as house, house.terminal() as pos:
        answer = await pay(pos, CONFIRMED, wallet=wallet)
        assert answer[39] == "00"
        assert read_tags(bytes.fromhex(answer[59]).decode())["A4"]
        row = house.row(answer[11])
        assert (row.state, row.approved_minor, row.auth_code) == (
            State.APPROVED, CONFIRMED, answer[38],
        )  # fmt: skip
        assert [one.code for one in asked(house)] == ["09", "00"]
        assert house.acquirer.settled() == {(MID, "156"): CONFIRMED}


async def test_one_that_nobody_confirms_is_cancelled_at_the_wallet(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=PATIENT) as house, house.terminal() as pos:
        began = trio.current_time()
        answer = await pay(pos, NEVER)
        assert answer[39] == "98"
        assert HOST_S - 1 < trio.current_time() - began < HOST_S + 5
        await house.quiet()
        effects = [row.effect for row in house.heard() if isinstance(row, HostReversal)]
        assert effects == [Effect.UNDONE]
        assert len(asked(house)) == int(HOST_S // 3)
        assert house.acquirer.settled() == {}
        assert (await pay(pos, NEVER))[39] == "98", "a copy never brings a fresh authorisation"


async def test_questions_whose_answer_is_not_proven_decide_nothing(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=PATIENT) as house, house.terminal() as pos:
        async with trio.open_nursery() as nursery:
            codes: list[str] = []

            async def customer() -> None:
                codes.append((await pay(pos, CONFIRMED))[39])

            nursery.start_soon(customer)
            await trio.sleep(2)
            keys = house.acquirer.host.keys
            house.acquirer.host.keys = replace(keys, zak=bytes(16))
        assert codes == ["98"]
        assert house.row(SALE[11]).state is State.UNKNOWN


async def test_a_card_that_is_told_09_is_declined_as_before(
    clock: MockClock, tmp_path: Path
) -> None:
    async with whole(tmp_path, acquirer=PATIENT) as house, house.terminal() as pos:
        card = golden("cup-sale-manual-req").fields
        fields = {**card, 4: f"{CONFIRMED:012d}", 60: f"22{BATCH}000600"}
        assert (await pos.ask("0200", fields))[39] == "00"
        assert asked(house) == []


@pytest.mark.parametrize(
    ("expected", "is_one"),
    [
        (Expected("0200", "", "", processing_code="000000"), True),
        (Expected("0200", "", "", processing_code="000000", last4="0019"), False),
        (Expected("0200", "", "", processing_code="200000"), False),
        (Expected("0100", "", "", processing_code="000000"), False),
    ],
)
def test_a_payment_by_code_is_a_sale_without_a_card(expected: Expected, is_one: bool) -> None:
    assert pays_by_code(expected) is is_one
