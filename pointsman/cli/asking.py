"""Who asks when a command asks, and how an act is done from the command line.

An act is the API's own, in one transaction with its row of the trail; a trial is the same act that
is not kept. What is listed and done is in nouns.py, limit.py and blacklist.py.
"""

import argparse
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from pointsman.cli.options import Exit
from pointsman.console.gate import Ask, Caller
from pointsman.console.office import Office
from pointsman.console.problems import Code, Problem
from pointsman.console.rights import Grant, Reach, Resource, Role, Scope, Verb, reach
from pointsman.console.signing import Origin
from pointsman.store.console_pool import Act

T = TypeVar("T")
_EXITS = {
    **dict.fromkeys((404, 410), Exit.NOT_FOUND),
    **dict.fromkeys((409, 412, 428), Exit.CONFLICT),
    **dict.fromkeys((401, 403), Exit.NOT_ALLOWED),
    **dict.fromkeys((429, 503), Exit.UNAVAILABLE),
    500: Exit.FAILED,
}


class _TriedError(Exception):
    """A trial came to its end: nothing of it stays."""


def add_act_options(parser: argparse.ArgumentParser) -> None:
    """Give the word of an act what every act takes."""
    add = parser.add_argument
    add("--reason", default="", metavar="TEXT", help="why, for the audit trail")
    add("--dry-run", action="store_true", help="see whether it can be done; change nothing")
    add("--yes", action="store_true", help="do not ask at a terminal")
    add("--json", action="store_true", help="JSON, an object a line")


def exit_of(problem: Problem) -> Exit:
    """Return the exit code of what the API would answer as this problem."""
    if problem.code is Code.SELF_APPROVAL:
        return Exit.NOT_ALLOWED
    return _EXITS.get(problem.kind.status, Exit.USAGE)


async def tried(office: Office, work: Callable[[Act], Awaitable[T]], *, dry_run: bool) -> T:
    """Do an act; a trial is the same act in the same transaction, which is not kept."""
    found: list[T] = []
    try:
        async with office.pool.act() as act:
            found.append(await work(act))
            if dry_run:
                _end_trial()
    except _TriedError:
        pass
    return found[0]


def _end_trial() -> NoReturn:
    raise _TriedError


def is_meant(arguments: argparse.Namespace, what: str) -> bool:
    """Ask whoever sits at the terminal; a program that speaks to us means what it says."""
    if arguments.yes or arguments.dry_run or not sys.stdin.isatty():
        return True
    print(f"{what}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def everywhere(parameters: dict[str, str]) -> Ask:
    """Return a request of the command line, with an operator's reach over the platform."""
    caller = Caller(
        "command line", (Grant(Role.OPERATOR, Scope.PLATFORM),), full_name="command line"
    )
    return Ask(caller, Reach(None), dict(parameters), Origin("", ""))


async def in_the_name_of(office: Office, login: str, resource: Resource, verb: Verb) -> Ask:
    """Return a request of the command line for a person, as far as a right of theirs reaches.

    Whoever may read the house's files is believed to be that person; raises Problem.
    """
    user = await office.people.by_login(login)
    if user is None or user.state != "active":
        raise Problem(Code.NOT_FOUND, "There is no such person.")
    grants = tuple(
        Grant(Role(row.role), Scope(row.scope), row.mid, outlet=row.outlet) for row in user.grants
    )
    held = reach(grants, resource, verb)
    if held is None:
        raise Problem(Code.PERMISSION_DENIED, f"This needs the right {resource}:{verb}.")
    caller = Caller(user.login, grants, user.name, user.id, proven_s=0.0)
    return Ask(caller, held, {}, Origin("", "command line"))
