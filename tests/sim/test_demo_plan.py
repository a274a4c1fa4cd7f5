"""A plan as it comes: the smoke run's site, nobody left out, acquirers dialled straight."""

from pathlib import Path

from pointsman.sim.demo_plan import SITE
from tests.sim.test_demo_world import plan


def test_a_plan_is_straight_and_leaves_nobody_out() -> None:
    found = plan(Path("/nowhere"))
    assert found.site == SITE == "demo_site.toml"
    assert found.left_free == frozenset()
    assert found.detour("alpha", 9101) == 9101
