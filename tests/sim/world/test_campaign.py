"""Figures of many runs in one file."""

from pathlib import Path

import msgspec

from pointsman.sim.world.campaign import plan_of, record
from pointsman.sim.world.world import run_world


def test_runs_add_up_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "figures" / "record.json"
    outcome = run_world(plan_of(3, 0.2))
    for _ in range(2):
        record(path, outcome, 0.2, "abc")
    figures = msgspec.json.decode(path.read_bytes())
    assert figures["seeds"] == 2
    assert figures["transactions"] == 2 * outcome.transactions
    assert [piece["broken"] for piece in figures["pieces"]] == [[], []]
    assert figures["pieces"][0] == figures["pieces"][1]


def test_a_seed_has_one_plan_with_timers_in_order() -> None:
    for seed in range(30):
        plan = plan_of(seed, 1.0)
        assert plan == plan_of(seed, 1.0)
        assert plan.timers.host_s < plan.timers.switch_s < plan.timers.terminal_s
