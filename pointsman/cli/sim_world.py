"""`pointsman sim world`: the whole house simulated by seeds, one line for each.

Reads the options, runs each seed, prints and records. What a run is stands in sim/world/; how to
read a line, a trace and a reduced seed is told in docs/simulation.md.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from pointsman.cli.options import Exit, complain
from pointsman.sim.world import campaign, crashes
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.shrink import shrink
from pointsman.sim.world.world import Options, run_world

SEEDS_MAX = 10_000  # in one call


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sim world`."""
    add = parser.add_argument
    add("--seeds", default="7", metavar="N|N,N|N-N", help="which seeds; 7,9 or 7-26")
    add("--minutes", type=float, default=5.0, metavar="M", help="simulated minutes of chaos each")
    add("--trace", type=Path, metavar="DIR", help="write what happened to DIR/seed-N.txt")
    add("--only", type=Path, metavar="FILE", help="strike only the fault decisions in this file")
    add("--shrink", action="store_true", help="reduce a seed that breaks a promise; slow")
    add("--crash-points", action="store_true", help="every seam of every flow instead of seeds")
    add("--record", type=Path, metavar="FILE", help="add the figures to those of earlier runs")
    add("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run every seed; exit 1 when one breaks a promise."""
    if arguments.crash_points:
        return _crash_points(as_json=arguments.json)
    try:
        seeds = parse_seeds(arguments.seeds)
    except ValueError:
        complain(f"--seeds {arguments.seeds!r} is not a list such as 7, 7,9 or 7-26")
        return Exit.USAGE
    failed = False
    options = Options(keep_trace=arguments.trace is not None)
    if arguments.only is not None:
        kept = json.loads(arguments.only.read_text("utf-8"))["decisions"]
        options.only = frozenset((kind, number) for kind, number in kept)
    for seed in seeds:
        plan = campaign.plan_of(seed, arguments.minutes)
        outcome = run_world(plan, replace(options))
        _print(outcome, as_json=arguments.json)
        failed |= bool(outcome.violations)
        if arguments.trace is not None:
            arguments.trace.mkdir(parents=True, exist_ok=True)
            text = "\n".join(outcome.lines)
            (arguments.trace / f"seed-{seed}.txt").write_text(text + "\n", "utf-8")
        if arguments.record is not None:
            campaign.record(arguments.record, outcome)
        if outcome.violations and arguments.shrink:
            _shrink(plan)
    return Exit.FAILED if failed else Exit.OK


def parse_seeds(text: str) -> list[int]:
    """Read ``7``, ``7,9`` or ``7-26``; raises ValueError."""
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isascii() and first.isdigit()):
            raise ValueError(f"no seed: {part!r}")
        if dash and not (last.isascii() and last.isdigit()):
            raise ValueError(f"no seed: {part!r}")
        seeds += range(int(first), int(last if dash else first) + 1)
    if not 0 < len(seeds) <= SEEDS_MAX:
        raise ValueError(f"no seed, or too many: {text!r}")
    return seeds


def _print(outcome: Outcome, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome.row()), flush=True)
    else:
        print(
            f"seed {outcome.seed}: {outcome.transactions} transactions in"
            f" {outcome.simulated_s:.0f} simulated s ({outcome.wall_s:.1f} s),"
            f" {outcome.crashes} crashes, {sum(outcome.faults.values())} faults,"
            f" {len(outcome.violations)} violations, {outcome.trace_hash[:16]}",
            flush=True,
        )
    for promise, what in outcome.violations:
        print(f"seed {outcome.seed}: {promise} {what}", file=sys.stderr)


def _crash_points(*, as_json: bool) -> int:
    """Run every enumerated crash, one line for each flow; exit 1 when one breaks a promise."""
    failed = False
    for flow in crashes.FLOWS:
        found = crashes.survived(flow)
        failed |= found.broken > 0
        row = {"flow": flow, "points": found.points, "pairs": found.pairs, "broken": found.broken}
        words = f"{flow}: {found.points} points, {found.pairs} pairs, {found.broken} broken"
        print(json.dumps(row) if as_json else words, flush=True)
        for where in found.where:
            print(where, file=sys.stderr)
    return Exit.FAILED if failed else Exit.OK


def _shrink(plan: Plan) -> None:
    found = shrink(plan)
    if found is not None:
        print(json.dumps(found.row()), file=sys.stderr, flush=True)
