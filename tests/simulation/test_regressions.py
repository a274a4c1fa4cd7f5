"""What a seed once broke, kept by name: each mended bug has the weather that shows it.

A seed means another run once the code has changed; so each of these is a weather in which the bug
was met by most seeds, and some seeds of it.
"""

from dataclasses import replace

import msgspec
import pytest

from pointsman.sim.flow_names import Flow
from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.plan import MIXES
from pointsman.sim.world.world import run_world


def test_numbers_fixed_by_a_call_that_was_given_up_are_the_reversals_numbers() -> None:
    # Seed 1018 of the first campaign: the statement that fixed them came late.
    plan = plan_of(1018, 0.5)
    rates = {"statement done late": 0.2, "host silent": 0.4, "statement hangs after": 0.05}
    outcome = run_world(replace(plan, rates=rates))
    assert outcome.violations == []


@pytest.mark.parametrize("seed", [3, 7, 10])
def test_p7_a_copy_that_is_told_an_approval_keeps_it_from_being_reversed(seed: int) -> None:
    """A copy at one worker was told while the sale's own worker gave up, or died, and reversed."""
    plan = plan_of(seed, 2.0)
    timers = msgspec.structs.replace(plan.timers, host_s=2.0, switch_s=6.0, terminal_s=8.0)
    plan = replace(
        plan,
        workers=3,
        terminals=8,
        stays=(True,) * 8,
        lanes=1,
        weights={Flow.RACE: 10, Flow.SALE_SWIPE: 3},
        rates={
            "reset": 0.1,
            "worker crash": 0.15,
            "commit slow": 0.2,
            "commit hangs after": 0.1,
        },
        timers=timers,
        pause_s=3.0,
        host_answer_s=0.5,
    )
    outcome = run_world(plan)
    assert outcome.violations == []
    assert outcome.rare["a copy was told what another worker had"] > 0


@pytest.mark.parametrize("seed", [3, 8])
def test_p8_adjustments_of_one_payment_reach_the_acquirer_in_their_order(seed: int) -> None:
    """The second one was acknowledged first: the acquirer was left with the amount of the first."""
    plan = replace(plan_of(seed, 1.5), weights=MIXES["follow-ups"])
    outcome = run_world(plan)
    assert outcome.violations == []
    assert outcome.kinds["adjust"] > 0


@pytest.mark.parametrize("seed", [3, 6])
def test_p10_the_files_of_a_day_are_written_though_its_clerk_died_before_them(seed: int) -> None:
    """The next clerk closed the next day, and nobody wrote the files of the last one."""
    plan = plan_of(seed, 1.5)
    rates = {**plan.rates, "day close": 0.3, "clerk crash": 0.08}
    outcome = run_world(replace(plan, rates=rates))
    assert outcome.violations == []
    assert outcome.rare["the clerk died while a day was closing"] > 0


def test_p4_a_copy_hears_98_only_where_an_undoing_is_owed() -> None:
    """A copy heard 98 while its first was under way; that was approved, and nobody undid it."""
    assert run_world(plan_of(1795372664, 5.0)).violations == []


def test_p4_a_terminal_whose_messages_name_no_batch_is_reversed_in_its_newest() -> None:
    """Another worker had closed its batch: the reversal was filed in the old one, and told 25."""
    outcome = run_world(plan_of(2796100658, 0.6))
    assert outcome.violations == []
    assert outcome.kinds["sale"] > 0


@pytest.mark.parametrize("seed", [1, 6])
def test_p10_the_office_asks_for_nothing_once_chaos_is_over(seed: int) -> None:
    """It slept while the last day closed, then refunded: right money of a day that stayed open."""
    plan = replace(plan_of(seed, 0.5), office_pause_s=60.0, reconciles="0520", nii=0)
    outcome = run_world(plan)
    assert outcome.violations == []
    assert outcome.rare["a date was reconciled"] > 0
