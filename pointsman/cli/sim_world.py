"""`pointsman sim world`: the whole house simulated by seeds, one line for each.

Reads the options, runs each seed, prints and records. What a run is stands in sim/world/; how to
read a line, a trace and a reduced seed is told in docs/simulation.md.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from pointsman.cli.options import Exit, complain
from pointsman.sim.world import campaign, crashes
from pointsman.sim.world.outcome import Outcome
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.shrink import shrink
from pointsman.sim.world.world import Options, run_world

SEEDS_MAX = 10_000  # in one call
MINUTES_MAX = 1440.0
FRESH = "fresh"
DIGITS_MAX = 18


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `sim world`."""
    add = parser.add_argument
    add(
        "--seeds",
        default="7",
        metavar="N|N,N|N-N|fresh",
        help="which seeds: 7,9 or 7-26; fresh: from the time of day on, as printed",
    )
    add("--minutes", default="5", metavar="M", help="simulated minutes of chaos each")
    add("--transactions", type=int, metavar="N", help="end once so many have been simulated")
    add("--trace", type=Path, metavar="DIR", help="write what happened to DIR/seed-N.txt")
    add("--only", type=Path, metavar="FILE", help="repeat a reduced seed: its decisions alone")
    add("--shrink", action="store_true", help="reduce a seed that breaks a promise; slow")
    add("--crash-points", action="store_true", help="every seam of every flow instead of seeds")
    add("--pairs", action="store_true", help="with --crash-points: all pairs of crashes, too")
    add("--record", type=Path, metavar="FILE", help="add the figures to those of earlier runs")
    add("--commit", default="", metavar="HASH", help="with --record: what was run")
    add("--json", action="store_true")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run every seed; exit 1 when one breaks a promise."""
    if arguments.crash_points:
        return _crash_points(arguments)
    try:
        minutes, plans, options = _prepared(arguments)
    except (ValueError, OSError) as error:
        complain(str(error))
        return Exit.USAGE
    if arguments.seeds == FRESH:
        print(f"fresh seeds from {plans[0].seed} on, {minutes:g} minutes each", file=sys.stderr)
    failed = False
    transactions = 0
    for plan in plans:
        outcome = run_world(plan, replace(options))
        _print(outcome, as_json=arguments.json)
        failed |= bool(outcome.violations)
        if outcome.violations and arguments.only is None:
            again = f"pointsman sim world --seeds {plan.seed} --minutes {minutes:g}"
            print(f"seed {plan.seed}: to repeat it: {again}", file=sys.stderr, flush=True)
        transactions += outcome.transactions
        if arguments.trace is not None:
            text = "\n".join(outcome.lines)
            (arguments.trace / f"seed-{plan.seed}.txt").write_text(text + "\n", "utf-8")
        if arguments.record is not None:
            campaign.record(arguments.record, outcome, minutes, arguments.commit)
        if outcome.violations and arguments.shrink:
            _shrink(plan)
        if arguments.transactions is not None and transactions >= arguments.transactions:
            break
    if len(plans) > 1:
        print(f"{transactions} transactions simulated", file=sys.stderr)
    return Exit.FAILED if failed else Exit.OK


def _prepared(arguments: argparse.Namespace) -> tuple[float, list[Plan], Options]:
    """Read what is to be run, and see that files fit; raises ValueError and OSError."""
    options = Options(keep_trace=arguments.trace is not None)
    minutes = parse_minutes(arguments.minutes)
    plans = [campaign.plan_of(seed, minutes) for seed in parse_seeds(arguments.seeds)]
    if arguments.only is not None:
        plan, options.only = campaign.read_reduced(arguments.only)
        plans = [plan]
    if arguments.trace is not None:
        arguments.trace.mkdir(parents=True, exist_ok=True)
    if arguments.record is not None:
        campaign.read(arguments.record)
    return minutes, plans, options


def parse_minutes(text: str) -> float:
    """Read minutes above 0; raises ValueError with what to say."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0 < minutes <= MINUTES_MAX:
        raise ValueError(f"--minutes {text!r} is not a number above 0, up to {MINUTES_MAX:g}")
    return minutes


def parse_seeds(text: str) -> list[int]:
    """Read ``7``, ``7,9``, ``7-26`` or ``fresh``; raises ValueError with what to say."""
    if text == FRESH:
        first = int(time.time())
        return list(range(first, first + SEEDS_MAX))
    wrong = ValueError(
        f"--seeds {text!r} is no list of up to {SEEDS_MAX} seeds such as 7, 7,9, 7-26 or fresh"
    )
    seeds: list[int] = []
    for part in text.split(","):
        first_text, dash, last_text = part.strip().partition("-")
        for one in (first_text, last_text) if dash else (first_text,):
            if not (one.isascii() and one.isdigit() and len(one) <= DIGITS_MAX):
                raise wrong
        begin, end = int(first_text), int(last_text if dash else first_text)
        if not 0 <= end - begin < SEEDS_MAX - len(seeds):
            raise wrong
        seeds += range(begin, end + 1)
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


def _crash_points(arguments: argparse.Namespace) -> int:
    """Run every enumerated crash, one line for each flow; exit 1 when one breaks a promise."""
    failed = False
    for flow in crashes.FLOWS:
        found = crashes.survived(flow, all_pairs=arguments.pairs)
        failed |= found.broken > 0
        row: dict[str, int | str] = {
            "flow": flow,
            "points": found.points,
            "pairs": found.pairs,
            "broken": found.broken,
        }
        words = f"{flow}: {found.points} points, {found.pairs} pairs, {found.broken} broken"
        print(json.dumps(row) if arguments.json else words, flush=True)
        for where in found.where:
            print(where, file=sys.stderr)
        if arguments.record is not None:
            campaign.record_crashes(arguments.record, row, arguments.commit)
    return Exit.FAILED if failed else Exit.OK


def _shrink(plan: Plan) -> None:
    found = shrink(plan)
    if found is not None:
        print(json.dumps(found.row()), file=sys.stderr, flush=True)
