"""`pointsman migrate`: brings the database's tables up to the version of this code.

Works on the database of the settings, or on the embedded one: on its server where the house runs,
else on one started for the moment. What a migration is stands in store/migrate.py.
"""

import argparse
import json

import trio

from pointsman.cli.options import Exit, add_options, complain, load
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.migrate import SchemaError, migrate
from pointsman.store.server import EmbeddedPostgres, ServerError, embedded_url
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.lock import hold, holder


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("migrate", help="bring the database's tables up to date")
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Apply what is missing and say what was applied."""
    setting = load(arguments)
    try:
        if setting.config.database.url:
            applied = trio.run(migrate, setting.config.database.url)
        elif holder(setting.directory.lock) is not None:
            applied = trio.run(migrate, embedded_url(setting.directory.postgres))
        else:
            setting.directory.root.mkdir(parents=True, exist_ok=True)
            with hold(setting.directory.lock):
                server = EmbeddedPostgres(setting.directory.postgres)
                server.prepare()
                server.start()
                try:
                    applied = trio.run(migrate, server.url)
                finally:
                    server.stop()
    except (StoreUnavailableError, ServerError) as error:
        complain(str(error))
        return Exit.UNAVAILABLE
    except (SchemaError, UnsafeSettingsError) as error:
        complain(str(error))
        return Exit.FAILED
    if arguments.json:
        print(json.dumps({"applied": applied}))
    else:
        print("\n".join(f"applied {name}" for name in applied) or "the tables are up to date")
    return Exit.OK
