"""Crash points: what a point makes its process do, and what a flow begins with."""

import pytest

from pointsman.sim.follow_ups import FOLLOWING, OF_WALLETS
from pointsman.sim.world.crashes import (
    FLOWS,
    INTERNATIONAL,
    OFFICE,
    PAIRS,
    RECONCILED,
    Point,
    quiet_plan,
    run_flow,
)
from pointsman.sim.world.process import SeamCount


def test_a_point_is_before_or_after_its_seam_and_its_second_is_before() -> None:
    assert Point("sale", "commit", 4, after=False).seams == SeamCount(
        frozenset({4}), frozenset(), counting=True
    )
    assert Point("sale", "commit", 4, after=True, second=9).seams == SeamCount(
        frozenset({9}), frozenset({4}), counting=True
    )
    assert Point("sale", "commit", 4, after=False, second=9).seams == SeamCount(
        frozenset({4, 9}), frozenset(), counting=True
    )


@pytest.mark.parametrize("flow", FLOWS)
def test_what_a_flow_follows_stands_before_it(flow: str) -> None:
    plan, steps = quiet_plan(flow), FLOWS[flow]
    assert (plan.rates, plan.terminals, plan.office_pause_s) == ({}, 1, 0.0)
    assert plan.nii == int(flow.startswith(INTERNATIONAL))
    assert plan.reconciles == RECONCILED.get(flow, "")
    assert steps[0] not in FOLLOWING
    assert steps[0] not in OF_WALLETS


def test_pairs_are_of_flows_that_there_are() -> None:
    assert set(PAIRS) <= set(FLOWS)


def test_a_flow_passes_seams_of_every_kind_and_kills_at_the_one_that_is_set() -> None:
    counted = SeamCount(counting=True)
    assert run_flow("sale by stripe", counted).crashes == 0
    kinds = {seam.split()[0] for seam in counted.passed}
    assert {"call", "commit", "hsm"} <= kinds
    at = counted.passed.index("commit") + 1
    outcome = run_flow("sale by stripe", Point("", "commit", at, after=True).seams)
    assert (outcome.crashes, outcome.violations) == (1, [])


def test_of_the_night_its_own_seams_are_counted_alone() -> None:
    for flow in RECONCILED:
        counted = SeamCount(counting=True)
        outcome = run_flow(flow, counted)
        assert outcome.rare["a date was reconciled"] == 1
        assert "call reconciliation_numbers" in counted.passed
        assert "commit" not in counted.passed


def test_the_back_office_gives_back_in_its_flow_and_a_customer_confirms_in_theirs() -> None:
    assert run_flow(OFFICE, SeamCount()).kinds["refund"] == 1
    confirmed = run_flow("payment that is confirmed", SeamCount())
    assert confirmed.rare["a customer was asked, and confirmed"] == 1
    assert confirmed.states["unknown"] == 0
    silent = run_flow("payment that is not confirmed", SeamCount())
    assert silent.states["unknown"] == 1
