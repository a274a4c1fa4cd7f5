"""What a seed draws lies within what the house allows, whatever the seed."""

from hypothesis import given
from hypothesis import strategies as st

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.plan import ALWAYS, RATES, TERMINALS_MAX, WORKERS_MAX

SEEDS = st.integers(0, 10**9)


@given(SEEDS)
def test_timers_keep_the_order_that_the_house_demands(seed: int) -> None:
    timers = plan_of(seed, 5.0).timers
    assert timers.host_s < timers.switch_s < timers.terminal_s
    assert timers.reversal_retry_s <= timers.reversal_retry_max_s


@given(SEEDS)
def test_somebody_takes_part_and_not_too_many(seed: int) -> None:
    plan = plan_of(seed, 5.0)
    assert 1 <= plan.workers <= WORKERS_MAX
    assert 1 <= plan.terminals <= TERMINALS_MAX
    assert 1 <= len(plan.acquirers) <= 2
    assert len(plan.stays) == plan.terminals
    assert plan.config.workers.count == plan.workers
    assert plan.chaos_s == 300


@given(SEEDS)
def test_some_faults_are_in_every_plan_and_no_rate_is_a_certainty(seed: int) -> None:
    rates = plan_of(seed, 5.0).rates
    assert set(rates) <= set(RATES)
    assert all(rate > 0 for rate in rates.values())
    assert set(rates) >= ALWAYS


def test_a_seed_is_one_plan_and_another_seed_another() -> None:
    assert plan_of(7, 5.0) == plan_of(7, 5.0)
    assert len({plan_of(seed, 5.0).seed for seed in range(5)}) == 5
    assert plan_of(7, 5.0).rates != plan_of(8, 5.0).rates
