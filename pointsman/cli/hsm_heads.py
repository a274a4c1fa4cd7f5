"""`pointsman hsm heads`: the heads of the HSM's audit logs that the clerk kept, for `verify-log`.

A shell that reads the database; when heads are kept is switch/hsmwatch.py's.
"""

import argparse
import json

import trio

from pointsman.cli.options import Exit, complain, load
from pointsman.store.hsm_sql import HsmSql, KeptHead
from pointsman.store.pool import Pool
from pointsman.store.server import embedded_url
from pointsman.store.verbs import StoreUnavailableError


def run(arguments: argparse.Namespace) -> int:
    """Print the heads; the command is added in hsm.py."""
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
