"""Whose MAC it is: the sets that are known, then those of another worker; what is told is tested
through errands.py and orderdesk.py.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import trio

from pointsman.codecs.framing import get_framing
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.hsm.commands import Outbound, OutboundDone
from pointsman.store.parties import KeySet, Terminal
from pointsman.switch.answering import Answering
from pointsman.switch.ports import Ask
from pointsman.switch.siteview import SiteView
from tests.codecs.golden import golden
from tests.switch.lives import CURRENT, PENDING, POS, TERMINAL, message
from tests.switch.test_conductor import Terminals

FRAMING = get_framing("tpdu-header")


@dataclass
class House:
    """Store and HSM: one key is right, another worker knows `elsewhere`."""

    right: bytes
    elsewhere: Terminal | None = None
    tried: list[bytes] = field(default_factory=list)
    promoted: list[int] = field(default_factory=list)

    async def terminal(self, _mid: str, _tid: str) -> Terminal | None:
        await trio.lowlevel.checkpoint()
        return self.elsewhere

    async def promote(self, _mid: str, _tid: str, number: int) -> None:
        await trio.lowlevel.checkpoint()
        self.promoted.append(number)

    async def ask(self, request: Outbound, _deadline: float) -> OutboundDone:
        await trio.lowlevel.checkpoint()
        assert request.mac is not None
        self.tried.append(request.mac.key)
        return OutboundDone(mac_ok=request.mac.key == self.right)


async def found(house: House, **changes: str | None) -> KeySet | None:
    parts: Any = house  # the verbs that are used
    site = SiteView(Effects(), links={}, stans={}, rrns=parts)
    answering = Answering(site, records=parts, hsm=parts, timers=Timers())
    envelope = FRAMING.open(FRAMING.reader().feed(golden("cup-sale-swipe-pin-req").wire)[0])
    given = message("cup-reversal-sale-req", **changes)
    return await answering.authenticate(Ask(Terminals(), envelope, given, 0.0, POS), TERMINAL)


@pytest.mark.parametrize("set_", [CURRENT, PENDING], ids=["known", "of another worker"])
async def test_the_set_under_which_the_mac_is_right_is_found(set_: KeySet) -> None:
    house = House(set_.tak, replace(TERMINAL, key_sets=(PENDING, CURRENT)))
    assert await found(house) == set_
    assert house.promoted == ([PENDING.number] if set_ is PENDING else [])


async def test_no_set_is_tried_twice_and_a_terminal_that_is_gone_has_none() -> None:
    house = House(b"another", replace(TERMINAL, key_sets=(PENDING, CURRENT)))
    assert await found(house) is None
    assert house.tried == [CURRENT.tak, PENDING.tak]
    assert await found(House(b"another")) is None


async def test_without_a_mac_nothing_is_asked() -> None:
    house = House(CURRENT.tak)
    assert await found(house, f64=None) is None
    assert house.tried == []
