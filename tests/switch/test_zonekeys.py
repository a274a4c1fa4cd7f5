"""New zone keys from an acquirer: the golden message under the published ZMK, and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from pointsman.config import Timers
from pointsman.hsm import commands as c
from pointsman.store.parties import Acquirer
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.sessionwords import ChangeKeys
from pointsman.switch.zonekeys import ZoneKeys
from tests.codecs.golden import golden
from tests.hsm.laboratory import ZAK, ZMK, ZPK, Laboratory
from tests.switch.host_peer import ALPHA
from tests.switch.test_switchboard import SALE, house

FIELD_48 = bytes.fromhex(golden("host-ascii-keyexchange-req").fields[48])
CHANGE = ChangeKeys(
    "0810", {11: "900101", 70: "101"},
    (FIELD_48[:16], FIELD_48[16:19]), (FIELD_48[19:35], FIELD_48[35:]),
)  # fmt: skip


@dataclass
class House:
    """HSM engine, store and link: what was written and said."""

    laboratory: Laboratory = field(default_factory=Laboratory)
    written: list[tuple[str, object, object]] = field(default_factory=list)
    said: list[tuple[str, Mapping[int, str]]] = field(default_factory=list)
    store_away: bool = False
    hsm_away: bool = False

    async def ask(self, request: c.Request, _deadline: float) -> c.Answer:
        await trio.lowlevel.checkpoint()
        if self.hsm_away:
            raise c.HsmUnavailable("away")
        return self.laboratory.ask(request)

    async def zone_keys(
        self, acquirer: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
    ) -> None:
        await trio.lowlevel.checkpoint()
        if self.store_away:
            raise StoreUnavailableError
        self.written.append((acquirer, zpk, zak))

    def say(self, mti: str, fields: Mapping[int, str]) -> None:
        self.said.append((mti, fields))

    def acquirer(self) -> Acquirer:
        return replace(ALPHA, zmk=self.laboratory.key("ZMK", ZMK))


async def change(house: House, acquirer: Acquirer, keys: ChangeKeys = CHANGE) -> str:
    """Run one change; return the code that was said, once."""
    async with trio.open_nursery() as nursery:
        desk = ZoneKeys(house, house, Timers())
        nursery.start_soon(desk.run)
        await trio.testing.wait_all_tasks_blocked()
        desk.change(acquirer, keys, house.say)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    ((mti, fields),) = house.said
    assert (mti, fields[11], fields[70]) == ("0810", "900101", "101")
    return fields[39]


async def test_the_golden_keys_are_taken_and_answered_when_they_are_written() -> None:
    house = House()
    assert await change(house, house.acquirer()) == "00"
    ((name, zpk, zak),) = house.written
    assert name == "alpha"
    for made, clear, check in ((zpk, ZPK, CHANGE.zpk[1]), (zak, ZAK, CHANGE.zak[1])):
        assert isinstance(made, tuple)
        assert made[1] == check.hex().upper()
        usage = "ZPK" if clear is ZPK else "ZAK"
        described = house.laboratory.ask(c.Describe(made[0]))
        other = house.laboratory.ask(c.Describe(house.laboratory.key(usage, clear)))
        assert isinstance(described, c.Described)
        assert isinstance(other, c.Described)
        assert (described.kcv, described.usage) == (other.kcv, other.usage)


@pytest.mark.parametrize("which", ["zpk", "zak"])
async def test_a_wrong_check_value_is_refused_and_changes_nothing(which: str) -> None:
    house = House()
    wrong = (getattr(CHANGE, which)[0], bytes(3))
    keys = replace(CHANGE, zpk=wrong) if which == "zpk" else replace(CHANGE, zak=wrong)
    assert await change(house, house.acquirer(), keys) == "30"
    assert house.written == []


async def test_without_a_zmk_it_is_not_supported() -> None:
    house = House()
    assert await change(house, ALPHA) == "40"
    assert house.written == []


@pytest.mark.parametrize("away", ["store_away", "hsm_away"])
async def test_what_cannot_be_kept_is_not_promised(away: str) -> None:
    house = House()
    setattr(house, away, True)
    assert await change(house, house.acquirer()) == "96"


async def test_new_keys_are_used_from_then_on_over_a_link_opened_anew(
    autojump_clock: MockClock,
) -> None:
    async with house() as made:
        zmk = made.hsm.laboratory.key("ZMK", ZMK)
        before = replace(made.db.acquirers["alpha"], zmk=zmk)
        made.db.acquirers["alpha"] = before
        made.db.version += 1
        await trio.sleep(5)
        await made.peer.say(("0800", golden("host-ascii-keyexchange-req").fields))
        await trio.sleep(5)
        (answered,) = [message for message in made.peer.heard if message.mti == "0810"]
        assert answered.fields == golden("host-ascii-keyexchange-resp").fields
        now = made.db.acquirers["alpha"]
        assert (now.zpk, now.zak) != (before.zpk, before.zak)
        made.hear(SALE)
        assert (await made.answer())[39] == "00"
        assert [one.mti for one in made.payments() if one.mti == "0200"] == ["0200"]
