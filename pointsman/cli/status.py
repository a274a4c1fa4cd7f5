"""``pointsman status``: what runs in a data directory, and how it is.

A shell that reads one file; nothing is asked of the processes. The file is written by
switch/supervisor.py, its shape is switch/status.py. Figures over time are in /metrics.
"""

import argparse
import sys
import time

import msgspec

from pointsman.cli.options import Exit, add_options, complain, load
from pointsman.directory import DataDirectory
from pointsman.switch import lock
from pointsman.switch.status import HouseState, Status, decode

_WAIT_STEP_S = 0.1


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "status",
        help="what runs, and how it is",
        description="Tell what runs. Exit code 0: every process is ready; 1: some are not; "
        "7: nothing runs in this data directory.",
    )
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="wait until all are ready"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the status once; with --wait, when the house is ready or the time is over."""
    directory = load(arguments).directory
    until = time.monotonic() + arguments.wait
    status = read(directory)
    while (status is None or status.state is not HouseState.READY) and time.monotonic() < until:
        time.sleep(_WAIT_STEP_S)
        status = read(directory)
    if status is None:
        complain(f"nothing runs in {directory.root}")
        return Exit.UNAVAILABLE
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(status).decode() + "\n")
    else:
        print(text(status))
    return Exit.OK if status.state is HouseState.READY else Exit.FAILED


def read(directory: DataDirectory) -> Status | None:
    """Return what the running supervisor last told, None where none runs."""
    pid = lock.holder(directory.lock)
    if pid is None:
        return None
    try:
        status = decode(directory.status.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None  # it has only just started
    return status if status.pid == pid else None  # else the file is its predecessor's


def text(status: Status) -> str:
    """Return the status as lines for a person."""
    lines = [f"{status.state.value}, process {status.pid}, version {status.version}"]
    lines.append(f"data      {status.data}")
    lines += [
        f"{listener.name:<10}{listener.host} port {listener.port}, "
        f"{listener.connections} connections"
        for listener in status.listeners
    ]
    if status.metrics_port:
        lines.append(f"metrics   http://{status.metrics_host}:{status.metrics_port}/metrics")
    lines += ["", f"{'process':<12}{'state':<10}{'pid':>8}{'starts':>8}  metrics"]
    for process in status.processes:
        where = f"{status.metrics_host}:{process.metrics_port}" if process.metrics_port else "-"
        lines.append(
            f"{process.name:<12}{process.state.value:<10}{process.pid or '-':>8}"
            f"{process.starts:>8}  {where}"
        )
    return "\n".join(lines)
