"""What the console costs a house that sells: live pages' memory, and the switch beside reports.

A whole house with its acquirers and load (bench/load): 100 signed-in people hold a live page while
sales come; then, at half of the peak, steps without and with reports take turns. CPU and memory
are the kernel's accounting of each process. How fast lists are is bench/console.py.
"""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trio

from bench._report import head, spread
from bench.load.filling import fill
from bench.load.house import House
from bench.load.measuring import Bench, Figures, Load
from pointsman.console.app import make_office
from pointsman.console.rights import Role
from pointsman.effects import Effects
from pointsman.store.pool import Pool
from tests.console.browser import person

FIGURES_S_MAX = 600.0


async def _tokens(url: str, mids: Sequence[str]) -> list[str]:
    """Return sessions of people: of these merchants, or of the platform where it is empty."""
    office = make_office(url, secrets.token_bytes(32), Effects(), mode="test")
    people = [
        await person(office, Role.MERCHANT_VIEWER if mid else Role.OPERATOR, mid) for mid in mids
    ]
    office.pool.close()
    return [one.cookies["pointsman_session"] for one in people]


async def _figured(url: str) -> int:
    """Wait until the console has the figures of every closed day; return of how many."""
    pool = Pool(url)
    with trio.fail_after(FIGURES_S_MAX):
        while True:
            rows = await pool.rows(
                "select count(*), (select count(*) from figured_days) from business_days"
                " where state = 'closed'"
            )
            if rows[0][0] == rows[0][1]:
                pool.close()
                return int(rows[0][0])
            await trio.sleep(0.5)


@contextmanager
def reading(house: House, what: str, port: int, mids: Sequence[str]) -> Iterator[Figures]:
    """Let people read meanwhile; the value is filled with what they saw when it ends."""
    tokens = trio.run(_tokens, house.database, mids)
    program = house.program(sys.executable, "-m", "bench.load.readers", what, str(port))
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(json.dumps(tokens) + "\n")
    program.stdin.flush()
    if program.stdout.readline() != "ready\n":
        raise SystemExit(house.errors())
    seen: Figures = {}
    try:
        yield seen
    finally:
        program.stdin.close()
        seen |= json.loads(program.stdout.readline())
        program.wait(10)


def live_pages(house: House, bench: Bench, port: int, options: argparse.Namespace) -> Figures:
    """Return what so many live pages take of the console's memory while sales come."""
    before = bench.memory()["console"]
    with reading(house, "streams", port, [""] * options.pages) as seen:
        held = bench.memory()["console"]
        run = bench.run("open", options.connections, options.seconds * 2, options.live_rate)
        after = bench.memory()["console"]
        time.sleep(2)
    return {
        "pages": options.pages,
        "sales": run["sales"],
        "sales_per_s": run["sales_per_s"],
        "console_mib_before": before,
        "console_mib_opened": held,
        "console_mib_after": after,
        "cpu_us_per_sale_console": run["cpu_us_per_sale"]["console"],
        **seen,
    }


def beside_reports(house: House, bench: Bench, port: int, options: argparse.Namespace) -> Figures:
    """Return the workers' CPU of a sale and its p99 without and with reports, in turns.

    Each reader is a merchant who asks for one report of a month after the other.
    """
    peak = spread(
        [bench.run("closed", options.connections, options.seconds)["sales_per_s"] for _ in range(3)]
    )
    rate = peak["median"] / 2
    mids = sorted({mid for mid, _ in house.pairs})[: options.readers]
    runs: dict[str, list[Figures]] = {"without": [], "with": []}
    told: list[Figures] = []
    for turn in range(options.pairs):
        for name in ("with", "without") if turn % 2 else ("without", "with"):
            step = ("open", options.connections, options.seconds)
            if name == "without":
                runs[name].append(bench.run(*step, rate))
                continue
            with reading(house, "reports", port, mids) as seen:
                runs[name].append(bench.run(*step, rate))
            told.append(seen)
    found: Figures = {"peak_per_s": peak, "rate": round(rate, 1), "readers": options.readers}
    for kind in ("workers", "hsm", "postgres", "console"):
        found[f"cpu_us_{kind}"] = {
            name: spread([run["cpu_us_per_sale"][kind] for run in some])
            for name, some in runs.items()
        }
    pairs = list(zip(runs["without"], runs["with"], strict=True))
    cpu = [
        100 * (b["cpu_us_per_sale"]["workers"] / a["cpu_us_per_sale"]["workers"] - 1)
        for a, b in pairs
    ]
    found["workers_grown_percent"] = spread(cpu)
    for name, some in runs.items():
        found[f"p99_ms_{name}"] = spread([run["latency_ms"]["p99"] for run in some])
        found[f"own_p99_ms_{name}"] = spread([run["own_latency_ms"]["p99"] for run in some])
        found[f"sales_per_s_{name}"] = spread([run["sales_per_s"] for run in some])
    found["p99_ratio"] = spread([b["latency_ms"]["p99"] / a["latency_ms"]["p99"] for a, b in pairs])
    found["reports"] = sum(one["answers"] for one in told)
    found["report_p95_ms"] = spread([one["p95_ms"] for one in told])
    found["statuses"] = [one["statuses"] for one in told]
    return found


def main(argv: Sequence[str]) -> int:
    """Measure; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench console_load")
    parser.add_argument("--json", action="store_true", help="one JSON object (the default)")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--live-rate", type=float, default=50.0)
    parser.add_argument("--readers", type=int, default=4, help="merchants who read reports")
    parser.add_argument("--rows", type=int, default=200_000, help="sales of past days")
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    options = parser.parse_args(argv)
    report: Figures = head("console_load", argv, options.pairs)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        house = House(Path(root), options.connections, options.workers, options.delay_ms)
        port = house.open_console()
        try:
            house.start()
            sales = 3000 * options.seconds * (options.pairs * 2 + 6) / options.connections
            groups = [{"to": options.connections, "sales": int(sales)}]
            bench = Bench(house, Load(house, house.pairs, house.port, groups), options.delay_ms)
            bench.run("closed", options.connections, 3.0)
            if options.rows:
                fill(house.database, options.rows)
                report["days_figured"] = trio.run(_figured, house.database)
            report["live_pages"] = live_pages(house, bench, port, options)
            report["beside_reports"] = beside_reports(house, bench, port, options)
        finally:
            house.stop()
    report["took_s"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))
    return 0
