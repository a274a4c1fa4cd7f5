"""``pointsman serve``: prepares the data directory and runs the supervisor until a signal.

A shell. What is prepared here needs the main thread and no other task: directories, lock, ports,
passphrase, the database's first start and its tables. What runs then is switch/supervisor.py.
"""

import argparse
import contextlib
import resource

import prometheus_client
import trio
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.cli.options import Exit, Setting, add_options, complain, load, reason
from pointsman.config import Config
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import SupervisorMetrics
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.migrate import SchemaError, migrate
from pointsman.store.server import EmbeddedPostgres, ServerError
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import roster
from pointsman.switch.hsmbackend import switch_sockets
from pointsman.switch.listeners import PortBusyError, check_free, listen
from pointsman.switch.lock import DirectoryInUseError, hold
from pointsman.switch.supervisor import Supervisor


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "serve", help="run the switch", description="Run the switch until Ctrl-C or SIGTERM."
    )
    add_options(parser)
    parser.add_argument(
        "--foreground-logs",
        action="store_true",
        help="children log to standard error, not to logs/",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the house; what keeps it from starting is told in one line."""
    setting = load(arguments)
    log.setup("supervisor")
    try:
        make_directories(setting.directory)
        with hold(setting.directory.lock):
            return _serve(setting, foreground_logs=arguments.foreground_logs)
    except (DirectoryInUseError, roster.PassphraseError, PortBusyError) as error:
        complain(str(error))
    except (ServerError, UnsafeSettingsError, SchemaError, StoreUnavailableError) as error:
        complain(f"the database cannot be used: {error}")
        return Exit.UNAVAILABLE
    except OSError as error:
        complain(f"cannot use data directory {setting.directory.root}: {reason(error)}")
    return Exit.FAILED


def make_directories(directory: DataDirectory) -> None:
    """Make what is missing of the data directory; only this user may look into it.

    As root the root of it may be passed through, not read: the database runs as another user.
    """
    directory.root.mkdir(parents=True, exist_ok=True)
    directory.root.chmod(0o711 if directory.uid == 0 else 0o700)
    for path in (directory.run, directory.hsm_sockets, directory.hsm, directory.logs):
        path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink() or path.stat().st_uid != directory.uid:
            raise PermissionError(f"{path} belongs to somebody else")
        path.chmod(0o700)
    directory.files.mkdir(mode=0o750, exist_ok=True)


def _serve(setting: Setting, *, foreground_logs: bool) -> int:
    config, directory, effects = setting.config, setting.directory, Effects()
    _allow_descriptors(config)
    check_ports(config)
    terminals = config.terminals
    with contextlib.ExitStack() as stack:
        ports = {
            "terminals": stack.enter_context(
                listen(terminals.host, terminals.port, key="terminals.port")
            )
        }
        if terminals.nii_port:
            nii = listen(terminals.host, terminals.nii_port, key="terminals.nii_port")
            ports["nii"] = stack.enter_context(nii)
        passphrase = roster.passphrase_path(config, directory, effects)
        database = _start_database(config, directory)
        try:
            supervisor = Supervisor(
                roster.House(
                    database=database,
                    hsms=roster.hsm_specs(config, directory, passphrase),
                    workers=roster.worker_specs(config, directory, setting.file),
                    clerks=[
                        *roster.clerk_specs(config, directory, setting.file),
                        *roster.console_specs(config, directory, setting.file),
                    ],
                ),
                ports,
                config=config,
                directory=directory,
                metrics=_serve_metrics(config),
                effects=effects,
                metrics_port=config.metrics.supervisor,
                hsm_clients=list(map(HsmClient, switch_sockets(config.hsm, directory.hsm_sockets))),
                foreground_logs=foreground_logs,
            )
            trio.run(supervisor.run)
        finally:
            if database:
                database.stop()
    return Exit.OK


def _start_database(config: Config, directory: DataDirectory) -> EmbeddedPostgres | None:
    """Start the embedded server where no other is named; bring the tables up to date."""
    if config.database.url:
        trio.run(migrate, config.database.url)
        return None
    server = EmbeddedPostgres(directory.postgres)
    server.prepare()
    server.start()
    try:
        trio.run(migrate, server.url)
    except BaseException:
        server.stop()
        raise
    return server


def check_ports(config: Config) -> None:
    """Tell of a busy port before anything starts: a child could only say so in its log."""
    metrics = config.metrics
    ports = [(metrics.clerk, "metrics.clerk"), (metrics.supervisor, "metrics.supervisor")]
    if metrics.workers:
        numbers = config.workers.numbers
        ports += [(metrics.workers + number, "metrics.workers") for number in numbers]
    for port, key in ports:
        if port:
            check_free(metrics.host, port, key=key)
    if config.console.port:
        check_free(config.console.host, config.console.port, key="console.port")


def _serve_metrics(config: Config) -> SupervisorMetrics:
    registry = CollectorRegistry()
    metrics = SupervisorMetrics(registry)
    if config.metrics.supervisor:
        prometheus_client.start_http_server(
            config.metrics.supervisor, config.metrics.host, registry=registry
        )
    return metrics


def _allow_descriptors(config: Config) -> None:
    """Raise the soft limit of open files to what the connections need, as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = config.limits.connections_max + 1024  # links, database, HSM, files
    if soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
