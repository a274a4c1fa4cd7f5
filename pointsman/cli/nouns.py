"""``pointsman merchant | terminal | transaction | batch | recon | role`` and more: lists, acts.

A shell over console/reading.py and changing.py: what the pages and the API tell, with the same
filters; an act stands in the audit trail under the name "command line". Exit codes: 2 a filter that
there is not, 3 not found, 4 suspended (or active) already, 5 not allowed, 7 the database is away.
"""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable

import trio

from pointsman.cli.asking import add_act_options, everywhere, exit_of, is_meant, tried
from pointsman.cli.noun_table import NOUNS, Noun
from pointsman.cli.options import Exit, Setting, add_options, complain
from pointsman.cli.user import with_office
from pointsman.console.office import Office
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.query import LIMIT_MAX
from pointsman.console.routes import ROUTES
from pointsman.store.console_pool import Act

_HIDDEN = ("after", "before", "limit")  # a listing goes to its end, or to --limit
_ACTS = {"suspend": False, "activate": True}
WATCH_S = 2.0
Job = Callable[[], Awaitable[None]]


def add_noun(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> None:
    """Add the command of one noun."""
    noun = NOUNS[name]
    words = subparsers.add_parser(name, help=f"look at each {name}").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    made = [add_list(words, noun)]
    if noun.shown:
        showing = words.add_parser("show", help="everything about one")
        showing.add_argument("--json", action="store_true", help="JSON, an object a line")
        showing.set_defaults(job=_show)
        made.append(showing)
    if name in ("merchant", "terminal"):
        for word in _ACTS:
            act = words.add_parser(word, help=f"{word} one, at once and without a restart")
            act.set_defaults(job=_set)
            add_act_options(act)
            made.append(act)
    for parser in made:
        if parser is not made[0]:
            parser.add_argument("id", metavar=noun.id_is)
        add_options(parser)
        parser.set_defaults(noun=name, run=lambda arguments: with_office(arguments, _told))


def add_list(
    words: "argparse._SubParsersAction[argparse.ArgumentParser]", noun: Noun
) -> argparse.ArgumentParser:
    """Add the word `list` with the filters of the API."""
    filters = sorted(ROUTES["GET", noun.path].parameters - set(_HIDDEN))
    listing = words.add_parser("list", help="one line each")
    if filters:
        told = "only these: " + ", ".join(filters)
        listing.add_argument("filters", nargs="*", metavar="NAME=VALUE", help=told)
    listing.add_argument("--limit", type=int, default=0, metavar="N", help="at most so many")
    listing.add_argument("--watch", action="store_true", help="again and again, until Ctrl-C")
    listing.add_argument("--json", action="store_true", help="JSON, an object a line")
    listing.set_defaults(job=_list)
    return listing


async def listed(office: Office, arguments: argparse.Namespace, _: Setting, *, noun: Noun) -> int:
    """List, once or again and again; a problem becomes a line and an exit code."""
    try:
        await _list(office, arguments, noun)
    except Problem as problem:
        complain(problem.detail)
        return exit_of(problem)
    return Exit.OK


async def _told(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    """Do the job; what the API would answer as a problem becomes a line and an exit code."""
    try:
        await arguments.job(office, arguments, NOUNS[arguments.noun])
    except Problem as problem:
        complain(problem.detail)
        return exit_of(problem)
    return Exit.OK


async def _list(office: Office, arguments: argparse.Namespace, noun: Noun) -> None:
    async def once() -> None:
        await _list_once(office, arguments, noun)

    await (again(once) if arguments.watch else once())


async def again(job: Job, every_s: float = WATCH_S) -> None:
    """Do a job until somebody ends it."""
    while True:
        await job()
        sys.stdout.flush()
        await trio.sleep(every_s)


async def _list_once(office: Office, arguments: argparse.Namespace, noun: Noun) -> None:
    given = _filters(getattr(arguments, "filters", []), ROUTES["GET", noun.path].parameters)
    rest = arguments.limit or None
    while True:
        size = LIMIT_MAX if rest is None else min(LIMIT_MAX, rest)
        pages = "limit" in ROUTES["GET", noun.path].parameters
        page = await noun.listed(
            office, everywhere({**given, "limit": str(size)} if pages else given)
        )
        for line in page["data"][:rest]:
            print(json.dumps(line, ensure_ascii=False) if arguments.json else text(line, noun))
        rest = None if rest is None else rest - len(page["data"])
        if not page["page"]["has_more"] or (rest is not None and rest <= 0):
            return
        given["after"] = page["page"]["next"]


async def _show(office: Office, arguments: argparse.Namespace, noun: Noun) -> None:
    assert noun.shown is not None
    found = await noun.shown(office, everywhere({}), arguments.id)
    print(json.dumps(found, ensure_ascii=False, indent=None if arguments.json else 2))


async def _set(office: Office, arguments: argparse.Namespace, noun: Noun) -> None:
    mid, slash, tid = arguments.id.partition("/")
    if bool(slash) != (noun.id_is == "MID/TID"):
        raise Problem(Code.VALIDATION_FAILED, f"{arguments.noun}: {noun.id_is} is wanted")
    active, ask, why = _ACTS[arguments.word], everywhere({}), arguments.reason
    if not is_meant(arguments, f"{arguments.word} {arguments.noun} {arguments.id}"):
        raise Problem(Code.STATE_CONFLICT, "nothing was changed")

    async def work(act: Act) -> Document:
        setting = office.changing.set_active
        return await setting(ask, mid, tid, active=active, within=act, reason=why)

    done = await tried(office, work, dry_run=arguments.dry_run)
    state = ("would be " if arguments.dry_run else "is ") + ("active" if active else "suspended")
    print(json.dumps(done) if arguments.json else f"{arguments.noun} {arguments.id} {state}")


def _filters(given: list[str], known: frozenset[str]) -> dict[str, str]:
    """Return filters by name; raises Problem for one that the list does not have."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in known or name in _HIDDEN:
            names = ", ".join(sorted(known - set(_HIDDEN)))
            raise Problem(Code.UNKNOWN_PARAMETER, f"{name}: not a filter of this list ({names})")
        found[name] = value
    return found


def text(line: Document, noun: Noun) -> str:
    """Return a line for a person."""
    return "  ".join(_cell(line, column) for column in noun.columns)


def _cell(line: Document, column: str) -> str:
    found: object = line
    for part in column.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, list):
        return ",".join(map(str, found)) or "-"
    return "-" if found is None else str(found)
