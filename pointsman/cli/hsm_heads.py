"""`pointsman hsm heads`: the heads of the HSM's audit logs that the clerk kept, for `verify-log`.

A shell that reads the database; when heads are kept is switch/hsmwatch.py's.
"""

import argparse
import json

import trio

from pointsman.cli.options import Exit, add_options, complain, load
from pointsman.store.hsm_sql import HsmSql, KeptHead
from pointsman.store.pool import Pool
from pointsman.store.server import embedded_url
from pointsman.store.verbs import StoreUnavailableError


def add_words(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add heads."""
    heads = words.add_parser("heads", help="the newest heads of the audit logs that were kept")
    add_options(heads)
    heads.add_argument("--json", action="store_true")
    heads.set_defaults(run=_heads)


def _heads(arguments: argparse.Namespace) -> int:
    setting = load(arguments)
    url = setting.config.database.url or embedded_url(setting.directory.postgres)
    try:
        heads = trio.run(_newest, url)
    except StoreUnavailableError:
        complain("the database is away")
        return Exit.UNAVAILABLE
    told = [
        {"machine": one.machine, "head": _text(one), "kept": one.at.isoformat()} for one in heads
    ]
    if arguments.json:
        print(json.dumps(told))
    for one in () if arguments.json else told:
        print(f"{one['head']}  {one['kept']}  {one['machine']}")
    return Exit.OK


def _text(head: KeptHead) -> str:
    return f"{head.log}:{head.sequence}:{head.digest.hex()}"


async def _newest(url: str) -> list[KeptHead]:
    pool = Pool(url)
    try:
        return list(await HsmSql(pool).newest())
    finally:
        pool.close()
