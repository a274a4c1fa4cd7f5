"""``pointsman blacklist``: cards that are refused with 41, 43 or 04, whatever their issuer says.

A shell over store/blacklist_sql.py. Card numbers come on standard input, one a line, never as
arguments; the HSM makes the token that is stored. Lists show first six and last four.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from typing import Final

import trio

from pointsman import log
from pointsman.cli.house import House, HouseError, house
from pointsman.cli.options import Exit, Setting, add_options, add_word_options, complain, load
from pointsman.hsm.commands import HsmUnavailable, Outbound, OutboundDone, PanSeal
from pointsman.routing.bins import luhn_valid
from pointsman.store.blacklist_sql import CODES, BlacklistSql, Listed
from pointsman.store.pool import Pool
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.hsmbackend import hsm_client

HSM_S: Final = 10.0
CARDS_MAX: Final = 100_000  # of one call
PAN_SIZES: Final = range(12, 20)
_NO_ROW: Final = bytes(16)  # the cipher text is thrown away: it belongs to no row


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("blacklist", help="cards that are refused")
    add_options(parser)
    words = parser.add_subparsers(dest="word", required=True, metavar="list|add|remove")
    listing = words.add_parser("list", help="show the listed cards")
    listing.add_argument("--json", action="store_true", help="print JSON lines")
    adding = words.add_parser("add", help="refuse the cards on standard input, one a line")
    adding.add_argument(
        "--code", choices=CODES, default="41", help="41 lost, 43 stolen, 04 pick up"
    )
    removing = words.add_parser("remove", help="accept the cards on standard input again")
    add_word_options(listing, adding, removing)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List, add or remove; exit codes as options.Exit says."""
    log.setup("blacklist", quiet=True)
    setting = load(arguments)
    pans = None if arguments.word == "list" else _numbers(sys.stdin)
    if pans is not None and not pans:
        complain("card numbers of 12 to 19 digits, one a line, are expected on standard input")
        return Exit.USAGE
    try:
        with house(setting, with_hsm=pans is not None, may_make=False) as found:
            return trio.run(_work, arguments, setting, found, pans or [])
    except HouseError as error:
        complain(str(error))
        return Exit.FAILED
    except (StoreUnavailableError, HsmUnavailable) as error:
        complain(f"database or HSM cannot be used: {error}")
        return Exit.UNAVAILABLE


def _numbers(lines: Iterable[str]) -> list[str]:
    """Return the card numbers, or none where one of them cannot be one."""
    numbers = [line.strip() for line in lines if line.strip()]
    good = len(numbers) <= CARDS_MAX and all(
        len(one) in PAN_SIZES and one.isascii() and one.isdigit() and luhn_valid(one)
        for one in numbers
    )
    return numbers if good else []


async def _work(
    arguments: argparse.Namespace, setting: Setting, found: House, pans: list[str]
) -> int:
    pool = Pool(found.database_url, timeout_s=setting.config.timers.database_s)
    blacklist = BlacklistSql(pool)
    try:
        if arguments.word == "list":
            for row in await blacklist.cards():
                print(json.dumps(_shown(row)) if arguments.json else _line(row))
            return Exit.OK
        missing = 0
        for pan, token in zip(pans, await _tokens(setting, found, pans), strict=True):
            masked = f"{pan[:6]}******{pan[-4:]}"
            if arguments.word == "add":
                await blacklist.add(token, arguments.code, masked)
            else:
                missing += not await blacklist.remove(token, masked)
        if missing:
            complain(f"{missing} of {len(pans)} were not listed")
        return Exit.NOT_FOUND if missing else Exit.OK
    finally:
        pool.close()


async def _tokens(setting: Setting, found: House, pans: list[str]) -> list[bytes]:
    socket = str(setting.directory.hsm_sockets / "switch.sock")
    tokens: list[bytes] = []
    async with trio.open_nursery() as nursery:
        hsm = hsm_client(found.hsm, socket)
        await nursery.start(hsm.run)
        for pan in pans:
            request = Outbound(seal=PanSeal(pan, _NO_ROW))
            answer = await hsm.ask(request, trio.current_time() + HSM_S)
            if not isinstance(answer, OutboundDone) or answer.token is None:
                raise HsmUnavailable("no token was made")
            tokens.append(answer.token)
        nursery.cancel_scope.cancel()
    return tokens


def _shown(row: Listed) -> dict[str, str]:
    since = row.since.isoformat(timespec="seconds")
    return {"card": row.masked, "code": row.code, "since": since}


def _line(row: Listed) -> str:
    return f"{row.masked} {row.code} since {row.since:%Y-%m-%d %H:%M}"
