"""A whole house in a directory of its own, with its acquirers: what bench/switch.py measures.

Embedded PostgreSQL with fsync, one HSM process, workers, clerk, supervisor. Ports are free ones,
keys published test keys.
"""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from bench.load.accounting import processes
from pointsman.config import Config
from pointsman.store.server import embedded_url

MERCHANTS = 20
ZPK, ZAK = "3B6E10E5E95DB68F08137A38671FC1BC", "92CBAE529E439D623885CDE64A8CA1CE"
TMK = "0123456789ABCDEFFEDCBA9876543210"
POINTSMAN = (sys.executable, "-m", "pointsman")
START_S = 120.0  # a machine may be busy, and PostgreSQL makes its cluster first
LOG_FILES = 60  # of 16 MiB: of some 150,000 sales; the embedded server keeps 64 of them
ROWS = (("alpha", "ascii87-hexbitmap", "ascii4"), ("beta", "ascii87-binbitmap", "len2"))


def free_ports(count: int) -> list[int]:
    """Return neighbouring ports that nobody listens on now.

    Below those that the kernel gives to whoever dials: thousands of terminals do.
    """
    while True:
        base = random.randrange(20_000, 32_000)  # noqa: S311 (a port is no secret)
        with contextlib.suppress(OSError, OverflowError), contextlib.ExitStack() as held:
            for port in range(base, base + count):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return list(range(base, base + count))


def site(terminals: int, ports: list[int]) -> tuple[str, list[tuple[str, str]]]:
    """Return a site file and the (MID, TID) pairs in it."""
    text = ['laboratory = true\nzone = "Asia/Shanghai"\ncutoff = "00:00"\n']
    for (name, form, framing), port in zip(ROWS, ports, strict=True):
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
        self.port, *ports = free_ports(3 + workers)
        self.metrics_ports = ports[2:]
        self._hosts_at = ports[:2]
        text, pairs = site(terminals, self._hosts_at)
        # Neighbours belong to different merchants and acquirers.
        per = len(pairs) // MERCHANTS
        self.pairs = [pairs[m * per + i] for i in range(per) for m in range(MERCHANTS)]
        (root / "site.toml").write_text(text)
        self._environment = {
            **os.environ,
            "POINTSMAN_TERMINALS_PORT": str(self.port),
            "POINTSMAN_WORKERS_COUNT": str(workers),
            "POINTSMAN_METRICS_SUPERVISOR": "0",
            "POINTSMAN_METRICS_WORKERS": str(ports[2]),
            "POINTSMAN_METRICS_CLERK": "0",
            "POINTSMAN_LIMITS_IN_FLIGHT_MAX": "20000",
            "POINTSMAN_LIMITS_IDLE_S": "3600",
        }
        if "console" in Config.__struct_fields__:
            self._environment["POINTSMAN_CONSOLE_PORT"] = "0"  # its fixed port may be taken
        self._delay_ms = delay_ms
        self._programs: list[subprocess.Popen[str]] = []
        self.serve: subprocess.Popen[str] | None = None
        self.hosts: list[int] = []

    def use_own_limits(self) -> None:
        """Leave the limit of payments under way as a house has it that sets nothing."""
        del self._environment["POINTSMAN_LIMITS_IN_FLIGHT_MAX"]

    def open_console(self) -> int:
        """Let the house have its console, on a port of its own; called before `start`."""
        (port,) = free_ports(1)
        self._environment["POINTSMAN_CONSOLE_PORT"] = str(port)
        return port

    @property
    def database(self) -> str:
        """The address of this house's database."""
        return embedded_url(self._data / "postgres")

    def start(self) -> None:
        """Import the site, then start acquirers and the house."""
        plan = self._command("import", str(self._root / "site.toml"), "--json")
        token = str(plan["token"])
        self._command("import", str(self._root / "site.toml"), "--json", "--commit", token)
        for (_, form, framing), port in zip(ROWS, self._hosts_at, strict=True):
            arguments = (str(port), form, framing, str(self._delay_ms))
            host = self.program(sys.executable, "-m", "bench.load.acquirers", *arguments)
            assert host.stdout is not None
            host.stdout.readline()
            self.hosts.append(host.pid)
        self.serve = self.program(*POINTSMAN, "serve", "--data", str(self._data), quiet=True)
        status = self._data / "run" / "supervisor.json"
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            time.sleep(0.1)
            with contextlib.suppress(OSError, ValueError):
                if json.loads(status.read_text())["state"] == "ready":
                    time.sleep(1.0)  # the links sign on
                    return
        raise SystemExit("the house did not become ready\n" + self.errors())

    def age(self) -> None:
        """Have log files of PostgreSQL that were in use before, as a house has after its first day.

        New ones are made while a commit waits; a checkpoint makes old ones new.
        """
        with psycopg.connect(self.database, autocommit=True) as connection:
            for _ in range(LOG_FILES):
                connection.execute("select pg_logical_emit_message(true, 'bench', 'age')")
                connection.execute("select pg_switch_wal()")
            connection.execute("checkpoint")

    def checkpoint(self, *, tidy: bool = False) -> None:
        """Have what the steps before left on its way to disk; `tidy`, their old rows away too."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            if tidy:
                connection.execute("vacuum analyze")
            connection.execute("checkpoint")

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

    def errors(self) -> str:
        """Return the end of what the programs wrote on standard error."""
        return (self._root / "errors.log").read_text()[-2000:]

    def groups(self) -> dict[str, list[int]]:
        """Return process ids by what they are."""
        assert self.serve is not None
        found: dict[str, list[int]] = {"acquirers": self.hosts, "supervisor": [self.serve.pid]}
        for pid, parent, words in processes():
            if parent != self.serve.pid:
                continue
            for name in ("worker", "hsm", "clerk", "console"):
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
