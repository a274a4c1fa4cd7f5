"""``pointsman clerk``: the clerk process, started by the supervisor.

Reads the same settings as the supervisor; what the clerk does is switch/clerk.py. It ends by
SIGTERM, which it also gets when the supervisor dies.
"""

import argparse
import signal
import socket
from functools import partial

import prometheus_client
import trio
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.cli.options import Exit, Setting, add_options, complain, load
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import ClerkMetrics
from pointsman.store.hsm_sql import HsmSql
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.server import embedded_url
from pointsman.store.settlement_sql import DaysSql, leased_days
from pointsman.store.upkeep_sql import UpkeepSql
from pointsman.store.watch_sql import CensusSql
from pointsman.switch.clerk import Clerk
from pointsman.switch.hsmbackend import switch_sockets
from pointsman.switch.hsmwatch import HsmWatch
from pointsman.switch.listeners import PortBusyError, check_free
from pointsman.switch.upkeep import JournalUpkeep


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("clerk", help="the clerk process (started by serve)")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run until SIGTERM."""
    setting = load(arguments)
    log.setup("clerk")
    registry = CollectorRegistry()
    metrics = ClerkMetrics(registry)
    host, port = setting.config.metrics.host, setting.config.metrics.clerk
    if port:
        try:
            check_free(host, port, key="metrics.clerk")
        except PortBusyError as error:
            complain(str(error))
            return Exit.FAILED
        prometheus_client.start_http_server(port, host, registry)
    trio.run(_run, setting, metrics)
    return Exit.OK


async def _run(setting: Setting, metrics: ClerkMetrics) -> None:
    config, directory = setting.config, setting.directory
    pool = Pool(
        config.database.url or embedded_url(directory.postgres),
        timeout_s=config.timers.database_s,
    )
    days = DaysSql(pool)
    sockets = switch_sockets(config.hsm, directory.hsm_sockets)
    hsms = [HsmClient(path) for path in sockets]
    machine = f"{socket.gethostname()}:{directory.root}"
    clerk = Clerk(
        days=days,
        closing=partial(leased_days, pool),
        watch=days,
        census=CensusSql(pool),
        sites=SiteSql(pool),
        files=directory.files,
        effects=Effects(),
        metrics=metrics,
        wait_s=config.timers.switch_s,
        hsm=HsmWatch(hsms, HsmSql(pool), metrics, machine=machine),
        upkeep=JournalUpkeep(days, UpkeepSql(pool), metrics),
    )
    try:
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            async with trio.open_nursery() as nursery:
                for hsm in hsms:
                    await nursery.start(hsm.run)
                await clerk.run(signals)
                nursery.cancel_scope.cancel()
    finally:
        pool.close()
