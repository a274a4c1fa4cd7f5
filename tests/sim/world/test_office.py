"""The back office gives back what terminals hold, each refund once."""

from dataclasses import replace

from pointsman.sim.flow_names import Flow
from pointsman.sim.terminal_rows import Asked, Told
from pointsman.sim.world.office import FLOW
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.world import Options, World, run_world
from tests.sim.world.worlds import calm


def storm(seed: int) -> Plan:
    """A plan in which the back office's lines and the workers fail, and nothing else."""
    rates = {"office line lost": 0.2, "office answer lost": 0.3, "worker crash": 0.2}
    plan = calm(seed, 0.7)
    weights = {Flow.SALE_SWIPE: 3, Flow.SALE_CHIP: 2}
    return replace(plan, rates=rates, weights=weights, office_pause_s=1.0)


def test_refunds_are_given_once_though_orders_and_answers_are_lost() -> None:
    outcome = run_world(storm(2))
    assert outcome.violations == []
    assert outcome.rare["the back office gave something back"] > 0
    assert outcome.faults["office answer lost"] > 0
    assert outcome.kinds["refund"] > 0


def test_each_refund_is_asked_for_and_told_in_the_offices_own_ledger() -> None:
    world = World(replace(calm(3, 0.5), office_pause_s=1.0), Options())
    run_by_seed(world.run, "office")
    world.clerk.clean()
    rows = world.office.ledger.written
    asked = [row for row in rows if isinstance(row, Asked)]
    told = [row for row in rows if isinstance(row, Told)]
    assert asked
    assert {row.tid for row in asked} == {"CONSOLE0"}
    assert {row.flow for row in asked} == {FLOW}
    assert sorted((row.mid, row.batch, row.stan) for row in asked) == sorted(
        (row.mid, row.batch, row.stan) for row in told
    )
    assert world.office.open == 0
