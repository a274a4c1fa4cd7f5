"""One run from chaos to judgement: its phases, and what ends it early."""

from dataclasses import replace

import pytest

from pointsman.sim.flow_names import Flow
from pointsman.sim.terminal_rows import Told
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.world import Options, World, run_world
from tests.sim.world.worlds import calm


def test_in_calm_weather_everything_is_approved_and_two_days_are_closed() -> None:
    plan = replace(calm(1, 1.0), nii=0, reconciles="")
    world = World(plan, Options())
    run_by_seed(world.run, "calm")
    world.clerk.clean()
    told = [row for row in world.terminal_rows_of() if isinstance(row, Told)]
    assert told
    assert all(row.approved for row in told)
    assert world.converged
    assert world.faults.healed
    assert list(world.db.days.values()).count("closed") == 2
    assert world.ended_at >= plan.chaos_s
    assert not world.is_chaos


def test_after_chaos_every_worker_approves_one_more_sale() -> None:
    plan = replace(calm(1, 0.3), workers=3, nii=0)
    world = World(plan, Options())
    run_by_seed(world.run, "provers")
    world.clerk.clean()
    for prover in world.provers:
        assert [row.approved for row in prover.ledger.written if isinstance(row, Told)] == [True]


def test_a_broken_promise_may_end_a_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = replace(calm(1, 10.0), weights={Flow.SALE_SWIPE: 1})
    monkeypatch.setattr(World, "reconciled", lambda _self: True)
    world = World(plan, Options(stop_at_violation=True))
    world.witness.violated("P1", "set by the test")
    run_by_seed(world.run, "early")
    world.clerk.clean()
    assert world.ended_at < plan.chaos_s / 2


def test_a_date_that_no_acquirer_answers_for_is_a_finding() -> None:
    plan = replace(calm(1, 0.3), nii=0, reconciles="0500")
    assert run_world(plan).rare["a date was reconciled"] > 0
    world = World(plan, Options())
    world.reconciled = lambda: False  # type: ignore[method-assign]  # as if none ever came
    run_by_seed(world.run, "night")
    world.clerk.clean()
    assert ("P3", "a settlement date was not reconciled") in world.witness.violations
