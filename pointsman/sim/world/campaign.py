"""Many seeds: their plans, and the figures added up over runs in one file.

A shell for that file alone. What one run is says world.py.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from pointsman.sim.world.chance import Chance
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan, draw_plan

_COUNTED = ("transactions", "messages", "crashes", "power_cuts", "violations")


def plan_of(seed: int, minutes: float) -> Plan:
    """Return the plan of a seed."""
    return draw_plan(seed, minutes, Chance(seed).stream("plan"))


def added(before: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """Return a record with one run added. Any: JSON as it was read."""
    row = outcome.row()
    record = dict(before)
    record["seeds"] = record.get("seeds", 0) + 1
    for name in ("simulated_s", "wall_s"):
        record[name] = round(record.get(name, 0.0) + getattr(outcome, name), 1)
    for name in _COUNTED:
        record[name] = record.get(name, 0) + row[name]
    for name in ("faults", "rare", "edges", "fault_states"):
        counts: Counter[str] = Counter(record.get(name, {}))
        counts.update(getattr(outcome, name))
        record[name] = dict(sorted(counts.items()))
    failed = record.get("failed", [])
    record["failed"] = [*failed, outcome.seed] if outcome.violations else failed
    return record


def record(path: Path, outcome: Outcome) -> None:
    """Add one run to the figures in a file; made where it is missing."""
    before: dict[str, Any] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    made = msgspec.json.encode(added(before, outcome))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(made, indent=1) + b"\n")
