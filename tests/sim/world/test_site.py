"""The site of a run: everybody it draws is in the tables, under test keys."""

from collections.abc import Sequence
from dataclasses import replace

from pointsman.sim.terminal_options import Identity
from pointsman.sim.world.parts import identity
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.site import LISTED_CODE, PROVING, make_site
from pointsman.store.memory import MemoryDatabase
from pointsman.store.parties import NO_RULES, Rules
from tests.sim.world.worlds import calm

EVERYBODY = [*(identity(n, proves=False) for n in range(3)), identity(3, proves=True)]


class Keys:
    """Makes blocks and tokens that can be read."""

    def key(self, usage: str, clear: bytes) -> bytes:
        return usage.encode() + clear[:2]

    def token(self, pan: str) -> bytes:
        return pan[-4:].encode()


def site(plan: Plan, everybody: Sequence[Identity] = EVERYBODY) -> MemoryDatabase:
    db = MemoryDatabase(lambda: 0.0)
    make_site(db, Keys(), plan, everybody)
    return db


def test_terminals_merchants_and_acquirers_are_there_with_keys() -> None:
    plan = replace(calm(1, 1.0), acquirers=("alpha", "beta"), accepts_25=True, reconciles="0500")
    db = site(plan)
    assert set(db.terminals) == {(one.mid, one.tid) for one in EVERYBODY}
    assert {one.mid for one in EVERYBODY} <= set(db.merchants)
    for acquirer in db.acquirers.values():
        assert acquirer.zpk is not None
        assert acquirer.zak is not None
        assert (acquirer.accepts, acquirer.reconciles) == (frozenset({"25"}), "0500")
    preferred = [routes[0].acquirer for _, routes in sorted(db.routes.items())]
    assert preferred == ["alpha", "beta", "alpha", "beta"]


def test_limits_are_on_all_but_the_provers_merchant() -> None:
    rules = Rules(day_count_max=3)
    db = site(replace(calm(1, 1.0), rules=rules))
    found = {mid[-1]: one.rules for mid, one in db.merchants.items()}
    assert found.pop(str(PROVING)) is NO_RULES
    assert set(found.values()) == {rules}


def test_the_first_terminals_speak_the_international_dialect() -> None:
    db = site(replace(calm(1, 1.0), nii=2))
    assert [one.format for one in db.terminals.values()] == [
        *("nii-bcd", "nii-bcd"),
        *("cup-bcd", "cup-bcd"),
    ]


def test_a_listed_card_stands_by_its_token() -> None:
    assert site(replace(calm(1, 1.0), listed_card="visa")).blacklist == {
        "\\x" + b"1111".hex(): LISTED_CODE
    }
