"""The whole switch: sales a second, latency, CPU of every process, memory, and what limits it.

Durable commits (fsync), terminal MAC both ways, a PIN translation for every sale, duplicate check
and metrics on. Two acquirers with a set delay and a window above rate times delay. CPU comes from
the kernel's accounting of each process; load and acquirers share the machine and are shown too.
Steps that are compared take turns in one run. What grows or overflows is bench/switch_scale.py.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from bench._report import head, spread
from bench.load.accounting import cpu_s
from bench.load.house import House, free_ports
from bench.load.measuring import FEW, Bench, Figures, Load, latencies, measured_house, summary


def idle(bench: Bench, count: int, rate: float, options: argparse.Namespace) -> Figures:
    """Return what idle connections cost, and what they do to the others."""
    without: list[Figures] = []
    with_them: list[Figures] = []
    before = after = bench.memory()["workers"]
    for turn in range(options.runs):
        bench.hold_idle(count)
        if turn == 0:
            after = bench.memory()["workers"]
        with_them.append(bench.run("open", options.connections, options.seconds / 2, rate))
        bench.hold_idle(0)
        without.append(bench.run("open", options.connections, options.seconds / 2, rate))
    return {
        "connections": count,
        "kib_each": round((after - before) * 1024 / count, 2),
        "own_p99_ms_with": spread([run["own_latency_ms"]["p99"] for run in with_them]),
        "own_p99_ms_without": spread([run["own_latency_ms"]["p99"] for run in without]),
    }


def few_and_many(bench: Bench, rate: float, options: argparse.Namespace) -> Figures:
    """Return the CPU of a sale over few and over all connections, in pairs that take turns."""
    few: list[float] = []
    many: list[float] = []
    for turn in range(options.pairs):
        order = (FEW, options.terminals) if turn % 2 else (options.terminals, FEW)
        for connections in order:
            run = bench.run("open", connections, options.seconds / 2, rate)
            (few if connections == FEW else many).append(run["cpu_us_per_sale_switch"])
    grown = [100 * (more / less - 1) for less, more in zip(few, many, strict=True)]
    counts = {"few": FEW, "many": options.terminals, "rate": round(rate, 1)}
    return {
        **counts,
        "cpu_us_few": spread(few),
        "cpu_us_many": spread(many),
        "grown_percent": spread(grown),
    }


def bare_proxy(house: House, options: argparse.Namespace) -> Figures:
    """Return what the same frames cost where nothing is done with them."""
    upstream, port = free_ports(2)
    argv = (sys.executable, "-m", "bench.load.proxy")
    far = house.program(*argv, str(upstream), str(options.delay_ms), "echo")
    assert far.stdout is not None
    far.stdout.readline()
    near = house.program(*argv, str(port), str(upstream))
    assert near.stdout is not None
    near.stdout.readline()
    pairs = house.pairs[: options.connections]
    sales = int(options.seconds * 40_000 / len(pairs))
    load = Load(house, pairs, port, [{"to": len(pairs), "sales": sales}])
    before = cpu_s([near.pid])
    step = {"mode": "closed", "connections": len(pairs), "seconds": min(2.0, options.seconds)}
    done = load.step(step)
    used = cpu_s([near.pid]) - before
    return {
        "messages_per_s": round(done["sales"] / done["seconds"], 1),
        "proxy_cpu_us": round(used / done["sales"] * 1e6, 1),
        **latencies(done["latencies_us"], options.delay_ms),
    }


def commits_alone(options: argparse.Namespace) -> Figures:
    """Return what the store's own measurement tells: PostgreSQL without a switch around it."""
    argv = ("store", "--sales", "4000", "--runs", str(options.runs), "--waiting", "200", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "bench", *argv], capture_output=True, text=True, check=True
    )
    found: Figures = json.loads(done.stdout)
    return found


def disk_alone(count: int = 300) -> Figures:
    """Return what one durable write of 8 KiB to the disk of the journal takes, in milliseconds."""
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        os.write(file.fileno(), bytes(1 << 20))
        os.fsync(file.fileno())
        took = []
        for number in range(count):
            os.pwrite(file.fileno(), bytes(8192), number * 8192 % (1 << 20))
            began = time.monotonic()
            os.fdatasync(file.fileno())
            took.append((time.monotonic() - began) * 1000)
    took.sort()
    return {"p50": round(took[count // 2], 2), "p99": round(took[int(count * 0.99)], 2)}


def main(argv: Sequence[str]) -> int:
    """Measure; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench switch")
    parser.add_argument("--json", action="store_true", help="one JSON object (the default)")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=7, help="of few and many connections")
    parser.add_argument("--connections", type=int, default=200, help="busy ones")
    parser.add_argument("--terminals", type=int, default=2000, help="all: many connections")
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=0.0, help="open loop; 0: 70 %% of the peak")
    options = parser.parse_args(argv)
    report: Figures = head("switch", argv, options.runs)
    for name in ("seconds", "connections", "terminals", "workers", "delay_ms"):
        report[name] = getattr(options, name)
    began = time.monotonic()
    with measured_house(options) as (house, bench):
        closed = [
            bench.run("closed", options.connections, options.seconds) for _ in range(options.runs)
        ]
        report["closed"] = summary(closed)
        house.checkpoint()
        rate = options.rate or 0.7 * report["closed"]["sales_per_s"]["median"]
        opened = [
            bench.run("open", options.connections, options.seconds, rate)
            for _ in range(options.runs)
        ]
        report["open"] = {"rate": round(rate, 1), **summary(opened)}
        house.checkpoint(tidy=True)  # else autovacuum does it then, at one sale's cost
        alone = [bench.run("closed", 1, options.seconds / 2) for _ in range(options.runs)]
        report["one_at_a_time"] = summary(alone) | {"disk_ms": disk_alone()}
        report["memory_mib"] = bench.memory()
        report["few_and_many"] = few_and_many(bench, rate / 2, options)
        house.checkpoint(tidy=True)
        report["idle"] = idle(bench, options.idle, rate / 2, options)
        report["limits"] = {"proxy": bare_proxy(house, options)}
    report["limits"]["postgres"] = commits_alone(options)
    report["took_s"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))
    return 0
