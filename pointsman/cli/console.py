"""``pointsman console``: the back office's process, started by the supervisor.

Reads the same settings as the supervisor; what it serves is in pointsman/console. It ends by
SIGTERM, which it also gets when the supervisor dies.
"""

import argparse

import trio

from pointsman import log
from pointsman.cli.options import Exit, add_options, complain, load
from pointsman.console import service
from pointsman.console.keyfile import KeyFileError
from pointsman.effects import Effects
from pointsman.switch.hsmbackend import hsm_client
from pointsman.switch.listeners import PortBusyError, check_free


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("console", help="the back office (started by serve)")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM."""
    setting = load(arguments)
    log.setup("console")
    config = setting.config
    if not config.console.port:
        complain("the console is off: console.port is 0")
        return Exit.USAGE
    try:
        check_free(config.console.host, config.console.port, key="console.port")
        socket = str(setting.directory.hsm_sockets / "operator.sock")
        operator = hsm_client(config.hsm, socket, role="operator")
        trio.run(service.run, config, setting.directory, Effects(), operator)
    except (PortBusyError, KeyFileError) as error:
        complain(str(error))
        return Exit.FAILED
    return Exit.OK
