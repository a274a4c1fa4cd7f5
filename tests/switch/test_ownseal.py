"""A worker's own MAC key: made once, right for its terminal, made anew when the HSM lost it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import trio

from pointsman.codecs.codec import get_codec
from pointsman.config import Timers
from pointsman.hsm import commands as c
from pointsman.switch import outward
from pointsman.switch.ownseal import MAC, OwnSeal
from tests.codecs.golden import golden
from tests.hsm.laboratory import Laboratory
from tests.switch.lives import TERMINAL

CODEC = get_codec("cup-bcd")
FIELDS = {n: v for n, v in golden("cup-sale-swipe-pin-req").fields.items() if n != 64}


@dataclass
class Hsm:
    """The engine; `made` counts the keys."""

    laboratory: Laboratory = field(default_factory=Laboratory)
    made: int = 0
    refuses: bool = False

    async def ask(self, request: c.Request, _deadline: float) -> c.Answer:
        await trio.lowlevel.checkpoint()
        if self.refuses and isinstance(request, c.Inbound):
            return c.Refused("key", "no such key")
        self.made += isinstance(request, c.NewKey)
        return self.laboratory.ask(request)


def verifies(hsm: Hsm, seal: OwnSeal, data: bytes, key: bytes) -> bool:
    """Tell whether a sealed message's MAC is right for its terminal."""
    (keys,) = seal.terminal(TERMINAL, key).key_sets
    check = outward.mac_check(CODEC.decode(data), keys.tak, MAC)
    done = hsm.laboratory.ask(c.Outbound(mac=check))
    assert isinstance(done, c.OutboundDone)
    return done.mac_ok is True


async def test_what_it_seals_verifies_for_its_terminal_alone_and_one_key_is_made() -> None:
    hsm: Any = Hsm()  # the method that is used
    seal = OwnSeal(CODEC, hsm, Timers(), "worker/test")
    await seal.sealed("0200", FIELDS, mac=True)
    data, key = await seal.sealed("0200", FIELDS, mac=True)
    assert hsm.made == 1
    assert seal.terminal(TERMINAL, key).signed_in
    assert verifies(hsm, seal, data, key)


async def test_two_that_seal_at_once_are_each_judged_by_the_key_that_they_had() -> None:
    hsm: Any = Hsm()
    seal = OwnSeal(CODEC, hsm, Timers(), "worker/test")
    done: list[tuple[bytes, bytes]] = []

    async def one() -> None:
        done.append(await seal.sealed("0200", FIELDS, mac=True))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(one)
        nursery.start_soon(one)
    assert hsm.made == 2
    assert done[0][1] != done[1][1]
    assert all(verifies(hsm, seal, data, key) for data, key in done)


async def test_without_mac_the_hsm_is_not_asked() -> None:
    hsm: Any = Hsm()
    seal = OwnSeal(CODEC, hsm, Timers(), "worker/test")
    data, _ = await seal.sealed("0500", {11: "000001"}, mac=False)
    assert 64 not in CODEC.decode(data)
    assert hsm.made == 0


async def test_a_key_that_the_hsm_does_not_know_any_more_is_made_anew() -> None:
    hsm: Any = Hsm()
    seal = OwnSeal(CODEC, hsm, Timers(), "worker/test")
    hsm.refuses = True
    with pytest.raises(c.HsmUnavailable):
        await seal.sealed("0200", FIELDS, mac=True)
    hsm.refuses = False
    await seal.sealed("0200", FIELDS, mac=True)
    assert hsm.made == 2
