"""The joined parts of a run: what is open is told, and a killed process is dead at once."""

from dataclasses import replace

from pointsman.sim.world.scene import Options, Scene
from pointsman.store.memory import OwedRow
from pointsman.store.parties import Rules
from pointsman.store.records import OwedState
from tests.sim.world.worlds import calm


def test_nothing_is_open_until_something_is_sent_owed_or_asked_for() -> None:
    scene = Scene(calm(1, 1.0), Options())
    assert scene.nothing_open()
    for state, is_open in ((OwedState.DUE, True), (OwedState.PARKED, False)):
        scene.db.owed[b"one"] = OwedRow("reversal", "alpha", 0, state, "", 0.0, 0.0, 0)
        assert scene.nothing_open() is not is_open
    scene.office.open = 1
    assert not scene.nothing_open()


def test_a_listed_card_and_limits_of_a_plan_are_in_the_site() -> None:
    plan = replace(calm(1, 1.0), listed_card="jcb", rules=Rules(day_count_max=3))
    scene = Scene(plan, Options())
    assert list(scene.db.blacklist.values()) == ["41"]
    limited = {mid for mid, one in scene.db.merchants.items() if one.rules.day_count_max == 3}
    assert len(limited) == len(scene.db.merchants) - 1, "all but the one of the provers"
    assert {one.identity.mid for one in scene.provers}.isdisjoint(limited)
