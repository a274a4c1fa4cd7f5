"""``pointsman blacklist``: cards that are refused with 41, 43 or 04, whatever their issuer says.

A shell over store/console_policies.py. Card numbers come on standard input, one a line, never as
arguments; the HSM makes the token that is stored. Lists show first six and last four; each change
is in the audit trail, with its reason. Exit codes: 2 no card numbers, 3 not on the list, 7 the
database or the HSM is away.
"""

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from typing import Final

import trio

from pointsman import log
from pointsman.cli.asking import everywhere
from pointsman.cli.house import House, HouseError, house
from pointsman.cli.noun_table import BLACKLIST
from pointsman.cli.nouns import add_list, listed
from pointsman.cli.options import Exit, Setting, add_options, add_word_options, complain, load
from pointsman.cli.user import with_office
from pointsman.console import ids, service
from pointsman.console.blacklisting import CARD
from pointsman.console.keyfile import KeyFileError
from pointsman.console.payments import Document
from pointsman.effects import Effects
from pointsman.hsm.commands import HsmUnavailable, Outbound, OutboundDone, PanSeal
from pointsman.routing.bins import luhn_valid
from pointsman.store import console_policies
from pointsman.store.console_policies import CODES
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
    listing = add_list(words, BLACKLIST)
    listing.set_defaults(run=lambda given: with_office(given, partial(listed, noun=BLACKLIST)))
    adding = words.add_parser("add", help="refuse the cards on standard input, one a line")
    adding.add_argument(
        "--code", choices=CODES, default="41", help="41 lost, 43 stolen, 04 pick up"
    )
    removing = words.add_parser("remove", help="accept the cards on standard input again")
    for word in (adding, removing):
        word.add_argument("--reason", default="", metavar="TEXT", help="why, for the audit trail")
        word.set_defaults(run=run)
    add_word_options(listing, adding, removing)


def run(arguments: argparse.Namespace) -> int:
    """Add or remove; exit codes as options.Exit says."""
    log.setup("blacklist", quiet=True)
    setting = load(arguments)
    pans = _numbers(sys.stdin)
    if not pans:
        complain("card numbers of 12 to 19 digits, one a line, are expected on standard input")
        return Exit.USAGE
    try:
        with house(setting, with_hsm=True, may_make=False) as found:
            return trio.run(_work, arguments, setting, found, pans)
    except (HouseError, KeyFileError) as error:
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
    office = service.office_of(setting.config, setting.directory, Effects())
    adds, code = arguments.word == "add", getattr(arguments, "code", "")
    missing = 0
    try:
        for pan, token in zip(pans, await _tokens(setting, found, pans), strict=True):
            masked = f"{pan[:6]}******{pan[-4:]}"
            async with office.pool.act() as act:
                if adds:
                    entry = await console_policies.list_token(act, token, code, masked)
                else:
                    entry = await console_policies.unlist_token(act, token)
                    missing += entry is None
                if entry is None:
                    continue  # nothing changed: it is as it is wanted, or not on the list
                told: Document = {"card": masked, **({"code": code} if adds else {})}
                await act.audit(
                    everywhere({}).entry(
                        *(f"blacklist:{arguments.word}", "card", ids.encode(CARD, entry)),
                        after=told,
                        reason=arguments.reason,
                    )
                )
    finally:
        office.pool.close()
    if missing:
        complain(f"{missing} of {len(pans)} were not listed")
    return Exit.NOT_FOUND if missing else Exit.OK


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
