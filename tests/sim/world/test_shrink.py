"""A failing seed is reduced to the decisions that break it."""

from collections import Counter

import pytest

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.chance import Decision
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.shrink import shrink
from pointsman.sim.world.world import Options, run_world
from tests.simulation.planted import BUGS

ALL: tuple[Decision, ...] = tuple(("reset", number) for number in range(1, 33))
GUILTY: frozenset[Decision] = frozenset({("reset", 7), ("reset", 23)})


def outcome_of(plan: Plan, struck: tuple[Decision, ...], broken: bool) -> Outcome:
    return Outcome(
        seed=plan.seed,
        simulated_s=plan.chaos_s,
        transactions=0,
        messages=0,
        crashes=0,
        power_cuts=0,
        converged_s=0.0,
        faults={},
        violations=[("P4", "two")] if broken else [],
        trace_hash="",
        edges=Counter(),
        rare=Counter(),
        decisions=list(struck),
        states=Counter(),
        fault_states=Counter(),
        kinds=Counter(),
        back_s=0.0,
        plan={},
    )


def breaks_on_two(plan: Plan, options: Options) -> Outcome:
    struck = ALL if options.only is None else tuple(one for one in ALL if one in options.only)
    return outcome_of(plan, struck, GUILTY.issubset(struck) and plan.chaos_s >= 60)


def test_only_the_guilty_decisions_are_left_and_the_run_is_short() -> None:
    found = shrink(plan_of(3, 8.0), breaks_on_two)
    assert found is not None
    assert set(found.decisions) == GUILTY
    assert found.plan.chaos_s == 60
    assert found.plan.terminals == 1
    assert found.row()["promise"] == "P4"


def test_what_does_not_fail_is_not_reduced() -> None:
    assert shrink(plan_of(3, 8.0), lambda plan, _: outcome_of(plan, (), broken=False)) is None


def test_a_real_failure_is_reduced_within_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    BUGS["send_before_the_commit"](monkeypatch.setattr)
    found = shrink(plan_of(1, 0.5), run_world, runs_max=6)
    assert found is not None
    assert found.promise == "P1"
    assert found.plan.chaos_s < 30
