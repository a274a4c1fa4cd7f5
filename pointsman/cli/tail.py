"""``pointsman tail``: payments as they change, one line each, until Ctrl-C.

A shell that follows the journal by position like the console's stream (store/console_tail.py):
nothing is asked of the workers. Each line is the payment as it stands when it is read.
"""

import argparse
import json

import trio

from pointsman.cli.noun_table import NOUNS
from pointsman.cli.nouns import text
from pointsman.cli.options import Exit, Setting, add_options
from pointsman.cli.user import with_office
from pointsman.console import payments
from pointsman.console.office import Office
from pointsman.store.console_tail import Tail

_LOOK_S = 0.5


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("tail", help="payments as they change, until Ctrl-C")
    add_options(parser)
    parser.add_argument("--count", type=int, default=0, metavar="N", help="end after N lines")
    parser.add_argument("--json", action="store_true", help="JSON, an object a line")
    parser.set_defaults(run=lambda arguments: with_office(arguments, _follow))


async def _follow(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    journal = Tail(office.pool)
    cursor = await journal.heads()
    told = 0
    while True:
        changed, cursor = await journal.after(cursor)
        for row in await journal.payments(changed) if changed else []:
            line = payments.line(payments.named(row))
            as_json = json.dumps(line, ensure_ascii=False)
            print(as_json if arguments.json else text(line, NOUNS["transaction"]), flush=True)
            told += 1
            if told == arguments.count:
                return Exit.OK
        await trio.sleep(_LOOK_S)
