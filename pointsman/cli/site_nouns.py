"""``pointsman route | bin | limit | file``: what the site and closed days hold, list and show.

A shell over the back office's own connections and the tables of routing/bins.py; merchants,
terminals and what the API lists are nouns.py, changing limits is limit.py. Exit codes: 2 usage,
3 not found, 7 database away.
"""

import argparse
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from pointsman.cli.limit import add_set, set_limits
from pointsman.cli.options import Exit, Setting, add_options, complain
from pointsman.cli.user import with_office
from pointsman.console.office import Office
from pointsman.money import currency
from pointsman.routing.bins import PREFIX_SIZE_MAX, WORLD, BinTable
from pointsman.site.rules import table_of
from pointsman.store.parties import Rules

Line = dict[str, Any]  # Any: a value of JSON
PAN_SIZE_USUAL = 16
_ROUTES = """
select mid, acquirer, priority, schemes from routes
where %(only)s = '' or mid = %(only)s order by mid, priority
"""
_LIMITS = """
select m.mid, m.currency, m.rules, p.refund_limit_minor
from merchants m left join merchant_policies p using (mid)
where %(only)s = '' or m.mid = %(only)s order by m.mid
"""
_FILES = """
select business_date, name, sha256, size_bytes from day_files
where %(only)s = '' or business_date::text = %(only)s order by business_date desc, name
"""


@dataclass(frozen=True, slots=True)
class Noun:
    """What is listed; `show ID` is the lines of one merchant, day or card prefix."""

    lines: Callable[[Office, str], Awaitable[list[Line]]]
    id_is: str


async def _routes(office: Office, only: str) -> list[Line]:
    rows = await office.pool.rows(_ROUTES, {"only": only})
    return [
        {"mid": mid, "acquirer": acquirer, "priority": priority, "schemes": schemes or ["all"]}
        for mid, acquirer, priority, schemes in rows
    ]


async def _limits(office: Office, only: str) -> list[Line]:
    rows = await office.pool.rows(_LIMITS, {"only": only})
    found = []
    for mid, numeric, rules, refund_minor in rows:
        alone = {} if refund_minor is None else {"console_refund_max_minor": refund_minor}
        said = table_of(msgspec.convert(rules, Rules))
        found.append({"mid": mid, "currency": currency(numeric).code, **said, **alone})
    return found


async def _files(office: Office, only: str) -> list[Line]:
    rows = await office.pool.rows(_FILES, {"only": only})
    return [
        {"business_date": day.isoformat(), "name": name, "sha256": digest, "size_bytes": size}
        for day, name, digest, size in rows
    ]


async def _bins(_: Office, only: str) -> list[Line]:
    if not only:
        return [
            {
                "low": row.low,
                "high": row.high,
                "scheme": row.scheme,
                "lengths": sorted(row.lengths),
                "check_digit": row.luhn,
                "domestic": row.domestic,
            }
            for row in WORLD
        ]
    known = BinTable(WORLD).find(only[:PREFIX_SIZE_MAX], PAN_SIZE_USUAL)
    if known is None:
        return []
    line = {"prefix": known.prefix, "scheme": known.scheme}
    return [{**line, "check_digit": known.luhn, "domestic": known.domestic}]


NOUNS = {
    "route": Noun(_routes, "MID"),
    "bin": Noun(_bins, "DIGITS"),
    "limit": Noun(_limits, "MID"),
    "file": Noun(_files, "YYYY-MM-DD"),
}


def add_noun(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str) -> None:
    """Add the command of one noun."""
    noun = NOUNS[name]
    words = subparsers.add_parser(name, help=f"look at each {name}").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="one line each")
    showing = words.add_parser("show", help=f"those of one {noun.id_is}")
    listing.set_defaults(id="")
    showing.add_argument("id", metavar=noun.id_is)
    for parser in (listing, showing):
        add_options(parser)
        parser.add_argument("--json", action="store_true", help="JSON, an object a line")
        parser.set_defaults(noun=name, job=told, run=_run)
    if name == "limit":
        add_set(words).set_defaults(job=set_limits, run=_run)


def _run(arguments: argparse.Namespace) -> int:
    return with_office(arguments, arguments.job)


async def told(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    """Print the lines."""
    given: str = arguments.id
    if arguments.noun == "bin" and given and not (given.isascii() and given.isdigit()):
        complain("bin show: the first digits of a card number are wanted")
        return Exit.USAGE
    lines = await NOUNS[arguments.noun].lines(office, given)
    for line in lines:
        print(json.dumps(line, ensure_ascii=False) if arguments.json else text(line))
    if given and not lines:
        complain(f"{arguments.noun}: there is none of {given[:20]}")
        return Exit.NOT_FOUND
    return Exit.OK


def text(line: Line) -> str:
    """Return a line for a person."""
    return "  ".join(f"{name}={_cell(value)}" for name, value in line.items())


def _cell(value: Any) -> str:  # noqa: ANN401  # a value of JSON
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
