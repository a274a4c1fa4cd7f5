"""The whole switch: sales a second, latency, and CPU of every process, with everything on it.

Durable commits (fsync), terminal MAC both ways, a PIN translation for every sale, duplicate check
and metrics on. Two acquirers with a set delay and a window above rate times delay. CPU comes from
the kernel's accounting of each process; load and acquirers share the machine and are shown too.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MERCHANTS = 20
PORT, ALPHA, BETA = 18583, 19101, 19102
ZPK, ZAK = "3B6E10E5E95DB68F08137A38671FC1BC", "92CBAE529E439D623885CDE64A8CA1CE"
TMK = "0123456789ABCDEFFEDCBA9876543210"
POINTSMAN = (sys.executable, "-m", "pointsman")
PERCENTILES = (50, 90, 99, 99.9)


def site(terminals: int) -> tuple[str, list[tuple[str, str]]]:
    """Return a site file and the (MID, TID) pairs in it."""
    text = ['laboratory = true\nzone = "Asia/Shanghai"\ncutoff = "00:00"\n']
    for name, port, form, framing in (
        ("alpha", ALPHA, "ascii87-hexbitmap", "ascii4"),
        ("beta", BETA, "ascii87-binbitmap", "len2"),
    ):
        text.append(
            f'[acquirers.{name}]\ninstitution = "4802{port}"\nformat = "{form}"\n'
            f'framing = "{framing}"\naddress = "127.0.0.1:{port}"\nzpk = "{ZPK}"\nzak = "{ZAK}"\n'
            f'reversal = "0420"\nin_flight_max = 2000\n'
        )
    pairs = []
    for number in range(MERCHANTS):
        mid = f"8981000533{number:05d}"
        acquirer = "alpha" if number % 2 else "beta"
        text.append(
            f'[merchants.{mid}]\nname = "Bench {number}"\nmcc = "5411"\ncity = "Shanghai"\n'
            f'country = "CN"\ncurrency = "CNY"\nroutes = [{{ acquirer = "{acquirer}" }}]\n'
        )
        for index in range(terminals // MERCHANTS):
            tid = f"{number:03d}{index:05d}"
            pairs.append((mid, tid))
            text.append(f'[merchants.{mid}.terminals.{tid}]\ntmk = "{TMK}"\n')
    return "\n".join(text), pairs


class House:
    """One house in a directory of its own, with its acquirers and its load."""

    def __init__(self, root: Path, terminals: int, workers: int, delay_ms: float) -> None:
        self._root = root
        self._data = root / "data"
        text, self.pairs = site(terminals)
        (root / "site.toml").write_text(text)
        self._environment = {
            **os.environ,
            "POINTSMAN_TERMINALS_PORT": str(PORT),
            "POINTSMAN_WORKERS_COUNT": str(workers),
            "POINTSMAN_METRICS_SUPERVISOR": "0",
            "POINTSMAN_METRICS_WORKERS": "18590",
            "POINTSMAN_METRICS_CLERK": "0",
            "POINTSMAN_LIMITS_IN_FLIGHT_MAX": "20000",
        }
        self._delay_ms = delay_ms
        self._programs: list[subprocess.Popen[str]] = []
        self.serve: subprocess.Popen[str] | None = None
        self.hosts: list[int] = []

    def start(self) -> None:
        """Import the site, then start acquirers and the house."""
        plan = self._command("import", str(self._root / "site.toml"), "--json")
        token = str(plan["token"])
        self._command("import", str(self._root / "site.toml"), "--json", "--commit", token)
        for port, form, framing in (
            (ALPHA, "ascii87-hexbitmap", "ascii4"),
            (BETA, "ascii87-binbitmap", "len2"),
        ):
            arguments = (str(port), form, framing, str(self._delay_ms))
            host = self.program(sys.executable, "-m", "bench.load.acquirers", *arguments)
            assert host.stdout is not None
            host.stdout.readline()
            self.hosts.append(host.pid)
        self.serve = self.program(*POINTSMAN, "serve", "--data", str(self._data), quiet=True)
        status = self._data / "run" / "supervisor.json"
        for _ in range(300):
            time.sleep(0.1)
            with contextlib.suppress(OSError, ValueError):
                if json.loads(status.read_text())["state"] == "ready":
                    time.sleep(1.0)  # the links sign on
                    return
        raise SystemExit("the house did not become ready")

    def program(self, *argv: str, quiet: bool = False) -> subprocess.Popen[str]:
        """Start a program that ends with `stop`."""
        errors = (self._root / "errors.log").open("a")
        program = subprocess.Popen(
            argv,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=errors if quiet else subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        errors.close()
        self._programs.append(program)
        return program

    def stop(self) -> None:
        """End everything, the house first."""
        for program in reversed(self._programs):
            with contextlib.suppress(ProcessLookupError):
                program.send_signal(signal.SIGTERM)
            program.wait(60)
            for stream in (program.stdin, program.stdout):
                if stream is not None:
                    stream.close()

    def groups(self) -> dict[str, list[int]]:
        """Return process ids by what they are."""
        assert self.serve is not None
        found: dict[str, list[int]] = {"acquirers": self.hosts, "supervisor": [self.serve.pid]}
        for pid, parent, words in _processes():
            if parent != self.serve.pid:
                continue
            for name in ("worker", "hsm", "clerk"):
                if name in words[2:5]:
                    found.setdefault(name + "s" * (name == "worker"), []).append(pid)
            if words and "postgres" in words[0]:
                found["postgres"] = [pid]
        return found

    def _command(self, *argv: str) -> dict[str, object]:
        done = subprocess.run(
            [*POINTSMAN, *argv, "--data", str(self._data)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        answer: dict[str, object] = json.loads(done.stdout)
        return answer


def _processes() -> Iterator[tuple[int, int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                yield int(entry.name), int(stat[1]), words


def cpu_s(pids: Sequence[int], *, with_children: bool = False) -> float:
    """Return CPU seconds of these processes, living and reaped children too where asked."""
    wanted = set(pids)
    if with_children:
        wanted |= {pid for pid, parent, _ in _processes() if parent in wanted}
    total = 0
    for pid in wanted:
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(stat[11]) + int(stat[12])
            if pid in pids and with_children:
                total += int(stat[13]) + int(stat[14])
    return total / TICKS


def memory_mib(pids: Sequence[int]) -> float:
    """Return the resident memory of these processes."""
    pages = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def figures(latencies_us: Sequence[int], delay_ms: float) -> dict[str, dict[str, float]]:
    """Return latency percentiles in milliseconds, in all and without the acquirer's delay."""

    def of(values: Sequence[float]) -> dict[str, float]:
        if not values:
            return {}
        found = {
            f"p{p:g}": round(values[min(len(values) - 1, int(len(values) * p / 100))] / 1000, 2)
            for p in PERCENTILES
        }
        return found | {"max": round(values[-1] / 1000, 2)}

    own = [max(0.0, value - delay_ms * 1000) for value in latencies_us]
    return {"latency_ms": of(latencies_us), "own_latency_ms": of(own)}


def measure(
    house: House, load: subprocess.Popen[str], step: dict[str, object], delay_ms: float
) -> dict[str, object]:
    """Run one step and return its figures."""
    groups = house.groups()
    before = {name: cpu_s(pids, with_children=name == "postgres") for name, pids in groups.items()}
    assert load.stdin is not None
    assert load.stdout is not None
    load.stdin.write(json.dumps(step) + "\n")
    load.stdin.flush()
    done = json.loads(load.stdout.readline())
    after = {name: cpu_s(pids, with_children=name == "postgres") for name, pids in groups.items()}
    sales = max(1, done["sales"])
    cpu = {name: round((after[name] - before[name]) / sales * 1e6, 1) for name in sorted(groups)}
    cpu["load"] = round(done["cpu_s"] / sales * 1e6, 1)
    return {
        **step,
        "sales": done["sales"],
        "sales_per_s": round(done["sales"] / done["seconds"], 1),
        "cpu_us_per_sale": cpu,
        "cpu_us_per_sale_switch": round(cpu["workers"] + cpu["hsm"] + cpu["postgres"], 1),
        **figures(done["latencies_us"], delay_ms),
        "codes": done["codes"],
        "unanswered": done["unanswered"],
        "memory_mib": {name: memory_mib(pids) for name, pids in groups.items()},
    }


def main(argv: Sequence[str]) -> int:
    """Measure; print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m bench switch")
    parser.add_argument("--json", action="store_true", help="one JSON object (the default)")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--terminals", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay-ms", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=0.0, help="open loop too; 0: 70 %% of peak")
    options = parser.parse_args(argv)
    # /var/tmp is a disk where /tmp may be memory: a commit must cost what it costs.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as root:
        house = House(Path(root), options.terminals, options.workers, options.delay_ms)
        try:
            house.start()
            load = house.program(sys.executable, "-m", "bench.load.terminals")
            assert load.stdin is not None
            assert load.stdout is not None
            per_terminal = int(options.seconds * 4000 * (options.runs + 2) / options.terminals)
            task = {"port": PORT, "terminals": house.pairs, "sales": per_terminal}
            load.stdin.write(json.dumps(task) + "\n")
            load.stdin.flush()
            if not load.stdout.readline():
                raise SystemExit((Path(root) / "errors.log").read_text()[-2000:])
            warm = {"mode": "closed", "seconds": 2.0}
            measure(house, load, warm, options.delay_ms)
            closed = [
                measure(
                    house,
                    load,
                    {"mode": "closed", "seconds": options.seconds},
                    options.delay_ms,
                )
                for _ in range(options.runs)
            ]
            peak = statistics.median(float(str(run["sales_per_s"])) for run in closed)
            rate = options.rate or 0.7 * peak
            step = {"mode": "open", "seconds": options.seconds, "rate": round(rate, 1)}
            opened = measure(house, load, step, options.delay_ms)
        finally:
            house.stop()
    print(
        json.dumps(
            {
                "measurement": "switch",
                "date": time.strftime("%Y-%m-%d"),
                "cores": os.cpu_count(),
                "python": sys.version.split()[0],
                "runs": options.runs,
                "workers": options.workers,
                "terminals": options.terminals,
                "acquirer_delay_ms": options.delay_ms,
                "peak_sales_per_s": peak,
                "closed": closed,
                "open": opened,
            },
            indent=1,
        )
    )
    return 0
