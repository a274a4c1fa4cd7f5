"""A house with its load, and the steps that are measured on it: what bench/switch*.py are made of.

Each step returns its figures; CPU comes from the kernel's accounting of each process. Which steps
take turns, and what is told of them, is said by the measurements themselves.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench._report import spread
from bench.load.accounting import counted, cpu_s, memory_mib, waited_s
from bench.load.house import House

PERCENTILES = (50, 90, 99, 99.9)
PEAK_MAX = 5_000  # sales a second for which sales are made beforehand
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


def refusals(done: Figures) -> Figures:
    """Return what was refused, where anything was: codes while sales came, and how fast."""
    us = done["refused_us"]
    if not us:
        return {}
    middle, late = us[len(us) // 2], us[min(len(us) - 1, int(len(us) * 0.99))]
    return {
        "in_time": done["in_time"],
        "refused_ms": {"p50": round(middle / 1000, 2), "p99": round(late / 1000, 2)},
    }


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
        before, waited = self._cpu(), self._waited()
        done = self._load.step(step)
        after, waited = self._cpu(), self._waited() - waited
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
            "waited_us_per_sale": round(waited / sales * 1e6, 1),
            **latencies(done["latencies_us"], self._delay_ms),
            **refusals(done),
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

    def _waited(self) -> float:
        found = self._house.groups()
        return sum(
            waited_s(found[name], with_children=name == "postgres")
            for name in ("workers", "hsm", "postgres")
        )

    def _cpu(self) -> dict[str, float]:
        groups = sorted(self._house.groups().items())
        return {name: cpu_s(pids, with_children=name == "postgres") for name, pids in groups}


def summary(runs: Sequence[Figures]) -> Figures:
    """Return median, lowest and highest of what runs of one kind have in common."""
    found: Figures = {
        name: spread([run[name] for run in runs])
        for name in (
            *("sales_per_s", "cpu_us_per_sale_switch", "waited_us_per_sale"),
            *("commits_per_s", "rows_per_commit"),
        )
    }
    for table in ("cpu_us_per_sale", "latency_ms", "own_latency_ms"):
        names = runs[0].get(table, {})
        found[table] = {name: spread([run[table][name] for run in runs]) for name in names}
    found["codes"] = sorted({code for run in runs for code in run["codes"]})
    found["unanswered"] = sum(run["unanswered"] for run in runs)
    return found


@contextlib.contextmanager
def measured_house(
    options: argparse.Namespace, *, overload: float = 0.0, closed_s: float = 0.0
) -> Iterator[tuple[House, Bench]]:
    """Start a house and its load, warm and aged; with `overload` it has the limits of a new one.

    `overload` is how many sales each terminal needs beyond the others' steps, `closed_s` how long a
    closed loop is run beyond those of `options.runs`.
    """
    # /var/tmp is a disk where /tmp may be memory: a commit must cost what it costs.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        house = House(Path(root), options.terminals, options.workers, options.delay_ms)
        if overload:
            house.use_own_limits()
        try:
            house.start()
            busy = options.connections
            # Sales at the peak, at 70 % of it and at 35 % beside idle connections; then the pairs.
            often = PEAK_MAX * (3 + closed_s + options.runs * options.seconds * 2.05) / busy
            paired = PEAK_MAX * options.pairs * options.seconds / 2 * 0.35
            every = paired / options.terminals + 2 + overload
            groups = [
                {"to": FEW, "sales": int(often + paired / FEW + options.runs * 200)},
                {"to": busy, "sales": int(often + every)},
                {"to": options.terminals, "sales": int(every)},
            ]
            load = Load(house, house.pairs, house.port, groups)
            bench = Bench(house, load, options.delay_ms)
            bench.run("closed", busy, 3.0)
            house.age()
            yield house, bench
        finally:
            house.stop()
