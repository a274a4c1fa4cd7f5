"""``pointsman settle``: closes the business day and writes its files, or writes them again.

A shell that finds the database, runs settlement/closing.py and prints. Works beside a running house
and without one. Exit codes: 3 no such day, 4 another is closing it, 7 database away, 8 a day's
files would differ.
"""

import argparse
import json
from dataclasses import asdict
from datetime import date
from zoneinfo import ZoneInfo

import trio

from pointsman import log
from pointsman.cli.house import HouseError, house
from pointsman.cli.options import Exit, Setting, add_options, complain, load
from pointsman.effects import Effects
from pointsman.settlement.closing import FilesDifferError, NoSuchDayError, Settled, settle
from pointsman.settlement.totals import ImbalanceError
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.leases import END_OF_DAY, LeaseLostError
from pointsman.store.migrate import SchemaError
from pointsman.store.parties_sql import SiteSql
from pointsman.store.pool import Pool
from pointsman.store.server import ServerError
from pointsman.store.settlement_sql import leased_days
from pointsman.store.verbs import StoreUnavailableError


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "settle",
        help="close the business day and write its files",
        description="Close the open business day and write its files. Where it lies after today, "
        "the last closed day is written again: the bytes are the same.",
    )
    add_options(parser)
    parser.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="this business day")
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="how long sales without an outcome are waited for (default: the switch timer)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Settle and print; exit codes as options.Exit says."""
    setting = load(arguments)
    log.setup("settle", quiet=True)
    try:
        with house(setting, with_hsm=False, may_make=False) as found:
            settled = trio.run(_settle, setting, found.database_url, arguments)
    except NoSuchDayError as error:
        complain(str(error))
        return Exit.NOT_FOUND
    except LeaseLostError:
        complain("another is closing the day: try again when it is done")
        return Exit.CONFLICT
    except (FilesDifferError, ImbalanceError) as error:
        complain(f"check failed: {error}")
        return Exit.CHECK_FAILED
    except (HouseError, StoreUnavailableError, ServerError) as error:
        complain(f"the database cannot be reached: {error}")
        return Exit.UNAVAILABLE
    except (UnsafeSettingsError, SchemaError) as error:
        complain(f"the database cannot be used: {error}")
        return Exit.UNAVAILABLE
    except OSError as error:
        complain(f"cannot write below {setting.directory.files}: {error}")
        return Exit.FAILED
    if arguments.json:
        _print_json(settled)
    else:
        _print(settled)
    return Exit.OK


async def _settle(setting: Setting, url: str, arguments: argparse.Namespace) -> Settled:
    pool = Pool(url)
    try:
        site = await SiteSql(pool).stored_site()
        async with leased_days(pool) as days:
            if days is None:
                raise LeaseLostError(END_OF_DAY)
            return await settle(
                days,
                setting.directory.files,
                asked=arguments.date,
                now=Effects().now(),
                cutoff=site.cutoff,
                zone=ZoneInfo(site.zone),
                wait_s=setting.config.timers.switch_s if arguments.wait is None else arguments.wait,
            )
    except LookupError as error:  # no day was ever opened
        raise NoSuchDayError(str(error)) from None
    finally:
        pool.close()


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a date such as 2026-11-22 expected") from None


def _print_json(settled: Settled) -> None:
    found = {
        "settlement_date": settled.day.isoformat(),
        "closed_now": settled.closed_now,
        "directory": str(settled.directory),
        "files": [asdict(one) for one in settled.files],
        "lines": settled.lines,
        "open_items": settled.open_items,
        "balanced": settled.balanced,
        "summary": settled.summary,
    }
    print(json.dumps(found, ensure_ascii=False))


def _print(settled: Settled) -> None:
    print(settled.text)
    how = "closed" if settled.closed_now else "written again"
    print(f"Business day {settled.day} {how}: {settled.lines} lines, {settled.open_items} open")
    print(f"{len(settled.files)} files in {settled.directory}")
