"""The command line: finds the module of a command, parses, runs, turns what failed into one line.

Each command is a module here with `add_parser(subparsers)`, which sets `run` to a callable of the
parsed arguments that gives the exit code (options.Exit). Only the asked one is imported.
"""

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import NamedTuple

from pointsman import __version__
from pointsman.cli.options import Exit, complain, reason
from pointsman.config import ConfigError


class Command(NamedTuple):
    """One word of the command line: the module below pointsman.cli, and what it does."""

    module: str
    help: str
    noun: str = ""  # of nouns.py or site_nouns.py, whose words are the same for each


COMMANDS = {
    "serve": Command("serve", "run the switch: database, HSM, workers, clerk"),
    "status": Command("status", "what runs, and how it is"),
    "doctor": Command("doctor", "look for what keeps this machine from running the switch"),
    "demo": Command("demo", "the switch with simulated terminals and acquirers, live"),
    "top": Command("top", "processes and the open day, drawn again and again"),
    "tail": Command("tail", "payments as they change, until Ctrl-C"),
    "import": Command("site", "read a site file: merchants, terminals, acquirers, routes"),
    **{
        noun: Command("nouns", f"look at each {noun}{more}", noun)
        for noun, more in {
            "merchant": ", suspend and activate one",
            "terminal": ", suspend and activate one",
            "acquirer": "",
            "transaction": "",
            "batch": "",
            "day": " of business",
            "outlet": "",
            "link": " to an acquirer",
            "refund": " of the back office",
            "approval": ": what waits for a second person",
            "recon": ": what acquirers and we counted",
            "apikey": "",
            "role": " and its rights",
        }.items()
    },
    **{
        noun: Command("site_nouns", help_, noun)
        for noun, help_ in {
            "route": "which acquirers take a merchant's cards",
            "bin": "card ranges, and whose a prefix is",
            "limit": "the rules and limits of each merchant",
            "file": "the files of closed days",
        }.items()
    },
    "settle": Command("settle", "close the business day and write its files"),
    "owed": Command("owed", "what is parked, and two users' decisions on it"),
    "blacklist": Command("blacklist", "cards that are refused"),
    "journal": Command("journal", "verify, archive and purge the journal's events"),
    "decode": Command("decode", "explain the bytes of a message"),
    "encode": Command("encode", "make the bytes of a message"),
    "spec": Command("spec", "look at message formats"),
    "sim": Command("sim", "simulated terminals and acquirers"),
    "hsm": Command("hsm", "the software security module"),
    "migrate": Command("migrate", "bring the database's tables up to date"),
    "worker": Command("worker", "one worker process (started by serve)"),
    "clerk": Command("clerk", "the clerk process (started by serve)"),
    "console": Command("console", "the back office (started by serve)"),
    "user": Command("user", "people of the back office"),
    "report": Command("report", "the reports of the back office"),
    "audit": Command("audit", "the back office's audit trail"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of `argv` (default: this process's arguments); return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="pointsman",
        description="An ISO 8583 acquiring switch.",
        epilog="`pointsman COMMAND --help` tells more. Exit codes: 0 ok, 1 failed, 2 usage, "
        "3 not found, 4 conflict, 5 not allowed, 6 approval opened, 7 unavailable, 8 check failed.",
    )
    parser.add_argument("--version", action="version", version=f"pointsman {__version__}")
    try:
        arguments = _parsed(parser, words)
        return int(arguments.run(arguments))
    except ConfigError as error:
        complain(str(error))
        return Exit.FAILED
    except KeyboardInterrupt:
        return 130  # 128 + SIGINT, as shells say it
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away (`pointsman status | head`): nothing to say
        return Exit.FAILED
    except OSError as error:  # a directory that may not be written, a disk that is full
        complain(reason(error))
        return Exit.FAILED


def _parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    asked = next((word for word in words if not word.startswith("-")), None)
    for name, command in COMMANDS.items():
        if not _exists(command):
            continue
        if name == asked and command.noun:
            _import(command).add_noun(subparsers, command.noun)
        elif name == asked:
            _import(command).add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=command.help)
    return parser.parse_args(words)


def _exists(command: Command) -> bool:
    return importlib.util.find_spec(f"pointsman.cli.{command.module}") is not None


def _import(command: Command) -> ModuleType:
    return importlib.import_module(f"pointsman.cli.{command.module}")
