"""`pointsman demo`: the switch with simulated terminals and acquirers, live or as a smoke run.

Reads options, chooses the data directory, prints. What is run is sim/demo_world.py, the smoke run
is sim/smoke.py, the live view sim/live.py, the past of the live demo demo_history.py. Only
published test keys and cards are in it.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import trio

from pointsman.cli import demo_history
from pointsman.cli.options import Exit, complain, load, reason
from pointsman.history import town
from pointsman.sim.demo_processes import ProgramFailedError, first_of, is_held
from pointsman.sim.demo_world import Plan
from pointsman.sim.live import LiveDemo
from pointsman.sim.smoke import TRAFFIC_S, SmokeRun
from pointsman.switch import spawn

SETTINGS = "POINTSMAN_"
TOWN = "demo_town.toml"
RATE = 2.0
"""Payments a second of the live demo: what a town of this size does on a busy day, sped up."""
DATABASE_SETTING = "POINTSMAN_DATABASE_URL"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "demo", help="the switch with simulated terminals and acquirers, live"
    )
    add = parser.add_argument
    add("--data", metavar="DIR", help="data directory (POINTSMAN_DATA); the demo uses DIR/demo")
    add("--config", help=argparse.SUPPRESS)
    add("--headless", action="store_true", help="the smoke run: faults, audit, then the end")
    add("--seconds", type=float, metavar="N", help="length of the traffic; default of smoke: 16")
    add("--within", type=float, metavar="N", help="seconds the smoke run may take; default 60")
    add("--rate", type=float, metavar="N", help="transactions a second")
    add("--seed", type=int, help="of all chance; default: told in the report")
    add("--no-history", action="store_true", help="live: begin without a past")
    add("--reset", action="store_true", help="live: begin anew; the data of the demo go")
    add("--keep", action="store_true", help="keep the smoke run's data directory")
    add("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the smoke run or the live demo."""
    # The demo has a database of its own and never touches one that is named for the real house;
    # the smoke run is the same everywhere, so it takes no setting from outside at all.
    for name in [n for n in os.environ if n.startswith(SETTINGS)]:
        if arguments.headless or name == DATABASE_SETTING:
            del os.environ[name]
    if arguments.seed is None:
        arguments.seed = time.time_ns() % 1_000_000
    return _smoke(arguments) if arguments.headless else _live(arguments)


def _smoke(arguments: argparse.Namespace) -> int:
    data = Path(tempfile.mkdtemp(prefix="pointsman-smoke-"))
    plan = Plan(
        data=data,
        seed=arguments.seed,
        free_ports=True,
        host_s=2.0,
        switch_s=4.0,
        terminal_s=6.0,
        retry_s=1.0,
        request_life_s=3.0,
        rate=arguments.rate or 40.0,
        lanes=2,
    )
    smoke = SmokeRun(plan, _start_house, _note, arguments.seconds or TRAFFIC_S)
    if arguments.within:
        smoke.events.within_s = arguments.within
    found = trio.run(smoke.run)
    if arguments.json:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
    else:
        for name, value in found.items():
            print(f"{name:24} {value}")
    if not found["ok"]:
        complain(f"the smoke run failed: {found['failure']}; what it wrote is in {data}")
        return Exit.FAILED
    if arguments.keep:
        _note(f"kept in {data}")
    else:
        shutil.rmtree(data, ignore_errors=True)
    return Exit.OK


def _live(arguments: argparse.Namespace) -> int:
    directory = Path(load(arguments).config.data) / "demo"
    plan = Plan(
        data=directory,
        seed=arguments.seed,
        free_ports=False,
        host_s=5.0,
        switch_s=8.0,
        terminal_s=12.0,
        retry_s=2.0,
        request_life_s=10.0,
        rate=arguments.rate or RATE,
        lanes=1,
        left_free=town.at_rest(),
        site=TOWN,
    )
    if is_held(directory / "lock"):
        complain(f"a demo runs in {directory} already: end that one first")
        return Exit.FAILED
    if arguments.reset or demo_history.is_unfinished(directory):
        shutil.rmtree(directory, ignore_errors=True)
    if not arguments.no_history:
        code = demo_history.make_once(plan, _say)
        if code != Exit.OK:
            return code
    demo = LiveDemo(plan, _start_house, sys.stdout, arguments.seconds)
    return ended(lambda: trio.run(demo.run))


def ended(run: Callable[[], None]) -> int:
    """Run the demo to its end and return the exit code; Ctrl-C while it starts is an end, too."""
    code = Exit.OK
    try:
        run()
    except* KeyboardInterrupt:
        complain("stopped before it ran")
    except* (ProgramFailedError, OSError) as group:
        first = first_of(group)
        complain(reason(first) if isinstance(first, OSError) else str(first))
        code = Exit.FAILED
    return code


def _start_house(argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return spawn.start(argv, (), output, signal.SIGTERM)


def _say(text: str) -> None:
    print(f"pointsman demo: {text}", flush=True)


def _note(text: str) -> None:
    print(f"smoke: {text}", file=sys.stderr, flush=True)
