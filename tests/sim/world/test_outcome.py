"""One run as one line: what is counted, and that a broken promise is told first in words."""

import json

from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.world import run_world
from tests.sim.world.worlds import calm

MEMBERS = {
    *("seed", "simulated_s", "wall_s", "cpu_s", "transactions", "messages", "crashes"),
    *("power_cuts", "converged_s", "back_s", "faults", "states", "edges", "rare"),
    *("violations", "broken", "first", "plan", "trace_hash"),
}


def made() -> Outcome:
    return run_world(calm(2, 0.2))


def test_a_quiet_run_is_one_json_object_with_every_member() -> None:
    outcome = made()
    row = json.loads(json.dumps(outcome.row()))
    assert set(row) == MEMBERS
    assert (row["violations"], row["broken"], row["first"], row["faults"]) == (0, {}, "", {})
    assert row["transactions"] == sum(row["states"].values()) == sum(outcome.kinds.values()) > 0


def test_broken_promises_are_counted_and_the_first_is_told() -> None:
    outcome = made()
    outcome.violations = [("P4", "one"), ("P5", "two"), ("P4", "three")]
    row = outcome.row()
    assert (row["violations"], row["broken"], row["first"]) == (3, {"P4": 2, "P5": 1}, "P4 one")
