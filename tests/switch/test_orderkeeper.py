"""What is done about one order: asked while it may be paid, then closed, asked again if refused."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import trio

from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.store.records import Outcome, Owed, OwedState, State, Transaction
from pointsman.switch.hostseal import HostSeal, NotNowError
from pointsman.switch.orderkeeper import OrderKeeper, is_final, wait_s
from pointsman.switch.orders import Fate, order_field
from pointsman.switch.traffic import Answered, HostRequest, HostResult, OnResult, Silent
from tests.switch.host_peer import ALPHA, CODEC
from tests.switch.lives import approved_sale

ORDER = replace(approved_sale(), kind="wallet-order", state=State.UNKNOWN, response_code="00")
ROW = Owed(ORDER.id, "advice", ORDER, OwedState.DUE, "", 0, "", "", 0)
QUICK = replace(ALPHA, order_s=60.0, request_life_s=60.0)


@dataclass
class Host:
    """Link, numbers, store: answers by code in turn, "" is silence."""

    codes: list[str]
    signed_on: bool = True
    heard: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def send(self, request: HostRequest, done: OnResult) -> None:
        message = CODEC.decode(request.data)
        self.heard.append(message.mti)
        code = self.codes.pop(0)
        result: HostResult = Silent()
        if code:
            mti = f"{message.mti[:2]}{int(message.mti[2]) + 1}0"
            kept = {n: message[n] for n in (7, 11, 41, 42)}
            result = Answered(CODEC.decode(CODEC.encode(mti, {**kept, 39: code})), 0.1)
        done(result)

    def take(self) -> str | None:
        return "000009"

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        await trio.lowlevel.checkpoint()
        assert id == ORDER.id
        self.outcomes.append(outcome)


@asynccontextmanager
async def keeper(host: Host) -> AsyncIterator[OrderKeeper]:
    def paid(order: Transaction, fields: object) -> Outcome:
        return Outcome(order.id, State.APPROVED, "00", {"39": "00"})

    seal = HostSeal(QUICK, codec=CODEC, hsm=None, timers=Timers())  # type: ignore[arg-type]  # no keys
    stans: Any = host  # the one method that is used
    yield OrderKeeper(QUICK, host, host, seal, stans, Effects(), paid)


@pytest.mark.parametrize(
    ("age_s", "codes", "heard", "fates", "states"),
    [
        (0, ["09", "00"], ["0200", "0200"], [Fate.OPEN, Fate.PAID], ["approved"]),
        (0, ["", "25"], ["0200", "0200"], [Fate.UNHEARD, Fate.OPEN], []),
        (60, ["00"], ["0420"], [Fate.CLOSED], ["declined"]),
        (60, ["12", "00"], ["0420", "0200"], [Fate.REFUSED, Fate.PAID], ["approved"]),
        (60, ["12", "09", "00"], ["0420", "0200", "0420"], [Fate.REFUSED, Fate.OPEN, Fate.CLOSED],
         ["declined"]),
        (60, ["", "25"], ["0420", "0420"], [Fate.UNHEARD, Fate.CLOSED], ["declined"]),
    ],
)  # fmt: skip
async def test_it_is_asked_then_closed_and_the_outcome_is_written_once(
    age_s: int, codes: list[str], heard: list[str], fates: list[Fate], states: list[str]
) -> None:
    host = Host(list(codes))
    async with keeper(host) as kept:
        found = [await kept.pursue(replace(ROW, age_s=age_s)) for _ in codes]
    assert (host.heard, found) == (heard, fates)
    assert [one.state.value for one in host.outcomes] == states
    assert is_final(found[-1]) is bool(states)


async def test_a_repeat_of_an_order_hears_its_number_though_its_first_answer_was_lost() -> None:
    number = "T2026112200000002"
    order = replace(ORDER, host={**ORDER.host, "48": order_field(number)}, answer={"39": "98"})
    host = Host(["00"])
    async with keeper(host) as kept:
        await kept.ask(order)
    assert bytes.fromhex(host.outcomes[0].answer["61"]).decode() == number


async def test_p23_a_wall_clock_that_is_set_back_does_not_keep_an_order_open() -> None:
    host = Host(["00"])
    async with keeper(host) as kept:
        fate = await kept.pursue(replace(ROW, age_s=0, attempts=12))
    assert (host.heard, fate) == (["0420"], Fate.CLOSED)
    assert wait_s(Fate.OPEN, replace(ROW, attempts=12), QUICK, 40.0) == 40.0


async def test_while_the_link_is_away_nothing_is_said() -> None:
    host = Host(["00"], signed_on=False)
    async with keeper(host) as kept:
        with pytest.raises(NotNowError):
            await kept.pursue(ROW)
    assert host.heard == []


def test_it_is_asked_soon_while_it_may_be_paid_and_at_once_when_it_would_not_close() -> None:
    old = replace(ROW, age_s=61)
    assert wait_s(Fate.OPEN, ROW, QUICK, 40.0) == 5.0
    assert wait_s(Fate.UNHEARD, old, QUICK, 40.0) == 40.0
    assert wait_s(Fate.REFUSED, old, QUICK, 40.0) == 0.0
