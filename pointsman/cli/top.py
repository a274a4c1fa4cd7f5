"""``pointsman top``: processes and the open business day, drawn anew every two seconds.

A shell over cli/status.py (the supervisor's file) and the API's overview; figures over time are in
/metrics. Where standard output is no terminal it is drawn once.
"""

import argparse
import json
import sys

import msgspec
import trio

from pointsman.cli import status
from pointsman.cli.asking import everywhere
from pointsman.cli.options import Exit, Setting, add_options
from pointsman.cli.user import with_office
from pointsman.console.office import Office
from pointsman.console.payments import Document

_CLEAR = "\x1b[H\x1b[2J"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("top", help="processes and the open day, drawn again and again")
    add_options(parser)
    parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="usual: 2")
    parser.add_argument("--once", action="store_true", help="draw once")
    parser.add_argument("--json", action="store_true", help="once, one JSON object")
    parser.set_defaults(run=lambda arguments: with_office(arguments, _draw))


async def _draw(office: Office, arguments: argparse.Namespace, setting: Setting) -> int:
    while True:
        found = status.read(setting.directory)
        today = await office.reading.overview(everywhere({}))
        if arguments.json:
            processes = None if found is None else msgspec.to_builtins(found)
            print(json.dumps({"status": processes, "overview": today}, ensure_ascii=False))
            return Exit.OK
        again = sys.stdout.isatty() and not arguments.once
        house = "nothing runs here" if found is None else status.text(found)
        print(f"{_CLEAR if again else ''}{house}\n\n{text(today)}", flush=True)
        if not again:
            return Exit.OK
        await trio.sleep(max(arguments.every, 0.1))


def text(today: Document) -> str:
    """Return the open day's figures as lines for a person."""
    lines = [f"business day {today['business_date'] or '-'}, {today['zone']}"]
    for name, value in today.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [name, *(f"  {_row(one)}" for one in value)]
    return "\n".join(lines)


def _row(one: Document) -> str:
    return "  ".join(f"{name} {_value(value)}" for name, value in one.items() if value is not None)


def _value(value: object) -> str:
    return str(value["text"]) if isinstance(value, dict) and "text" in value else str(value)
