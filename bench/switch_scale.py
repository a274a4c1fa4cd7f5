"""What grows and what overflows: many idle connections, a long journal, more sales than it can do.

As in bench/switch.py, whose house and load these are. A long journal is a second house that is
filled with past sales; both are up at once and take turns.
"""

import argparse
import contextlib
import json
import time
from collections.abc import Sequence

from bench._report import head, spread
from bench.load.filling import fill
from bench.load.measuring import Bench, Figures, measured_house, summary

OVERLOAD = 2.0  # times the peak
APPROVED = "00"


def overload(bench: Bench, options: argparse.Namespace) -> Figures:
    """Offer twice the peak: what is still served, how fast, and what happens to the rest."""
    peaks, loaded = [], []
    for _ in range(options.runs):
        peaks.append(bench.run("closed", options.connections, options.seconds)["sales_per_s"])
        offered = OVERLOAD * peaks[-1]
        loaded.append(bench.run("open", options.terminals, options.seconds, offered))
    served = [
        (run["in_time"] if "in_time" in run else run["codes"]).get(APPROVED, 0) / options.seconds
        for run in loaded
    ]
    shares = [one / peak for one, peak in zip(served, peaks, strict=True)]
    return {
        "offered_times_peak": OVERLOAD,
        "peak_per_s": spread(peaks),
        "served_per_s": spread(served),
        "served_share_of_peak": spread(shares),
        "own_p50_ms": spread([run["own_latency_ms"]["p50"] for run in loaded]),
        "own_p99_ms": spread([run["own_latency_ms"]["p99"] for run in loaded]),
        "refused_p50_ms": spread([run.get("refused_ms", {}).get("p50", 0.0) for run in loaded]),
        "refused_p99_ms": spread([run.get("refused_ms", {}).get("p99", 0.0) for run in loaded]),
        "codes": [run["codes"] for run in loaded],
        "unanswered": sum(run["unanswered"] for run in loaded),
    }


def long_journal(options: argparse.Namespace) -> Figures:
    """Return the CPU of a sale over an empty and over a long journal, in pairs that take turns."""
    closed_s = options.pairs * options.seconds
    with contextlib.ExitStack() as houses:
        _, empty = houses.enter_context(measured_house(options, closed_s=closed_s))
        house, full = houses.enter_context(measured_house(options, closed_s=closed_s))
        began = time.monotonic()
        fill(house.database, options.rows)
        filled_s = time.monotonic() - began
        runs: dict[Bench, list[Figures]] = {empty: [], full: []}
        for turn in range(options.pairs):
            for bench in (empty, full) if turn % 2 else (full, empty):
                runs[bench].append(bench.run("closed", options.connections, options.seconds))
    costs = [[run["cpu_us_per_sale_switch"] for run in runs[bench]] for bench in (empty, full)]
    grown = [100 * (more / less - 1) for less, more in zip(*costs, strict=True)]
    return {
        "rows": options.rows,
        "filled_s": round(filled_s, 1),
        "pairs": options.pairs,
        "grown_percent": spread(grown),
        "empty": summary(runs[empty]),
        "full": summary(runs[full]),
    }


def main(argv: Sequence[str]) -> int:
    """Measure; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench switch_scale")
    parser.add_argument("--json", action="store_true", help="one JSON object (the default)")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--runs", type=int, default=5, help="of the overload")
    parser.add_argument("--pairs", type=int, default=7, help="of empty and long journal; 0: none")
    parser.add_argument("--rows", type=int, default=5_000_000, help="of the long journal")
    parser.add_argument("--connections", type=int, default=200, help="busy ones")
    parser.add_argument("--terminals", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    options = parser.parse_args(argv)
    report: Figures = head("switch_scale", argv, options.runs)
    for name in ("seconds", "connections", "terminals", "workers", "delay_ms"):
        report[name] = getattr(options, name)
    if options.runs:
        each = OVERLOAD * options.runs * options.seconds * 4_000 / options.terminals
        with measured_house(options, overload=each) as (_, bench):
            report["overload"] = overload(bench, options)
    if options.pairs:
        report["long_journal"] = long_journal(options)
    print(json.dumps(report, indent=1))
    return 0
