"""``pointsman audit verify``: follows the chain of the back office's audit trail.

A shell. The chain is made and followed by SQL (store/schema/0100_console.sql); the same is done
from the page of the trail.
"""

import argparse
import json

from pointsman.cli.options import Exit, Setting, add_options, complain
from pointsman.cli.user import with_office
from pointsman.console.office import Office


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("audit", help="the back office's audit trail")
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    verify = words.add_parser("verify", help="see that nothing was changed or taken out")
    add_options(verify)
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    verify.set_defaults(run=lambda arguments: with_office(arguments, _verify))


async def _verify(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    broken = await office.reads.audit_broken_at()
    count = await office.reads.audit_count()
    if arguments.json:
        print(json.dumps({"whole": broken is None, "broken_at": broken, "rows": count}))
    elif broken is None:
        print(f"The chain is whole: {count} rows.")
    if broken is None:
        return Exit.OK
    complain(f"the chain is broken at row {broken}")
    return Exit.CHECK_FAILED
