"""``pointsman import SITE.toml``: shows what a site file would change, and applies it by token.

A shell: reads the file and prints what came of it. What a file may say and what changes is decided
in pointsman/site, the HSM and the database are asked in importing.py. Nothing of a key is printed
but its place.
"""

import argparse
import hashlib
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import trio

from pointsman import log
from pointsman.cli.house import HouseError, house
from pointsman.cli.importing import Imported, import_site
from pointsman.cli.options import Exit, Setting, add_options, complain, load
from pointsman.hsm.commands import HsmUnavailable
from pointsman.site.file import parse
from pointsman.site.values import SiteFault, SiteFile, SiteFileError
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.migrate import SchemaError
from pointsman.store.server import ServerError
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.roster import PassphraseError

DETAILS_MAX = 40
"""Changes that are listed for a person; --json lists all."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "import",
        help="read a site file",
        description="Show what a site file would change. With --commit TOKEN apply exactly that.",
    )
    add_options(parser)
    parser.add_argument("file", type=Path, metavar="SITE.toml")
    parser.add_argument("--commit", metavar="TOKEN", help="the token that a dry run printed")
    parser.add_argument(
        "--remove",
        action="store_true",
        help="take out of use what the back office made and the file does not name",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read, compare and, with a token, write; exit codes as options.Exit says."""
    setting = load(arguments)
    log.setup("import", quiet=True)
    try:
        content = arguments.file.read_bytes()
        site = parse(content.decode("utf-8"))
        return _import(arguments, setting, site, hashlib.sha256(content).digest())
    except SiteFileError as error:
        _tell_faults(arguments, error.faults)
    except UnicodeDecodeError as error:
        complain(f"{arguments.file}: not UTF-8 at byte {error.start}")
    except (PassphraseError, OSError) as error:
        complain(str(error))
    except (HouseError, HsmUnavailable, StoreUnavailableError, ServerError) as error:
        complain(f"database or HSM cannot be reached: {error}")
        return Exit.UNAVAILABLE
    except (UnsafeSettingsError, SchemaError) as error:
        complain(f"the database cannot be used: {error}")
        return Exit.UNAVAILABLE
    return Exit.FAILED


def _import(arguments: argparse.Namespace, setting: Setting, site: SiteFile, digest: bytes) -> int:
    with house(setting, with_hsm=True) as found:
        work = partial(import_site, remove=arguments.remove)
        done = trio.run(work, found, site, digest, arguments.commit)
    if arguments.json:
        _print_json(arguments, done)
    else:
        _print(arguments, done)
    return Exit.CONFLICT if done.conflict else Exit.OK


def _tell_faults(arguments: argparse.Namespace, faults: tuple[SiteFault, ...]) -> None:
    if arguments.json:
        print(json.dumps({"committed": False, "faults": [asdict(fault) for fault in faults]}))
    for fault in faults:
        complain(f"{arguments.file}: {fault}")
    complain(f"{len(faults)} faults; nothing was changed")


def _print_json(arguments: argparse.Namespace, done: Imported) -> None:
    plan = done.plan
    found = {
        "file": str(arguments.file),
        "token": plan.token,
        "version": plan.version if done.version is None else done.version,
        "committed": done.version is not None,
        "conflict": done.conflict,
        "changes": {kind: asdict(counts) for kind, counts in plan.counts.items()},
        "details": list(plan.details),
        "faults": [],
    }
    print(json.dumps(found, ensure_ascii=False))


def _print(arguments: argparse.Namespace, done: Imported) -> None:
    plan = done.plan
    print(f"{'':<12}{'added':>10}{'changed':>10}{'disabled':>10}{'unchanged':>11}{'kept':>6}")
    for kind, counts in plan.counts.items():
        first = f"{kind:<12}{counts.added:>10}{counts.changed:>10}{counts.disabled:>10}"
        print(f"{first}{counts.unchanged:>11}{counts.kept:>6}")
    if any(counts.kept for counts in plan.counts.values()):
        print("Kept: made in the back office, not in the file. --remove takes them out of use.")
    for detail in plan.details[:DETAILS_MAX]:
        print(f"  {detail}")
    if len(plan.details) > DETAILS_MAX:
        print(f"  ... and {len(plan.details) - DETAILS_MAX} more")
    if done.conflict:
        complain("the file or the database has changed since that token; nothing was changed")
    elif done.version is not None:
        print(f"Written as version {done.version}.")
    elif plan.empty:
        print("The site is like this already.")
    else:
        print("Nothing was written. To apply exactly this:")
        also = " --remove" if arguments.remove else ""
        print(f"  pointsman import {arguments.file}{also} --commit {plan.token}")
