"""Many seeds: their plans, what must have happened among them, and their figures in one file.

A shell for that file alone. Runs are added up in pieces: each is of one commit and one run of
seeds, so that every figure can be made again. What one run is says world.py.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from pointsman.sim.flow_names import Flow
from pointsman.sim.world.chance import Chance, Decision
from pointsman.sim.world.known import RARE
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import MIXES, RATES, Plan, draw_plan
from pointsman.sim.world.rules import ROWS

_COUNTED: Final = ("transactions", "messages", "crashes", "power_cuts", "violations")
_TIMES: Final = ("simulated_s", "wall_s", "cpu_s")
_TABLES: Final = ("faults", "rare", "edges", "kinds", "rows", "fault_states")
STATES: Final = (
    "sending",
    "sending, reversal waits",
    "unknown, reversal owed",
    "approved, reversal owed",
    "advice owed",
)
"""In which a payment stands when a fault strikes; each kind of fault must have met most of them."""
DIRECTED: Final[frozenset[str]] = frozenset(
    {
        *(Flow.SILENT, Flow.DELAYED, Flow.LATE, Flow.TWICE, Flow.DROPPED),
        *(Flow.WRONG_MAC, Flow.OTHER_AMOUNT),
    }
)
"""Flows that ask an acquirer for a mood by their amount: here moods come with the weather."""
Record = dict[str, Any]  # Any: JSON as it is read and written


def plan_of(seed: int, minutes: float) -> Plan:
    """Return the plan of a seed."""
    return draw_plan(seed, minutes, Chance(seed).stream("plan"))


def added(before: Record, outcome: Outcome, minutes: float, commit: str) -> Record:
    """Return a record with one run added, in the piece that it belongs to."""
    record = dict(before)
    record["seeds"] = record.get("seeds", 0) + 1
    _add(record, outcome)
    pieces = [dict(piece) for piece in record.get("pieces", [])]
    last = pieces[-1] if pieces else {}
    follows = last.get("last") == outcome.seed - 1
    if not follows or (last["commit"], last["minutes"]) != (commit, minutes):
        first = {"commit": commit, "minutes": minutes, "first": outcome.seed, "broken": []}
        pieces.append(first)
    piece = pieces[-1]
    piece["last"] = outcome.seed
    _add(piece, outcome)
    if outcome.violations:
        piece["broken"] = [*piece["broken"], outcome.seed]
    record["pieces"] = pieces
    for name in _TABLES:
        counts: Counter[str] = Counter(record.get(name, {}))
        counts.update(getattr(outcome, name))
        record[name] = dict(sorted(counts.items()))
    return record


def _add(sums: Record, outcome: Outcome) -> None:
    row = outcome.row()
    for name in _TIMES:
        sums[name] = round(sums.get(name, 0.0) + getattr(outcome, name), 1)
    for name in _COUNTED:
        sums[name] = sums.get(name, 0) + row[name]


def record(path: Path, outcome: Outcome, minutes: float, commit: str) -> None:
    """Add one run to the figures in a file; made where it is missing."""
    write(path, added(read(path), outcome, minutes, commit))


def read(path: Path) -> Record:
    """Return the figures in a file, none where it is missing; raises OSError and ValueError."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.exists() else {}
    except msgspec.MsgspecError:
        raise ValueError(f"{path} has no figures of a campaign") from None
    return found


def record_crashes(path: Path, row: Mapping[str, int | str], commit: str) -> None:
    """Put the enumerated crashes of one flow into a file, in the place of earlier ones."""
    before = read(path)
    kept = {name: value for name, value in row.items() if name != "flow"}
    points = {**before.get("crash_points", {}), row["flow"]: {**kept, "commit": commit}}
    write(path, {**before, "crash_points": dict(sorted(points.items()))})


def read_reduced(path: Path) -> tuple[Plan, frozenset[Decision]]:
    """Read what `shrink.Reduced.row` wrote; raises OSError, or ValueError with what to say."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_ReducedFile)
    except msgspec.MsgspecError:
        raise ValueError(f"{path} is no reduced seed") from None
    plan = plan_of(found.seed, found.chaos_s / 60)
    return replace(plan, terminals=found.terminals), frozenset(found.decisions)


class _ReducedFile(msgspec.Struct):
    """The members that a repetition needs."""

    seed: int
    chaos_s: float
    terminals: int
    decisions: list[tuple[str, int]]


def write(path: Path, made: Mapping[str, Any]) -> None:
    """Write a record; a reader never finds half of one. Any: JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")
    part.replace(path)


def missing(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a campaign was to have met at least once and has not. Any: JSON."""
    drawn = {flow for mix in MIXES.values() for flow in mix}
    yield from (f"flow {flow}" for flow in sorted(set(Flow) - drawn - DIRECTED))
    for table, names in (("faults", RATES), ("rare", RARE), ("rows", ROWS)):
        met = record.get(table, {})
        yield from (f"{table}: {name}" for name in names if not met.get(name))
    struck = record.get("fault_states", {})
    for state in STATES:
        if not any(pair.endswith(f" x {state}") and count for pair, count in struck.items()):
            yield f"a fault in state {state}"
