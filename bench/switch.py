"""The whole switch: sales a second, latency, CPU of every process, memory, and what limits it.

Durable commits (fsync), terminal MAC both ways, a PIN translation for every sale, duplicate check
and metrics on. Two acquirers with a set delay and a window above rate times delay. CPU comes from
the kernel's accounting of each process; load and acquirers share the machine and are shown too.
Steps that are compared take turns in one run. A house is bench/load/house.py.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench._report import head, spread
from bench.load.accounting import counted, cpu_s, memory_mib
from bench.load.house import House, free_ports

PERCENTILES = (50, 90, 99, 99.9)
PEAK_MAX = 2_500  # sales a second for which sales are made beforehand
FEW = 10
Figures = dict[str, Any]  # Any: JSON


class Load:
    """The generator's process; `step` has it do one thing and returns what it saw."""

    def __init__(
        self, house: House, pairs: list[tuple[str, str]], port: int, groups: list[Figures]
    ) -> None:
        self._house = house
        self._program = house.program(sys.executable, "-m", "bench.load.terminals")
        echo = port != house.port
        self._say({"port": port, "terminals": pairs, "groups": groups, "echo": echo})
        if not self._hear():
            raise SystemExit(house.errors())

    def step(self, step: Mapping[str, object]) -> Figures:
        """Do one step."""
        self._say(step)
        line = self._hear()
        if not line:
            raise SystemExit(f"the load ended\n{self._house.errors()}")
        done: Figures = json.loads(line)
        return done

    def _say(self, what: Mapping[str, object]) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps(what) + "\n")
        self._program.stdin.flush()

    def _hear(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline()


def latencies(us: Sequence[int], delay_ms: float) -> Figures:
    """Return percentiles in milliseconds, in all and without the acquirer's delay."""

    def of(values: Sequence[float]) -> dict[str, float]:
        last = len(values) - 1
        found = {f"p{p:g}": values[min(last, int(len(values) * p / 100))] for p in PERCENTILES}
        return {name: round(us / 1000, 2) for name, us in (found | {"max": values[-1]}).items()}

    own = [max(0.0, value - delay_ms * 1000) for value in us]
    return {"latency_ms": of(us), "own_latency_ms": of(own)} if us else {}


class Bench:
    """One house with its load, and the steps that are measured on it."""

    def __init__(self, house: House, load: Load, delay_ms: float) -> None:
        self._house, self._load, self._delay_ms = house, load, delay_ms

    def run(self, mode: str, connections: int, seconds: float, rate: float = 0.0) -> Figures:
        """Run one step and return its figures."""
        commits = "pointsman_journal_commits_total{"
        step = {"mode": mode, "connections": connections, "seconds": seconds}
        step |= {"rate": round(rate, 1)} if mode == "open" else {}
        written = counted(self._house.metrics_ports, commits)
        before = self._cpu()
        done = self._load.step(step)
        after = self._cpu()
        written = counted(self._house.metrics_ports, commits) - written
        sales = max(1, done["sales"])
        cpu = {name: round((after[name] - before[name]) / sales * 1e6, 1) for name in after}
        cpu["load"] = round(done["cpu_s"] / sales * 1e6, 1)
        return {
            **step,
            "sales": done["sales"],
            "sales_per_s": round(done["sales"] / done["seconds"], 1),
            "cpu_us_per_sale": cpu,
            "cpu_us_per_sale_switch": round(cpu["workers"] + cpu["hsm"] + cpu["postgres"], 1),
            **latencies(done["latencies_us"], self._delay_ms),
            "commits_per_s": round(written / done["seconds"], 1),
            "rows_per_commit": round(2 * sales / max(1, written), 1),
            "codes": done["codes"],
            "unanswered": done["unanswered"],
        }

    def memory(self) -> dict[str, float]:
        """Return MiB by kind of process."""
        groups = self._house.groups().items()
        return {n: memory_mib(pids, with_children=n == "postgres") for n, pids in groups}

    def hold_idle(self, count: int) -> None:
        """Have so many connections that say nothing."""
        self._load.step({"mode": "idle", "count": count})

    def _cpu(self) -> dict[str, float]:
        groups = sorted(self._house.groups().items())
        return {name: cpu_s(pids, with_children=name == "postgres") for name, pids in groups}


def summary(runs: Sequence[Figures]) -> Figures:
    """Return median, lowest and highest of what runs of one kind have in common."""
    found: Figures = {
        name: spread([run[name] for run in runs])
        for name in ("sales_per_s", "cpu_us_per_sale_switch", "commits_per_s", "rows_per_commit")
    }
    for table in ("cpu_us_per_sale", "latency_ms", "own_latency_ms"):
        names = runs[0].get(table, {})
        found[table] = {name: spread([run[table][name] for run in runs]) for name in names}
    found["codes"] = sorted({code for run in runs for code in run["codes"]})
    found["unanswered"] = sum(run["unanswered"] for run in runs)
    return found


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


@contextlib.contextmanager
def measured_house(options: argparse.Namespace) -> Iterator[tuple[House, Bench]]:
    """Start a house and its load, warm."""
    # /var/tmp is a disk where /tmp may be memory: a commit must cost what it costs.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        house = House(Path(root), options.terminals, options.workers, options.delay_ms)
        try:
            house.start()
            busy = options.connections
            # Sales at the peak, at 70 % of it and at 35 % beside idle connections; then the pairs.
            often = PEAK_MAX * (3 + options.runs * options.seconds * 2.05) / busy
            paired = PEAK_MAX * options.pairs * options.seconds / 2 * 0.35
            every = paired / options.terminals + 2
            groups = [
                {"to": FEW, "sales": int(often + paired / FEW + options.runs * 200)},
                {"to": busy, "sales": int(often + every)},
                {"to": options.terminals, "sales": int(every)},
            ]
            load = Load(house, house.pairs, house.port, groups)
            bench = Bench(house, load, options.delay_ms)
            bench.run("closed", busy, 3.0)
            yield house, bench
        finally:
            house.stop()


def main(argv: Sequence[str]) -> int:
    """Measure; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench switch")
    parser.add_argument("--json", action="store_true", help="one JSON object (the default)")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=7, help="of few and many connections")
    parser.add_argument("--connections", type=int, default=200, help="busy ones")
    parser.add_argument("--terminals", type=int, default=2000, help="all: many connections")
    parser.add_argument("--idle", type=int, default=2000)
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
        rate = options.rate or 0.7 * report["closed"]["sales_per_s"]["median"]
        opened = [
            bench.run("open", options.connections, options.seconds, rate)
            for _ in range(options.runs)
        ]
        report["open"] = {"rate": round(rate, 1), **summary(opened)}
        alone = [bench.run("closed", 1, options.seconds / 2) for _ in range(options.runs)]
        report["one_at_a_time"] = summary(alone)
        report["memory_mib"] = bench.memory()
        report["few_and_many"] = few_and_many(bench, rate / 2, options)
        report["idle"] = idle(bench, options.idle, rate / 2, options)
        report["limits"] = {"proxy": bare_proxy(house, options)}
    report["limits"]["postgres"] = commits_alone(options)
    report["took_s"] = round(time.monotonic() - began, 1)
    print(json.dumps(report, indent=1))
    return 0
