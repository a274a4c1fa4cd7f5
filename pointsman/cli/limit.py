"""``pointsman limit set``: other limits of a merchant, asked for in a person's name.

A shell over console/policies.py: the same bounds, the same second person, the same trail as by the
API; listing limits is site_nouns.py. Exit codes: 2 a limit that there is not, 3 no such merchant or
person, 4 as they are already, 5 without the right, 6 a second person must decide, 0 in force.
"""

import argparse
import json

from pointsman.cli.asking import add_act_options, exit_of, in_the_name_of, is_meant, tried
from pointsman.cli.options import Exit, Setting, add_options, complain
from pointsman.console import etags
from pointsman.console.gate import Ask
from pointsman.console.office import Office
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.policies import EDITABLE
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Resource, Verb
from pointsman.console.wants_policies import NewLimits
from pointsman.store.console_pool import Act

WAITS = 202
DEPTH_MAX = 3  # terminals.12345678.day_count_max


def add_set(
    words: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> argparse.ArgumentParser:
    """Add the word to the noun."""
    setting = words.add_parser("set", help="ask for other limits; a second person decides")
    setting.add_argument("id", metavar="MID")
    setting.add_argument(
        "limits",
        nargs="+",
        metavar="NAME=VALUE",
        help="as in a site file: day_minor_max=500000, forbids=manual,refund, "
        "method_max_minor.chip=9000, terminals.12345678.day_count_max=3; no value takes it away",
    )
    setting.add_argument("--user", required=True, metavar="LOGIN", help="in whose name")
    add_options(setting)
    add_act_options(setting)
    return setting


async def set_limits(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    """Ask for the limits; exit codes as above."""
    try:
        ask = await in_the_name_of(office, arguments.user, Resource.SETTINGS, Verb.MANAGE)
        done = await _asked(office, ask, arguments)
    except Problem as problem:
        complain(problem.detail)
        return exit_of(problem)
    waits = done.status == WAITS
    if arguments.json:
        print(json.dumps(done.document, ensure_ascii=False))
    else:
        word = "wait for a second person" if waits else "are in force"
        print(f"limits of {arguments.id} {'would ' if arguments.dry_run else ''}{word}")
    return Exit.APPROVAL_OPENED if waits and not arguments.dry_run else Exit.OK


async def _asked(office: Office, ask: Ask, arguments: argparse.Namespace) -> Done:
    mid = arguments.id
    told = await office.policies.limits(ask, mid)
    if not is_meant(arguments, f"limit {mid}: {' '.join(arguments.limits)}"):
        raise Problem(Code.STATE_CONFLICT, "nothing was changed")
    reason = arguments.reason.strip()
    if not reason:
        raise Problem(Code.VALIDATION_FAILED, "--reason: say why")
    want = NewLimits(merged(told["rules"], arguments.limits), reason)
    tag = etags.of(told, EDITABLE)

    async def work(act: Act) -> Done:
        return await office.policies.change(ask, act, mid, want, tag)

    return await tried(office, work, dry_run=arguments.dry_run)


def merged(table: Document, words: list[str]) -> Document:
    """Return a table of limits with some of them changed; raises Problem."""
    found: Document = json.loads(json.dumps(table))
    for word in words:
        name, equals, value = word.partition("=")
        path = name.split(".")
        if not equals or not all(path) or len(path) > DEPTH_MAX:
            raise Problem(Code.VALIDATION_FAILED, f"{name}: NAME=VALUE is wanted")
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise Problem(Code.VALIDATION_FAILED, f"{name}: there is no such limit")
        if value:
            inner[path[-1]] = _value(path[-1], value)
        else:
            inner.pop(path[-1], None)
    return found


def _value(name: str, text: str) -> object:
    if name == "forbids":
        return text.split(",")
    return int(text) if text.isascii() and text.isdigit() else text
