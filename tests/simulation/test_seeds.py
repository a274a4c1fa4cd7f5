"""Seeds: the same one is the same run in any process, and no promise breaks."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.chance import Decision
from pointsman.sim.world.world import Options, run_world


def line_of(seed: int, hash_seed: str) -> dict[str, object]:
    """Run one seed in a process of its own."""
    arguments = [
        "-m",
        "pointsman",
        "sim",
        "world",
        "--seeds",
        str(seed),
        "--minutes",
        "1",
        "--json",
    ]
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        check=False,
        timeout=120,
    )
    line: dict[str, object] = json.loads(done.stdout)
    return line


def test_p25_a_seed_is_the_same_run_in_processes_with_different_hash_seeds() -> None:
    one, other = line_of(5, "1"), line_of(5, "2")
    assert one["trace_hash"] == other["trace_hash"]
    assert one["violations"] == 0
    assert set(one) >= {"seed", "simulated_s", "messages", "crashes", "faults", "trace_hash"}


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_no_promise_breaks(seed: int) -> None:
    outcome = run_world(plan_of(seed, 2.0))
    assert outcome.violations == []
    assert outcome.transactions > 0


def test_another_seed_is_another_run_and_a_trace_can_be_read() -> None:
    options = Options(keep_trace=True)
    one, other = (run_world(plan_of(seed, 0.5), options) for seed in (1, 2))
    assert one.trace_hash != other.trace_hash
    assert any(" intent " in line for line in one.lines)
    assert not any("PAN" in line for line in one.lines)


def test_without_its_fault_decisions_a_run_is_quiet() -> None:
    plan = plan_of(8, 1.0)
    stormy = run_world(plan)
    quiet = run_world(plan, Options(only=frozenset[Decision]()))
    assert sum(stormy.faults.values()) > 0
    assert sum(quiet.faults.values()) == 0
    assert quiet.violations == []


def test_p3_when_faults_end_everything_becomes_final_or_is_parked_with_an_exception() -> None:
    """A storm in which nobody answers, then calm: the house rests, and says what it cannot end."""
    plan = plan_of(21, 1.0)
    rates = {
        **dict.fromkeys(("host silent", "host lost", "host reversal-lost"), 0.3),
        "host reversal-refused": 0.4,
        "worker crash": 0.1,
        "statement lost done": 0.02,
    }
    outcome = run_world(replace(plan, rates=rates))
    assert outcome.violations == []
    assert outcome.rare["a message was refused for good"] > 0
    assert outcome.states["unknown"] > 0
    assert 0 < outcome.converged_s < plan.converge_s


def test_p3_a_house_that_does_not_come_to_rest_is_told() -> None:
    plan = replace(plan_of(21, 0.5), converge_s=0.0)
    assert [promise for promise, _ in run_world(plan).violations] == ["P3"]
