"""``pointsman owed``: what acquirers refused for good, and what two people decide about it.

A shell over store/parked_sql.py. The first user's word opens a decision (exit code 6), the same
word of a second user carries it out; one user alone never does (5).
"""

import argparse
import json
from functools import partial
from typing import Final, assert_never

from pointsman import log
from pointsman.cli.house import on_database
from pointsman.cli.options import Exit, add_options, add_word_options, complain, load
from pointsman.store.parked_sql import Action, Parked, ParkedSql, Said
from pointsman.store.pool import Pool

ID_SIZE: Final = 16
NAME_SIZE_MAX: Final = 64
REASON_SIZE_MAX: Final = 200


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("owed", help="what is parked, and two users' decisions on it")
    add_options(parser)
    words = parser.add_subparsers(dest="word", required=True, metavar="list|retry|done|not-done")
    listing = words.add_parser("list", help="show what is parked")
    for action, help_text in (
        (Action.RETRY, "send it again"),
        (Action.DONE, "the acquirer did it after all"),
        (Action.NOT_DONE, "the acquirer did not and will not: give it up"),
    ):
        word = words.add_parser(action.value, help=f"{help_text}; a second user must say so too")
        word.add_argument("id", type=_id, help="as list shows it")
        word.add_argument("--user", type=_text(NAME_SIZE_MAX), required=True, help="who says so")
        word.add_argument("--reason", type=_text(REASON_SIZE_MAX), required=True)
        word.add_argument("--json", action="store_true", help="print one JSON object")
        add_word_options(word)
    listing.add_argument("--json", action="store_true", help="print JSON lines")
    add_word_options(listing)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List or decide; exit codes as options.Exit says."""
    log.setup("owed", quiet=True)
    return on_database(load(arguments), partial(_work, arguments))


async def _work(arguments: argparse.Namespace, pool: Pool) -> int:
    desk = ParkedSql(pool)
    if arguments.word == "list":
        for row in await desk.parked():
            print(json.dumps(_shown(row)) if arguments.json else _line(row))
        return Exit.OK
    action = Action(arguments.word)
    said = await desk.decide(arguments.id, action, arguments.user, arguments.reason)
    return _told(said, action, as_json=arguments.json)


def _told(said: Said, action: Action, *, as_json: bool) -> Exit:
    if as_json:
        print(json.dumps({"action": action.value, "result": said.value}))
    match said:
        case Said.DONE:
            return Exit.OK
        case Said.ASKED | Said.OTHER_ACTION:
            complain(f"{action} is asked for; a second user must say the same")
            return Exit.APPROVAL_OPENED
        case Said.SAME_USER:
            complain(f"{action} was asked for by this user: another one must confirm it")
            return Exit.NOT_ALLOWED
        case Said.NOT_PARKED:
            complain("no parked message has this id")
            return Exit.NOT_FOUND
        case _:
            assert_never(said)


def _shown(row: Parked) -> dict[str, object]:
    return {
        "id": row.id.hex(),
        "kind": row.kind,
        "acquirer": row.acquirer,
        "code": row.code,
        "attempts": row.attempts,
        "since": row.since.isoformat(timespec="seconds"),
        "mid": row.mid,
        "tid": row.tid,
        "batch": row.batch,
        "stan": row.stan,
        "rrn": row.rrn,
        "state": row.state,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "asked": row.asked,
        "asked_by": row.asked_by,
    }


def _line(row: Parked) -> str:
    asked = f"  {row.asked} asked for by {row.asked_by}" if row.asked else ""
    return (
        f"{row.id.hex()} {row.kind} {row.acquirer} code {row.code or 'none'} {row.mid} {row.tid} "
        f"{row.stan} {row.amount_minor} {row.currency}{asked}"
    )


def _id(text: str) -> bytes:
    found = bytes.fromhex(text)
    if len(found) != ID_SIZE:
        raise argparse.ArgumentTypeError("an id has 32 hex digits")
    return found


class _text:  # noqa: N801  (argparse shows this name where the text does not fit)
    """A text of limited size without control characters."""

    def __init__(self, size_max: int) -> None:
        self._size_max = size_max

    def __call__(self, text: str) -> str:
        if not text.strip() or len(text) > self._size_max or not text.isprintable():
            raise argparse.ArgumentTypeError(f"1 to {self._size_max} printable characters")
        return text.strip()
