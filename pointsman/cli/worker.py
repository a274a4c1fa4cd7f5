"""``pointsman worker``: one worker process, started by the supervisor.

Reads the same settings as the supervisor and takes over its end of the control socket; what a
worker does is switch/worker.py.
"""

import argparse
import gc
import socket
from typing import Final

import trio

from pointsman import log
from pointsman.cli.options import add_options, load
from pointsman.effects import Effects
from pointsman.store.server import embedded_url
from pointsman.switch.hsmbackend import switch_sockets
from pointsman.switch.worker import Start, run_worker

# Some hundred sales are always under way and ten thousand ended ones remembered, none of it in
# cycles; with Python's own 700 the collector walks over them again and again (docs/performance.md).
GARBAGE_THRESHOLDS: Final = (50_000, 20, 50)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("worker", help="one worker (started by serve)")
    add_options(parser)
    parser.add_argument("--number", type=int, required=True, metavar="N")
    parser.add_argument("--control-fd", type=int, required=True, metavar="FD")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM, or until the supervisor is gone."""
    setting = load(arguments)
    config, directory = setting.config, setting.directory
    log.setup(f"worker-{arguments.number}")
    first = config.metrics.workers
    start = Start(
        number=arguments.number,
        numbers=config.workers.numbers,
        # One house: whoever starts its worker again knows that the one before is gone.
        machine=f"{socket.gethostname()}:{directory.root}",
        database_url=config.database.url or embedded_url(directory.postgres),
        hsm_sockets=switch_sockets(config.hsm, directory.hsm_sockets),
        control=socket.socket(fileno=arguments.control_fd),
        metrics_host=config.metrics.host,
        metrics_port=first + arguments.number if first else 0,
        office_socket=directory.worker_socket(arguments.number),
    )
    gc.freeze()  # what is loaded by now stays: the collector need not look at it again
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    return trio.run(run_worker, start, config, Effects())
