"""``pointsman journal``: verify the chains of events, archive closed days, purge archived ones.

A shell over store/upkeep_sql.py. An archive is one file of JSON lines a day and its SHA-256 beside
it; only a day whose archive is whole is purged. Exit code 8 where a chain does not fit.
"""

import argparse
import gzip
import hashlib
import json
import os
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from pointsman import log
from pointsman.cli.house import on_database
from pointsman.cli.options import Exit, add_options, add_word_options, complain, load
from pointsman.store.day import KEYS_KEPT
from pointsman.store.pool import Pool
from pointsman.store.upkeep_sql import NotYetError, UpkeepSql

LOOK_BYTES: Final = 1 << 20
BATCHES_AT_ONCE: Final = 50


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("journal", help="verify, archive and purge the journal's events")
    add_options(parser)
    words = parser.add_subparsers(dest="word", required=True, metavar="verify|archive|purge")
    verify = words.add_parser("verify", help="follow every chain of events and its anchors")
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    add_word_options(verify)
    for word, help_text in (
        ("archive", "write the events of closed days to files"),
        ("purge", "take away events of closed days that are archived"),
    ):
        one = words.add_parser(word, help=help_text)
        one.add_argument("--before", type=_date, required=True, metavar="YYYY-MM-DD")
        one.add_argument("--to", type=Path, required=True, metavar="DIR", help="the archive")
        one.add_argument("--json", action="store_true", help="print JSON lines")
        add_word_options(one)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do it; exit codes as options.Exit says."""
    log.setup("journal", quiet=True)
    try:
        return on_database(load(arguments), partial(_work, arguments))
    except OSError as error:
        complain(str(error))
        return Exit.FAILED
    except NotYetError as error:
        complain(str(error))
        return Exit.CONFLICT


async def _work(arguments: argparse.Namespace, pool: Pool) -> int:
    upkeep = UpkeepSql(pool)
    match arguments.word:
        case "verify":
            return await _verify(upkeep, as_json=arguments.json)
        case "archive":
            return await _archive(upkeep, arguments)
        case _:
            return await _purge(upkeep, arguments)


async def _verify(upkeep: UpkeepSql, *, as_json: bool) -> int:
    found = await upkeep.verify()
    broken = {str(writer): at for writer, at in found.items() if at is not None}
    if as_json:
        print(json.dumps({"chains": len(found), "broken": broken}))
    else:
        print(f"{len(found)} chains, {len(broken)} broken")
        for writer, at in broken.items():
            print(f"the chain of writer {writer} does not fit from event {at} on")
    return Exit.CHECK_FAILED if broken else Exit.OK


async def _archive(upkeep: UpkeepSql, arguments: argparse.Namespace) -> int:
    arguments.to.mkdir(parents=True, exist_ok=True)
    for day in await upkeep.purgeable(arguments.before):
        path = _path(arguments.to, day)
        if not _is_whole(path):
            count = await _write(upkeep, day, path)
            _say(arguments, "archived", day, count)
    return Exit.OK


async def _purge(upkeep: UpkeepSql, arguments: argparse.Namespace) -> int:
    for day in await upkeep.purgeable(arguments.before):
        if not _is_whole(_path(arguments.to, day)):
            complain(f"{day} is not archived in {arguments.to}; nothing of it was purged")
            return Exit.CONFLICT
        _say(arguments, "purged", day, await upkeep.purge(day))
    oldest = arguments.before - KEYS_KEPT
    count = 0
    while gone := await upkeep.purge_keys(oldest, BATCHES_AT_ONCE):
        count += gone
    if count:
        _say(arguments, "purged", oldest, count, what="request keys")
    return Exit.OK


async def _write(upkeep: UpkeepSql, day: date, path: Path) -> int:
    """Write one day whole: under another name, synced, renamed; its hash last."""
    new = path.with_suffix(".new")
    count = 0
    with new.open("wb") as raw:
        # No time and no name in it: the same day gives the same bytes.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            async for line in upkeep.lines(day):
                packed.write(json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")
                count += 1
        raw.flush()
        os.fsync(raw.fileno())
    digest = _digest(new)
    new.replace(path)
    path.with_suffix(".sha256").write_text(f"{digest}  {path.name}\n")
    return count


def _is_whole(path: Path) -> bool:
    try:
        said = path.with_suffix(".sha256").read_text().split()
        return bool(said) and said[0] == _digest(path)
    except OSError:
        return False


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(LOOK_BYTES):
            found.update(data)
    return found.hexdigest()


def _path(directory: Path, day: date) -> Path:
    return directory / f"events-{day.isoformat()}.jsonl.gz"


def _say(
    arguments: argparse.Namespace, result: str, day: date, count: int, what: str = "events"
) -> None:
    if arguments.json:
        name = what.replace(" ", "_")
        print(json.dumps({"result": result, "day": day.isoformat(), name: count}))
    else:
        print(f"{day}: {count} {what} {result}")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None
