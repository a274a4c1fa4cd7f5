"""Figures of many runs, added up in one file that can be interrupted and gone on with."""

import json
from collections import Counter
from pathlib import Path

from pointsman.sim.world.campaign import added, record
from pointsman.sim.world.outcome import Outcome


def outcome(seed: int, *violations: tuple[str, str], crashes: int = 2) -> Outcome:
    return Outcome(
        seed=seed,
        simulated_s=60.0,
        transactions=100,
        messages=400,
        crashes=crashes,
        power_cuts=1,
        converged_s=3.0,
        faults={"worker crash": crashes},
        violations=list(violations),
        trace_hash="00",
        edges=Counter({"a -> b": 3}),
        rare=Counter(),
        decisions=[],
        states=Counter(),
        fault_states=Counter({"worker crash in sending": 1}),
        plan={},
        wall_s=0.5,
    )


def test_runs_add_up_and_failed_seeds_are_named(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "record.json"
    for run in (outcome(1), outcome(2, ("P2", "told and missing"), crashes=5), outcome(3)):
        record(path, run)
    found = json.loads(path.read_text())
    assert (found["seeds"], found["transactions"], found["crashes"]) == (3, 300, 9)
    assert found["faults"] == {"worker crash": 9}
    assert found["edges"] == {"a -> b": 9}
    assert (found["failed"], found["violations"]) == ([2], 1)
    assert found["simulated_s"] == 180.0


def test_what_was_recorded_before_is_not_changed() -> None:
    before: dict[str, object] = {}
    first = added(before, outcome(1))
    second = added(first, outcome(2))
    assert before == {}
    assert (first["seeds"], second["seeds"]) == (1, 2)
