"""``pointsman user``: the people of the back office, and the first administrator's link.

A shell: asks the database of the house that runs, or starts it for the length of the command. What
people may do is in console/rights.py.
"""

import argparse
import json
from collections.abc import Awaitable, Callable

import trio

from pointsman import log
from pointsman.cli.house import HouseError, house
from pointsman.cli.options import Exit, Setting, add_options, complain, load
from pointsman.console import demo_approval, demo_people, keyfile, service
from pointsman.console.keyfile import KeyFileError
from pointsman.console.office import Office
from pointsman.console.seal import Seal
from pointsman.effects import Effects
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.server import ServerError
from pointsman.store.verbs import StoreUnavailableError

Job = Callable[[Office, argparse.Namespace, Setting], Awaitable[int]]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("user", help="people of the back office")
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    listing = words.add_parser("list", help="who there is")
    listing.add_argument("--json", action="store_true", help="print JSON lines")
    first = words.add_parser("first", help="a new one-time link for the first administrator")
    demo = words.add_parser("demo", help="the demo's accounts, one for each role (mode demo only)")
    demo.add_argument("--json", action="store_true", help="print one JSON object")
    for one, job in ((listing, _list), (first, _first), (demo, _demo)):
        add_options(one)
        one.set_defaults(run=lambda arguments, job=job: with_office(arguments, job))


def with_office(arguments: argparse.Namespace, job: Job) -> int:
    """Run `job` with the back office's parts over the house's database; return the exit code."""
    setting = load(arguments)
    log.setup("console", quiet=True)

    async def work() -> int:
        office = service.office_of(setting.config, setting.directory, Effects())
        try:
            return await job(office, arguments, setting)
        finally:
            office.pool.close()

    try:
        with house(setting, with_hsm=False, may_make=False):
            return trio.run(work)
    except (HouseError, KeyFileError) as error:
        complain(str(error))
        return Exit.FAILED
    except (StoreUnavailableError, ServerError, UnsafeSettingsError) as error:
        complain(f"the database cannot be reached: {error}")
        return Exit.UNAVAILABLE


async def _list(office: Office, arguments: argparse.Namespace, _: Setting) -> int:
    for user in await office.people.all(None):
        grants = [{"role": g.role, "scope": g.scope, "mid": g.mid} for g in user.grants]
        if arguments.json:
            line = {"login": user.login, "name": user.name, "state": user.state, "grants": grants}
            print(json.dumps(line, ensure_ascii=False))
        else:
            roles = ", ".join(f"{g.role} {g.mid or g.scope}" for g in user.grants)
            print(f"{user.login:<30} {user.state:<8} {roles}")
    return Exit.OK


async def _demo(office: Office, arguments: argparse.Namespace, setting: Setting) -> int:
    try:
        seal = Seal(keyfile.load(setting.directory.root, Effects()))
        made = await demo_people.make(office, seal)
        await demo_approval.make(office)
    except demo_people.NoDemoError as error:
        complain(str(error))
        return Exit.NOT_ALLOWED
    if arguments.json:
        print(json.dumps({"made": [one.login for one in made], "password": demo_people.PASSWORD}))
    else:
        print(f"password of each: {demo_people.PASSWORD}; the code stands on the sign-in page")
        for one in demo_people.ACCOUNTS:
            print(f"{one.login:<10} {one.role.value}")
    return Exit.OK


async def _first(office: Office, _: argparse.Namespace, setting: Setting) -> int:
    link = await service.first_link(office, setting.config)
    if link is None:
        complain("somebody is here already: an administrator can invite others")
        return Exit.CONFLICT
    print(link)
    return Exit.OK
