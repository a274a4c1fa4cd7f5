"""The database and the HSM for the length of one command: those that run, or own ones for now.

A shell. Where `pointsman serve` holds the data directory its processes are used; where nobody does,
this process takes the lock, starts what is missing and stops it at the end. What a command does
with them is said in site.py and settle.py.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import trio

from pointsman.cli.options import Exit, Setting, complain
from pointsman.cli.serve import make_directories
from pointsman.config import Hsm
from pointsman.effects import Effects
from pointsman.store.connection import UnsafeSettingsError
from pointsman.store.migrate import SchemaError, migrate
from pointsman.store.pool import Pool
from pointsman.store.server import EmbeddedPostgres, ServerError, embedded_url
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import roster, spawn
from pointsman.switch.lock import DirectoryInUseError, hold, holder

HSM_START_S_MAX = 30.0
"""Opening the key store costs a second or two of scrypt; this is for a busy machine."""
HSM_STOP_S_MAX = 5.0
_LOOK_S = 0.02


class HouseError(Exception):
    """What a command needs is not there and cannot be started; the text says what."""


@dataclass(frozen=True, slots=True)
class House:
    """Where the database and the HSM's operator socket are; `running` tells whose they are.

    `hsm` are the settings: they may name a hardware HSM beside.
    """

    database_url: str
    operator_socket: str
    running: bool
    hsm: Hsm


@contextlib.contextmanager
def house(setting: Setting, *, with_hsm: bool, may_make: bool = True) -> Iterator[House]:
    """Give the running house, or one that is started here and stopped at the end.

    Without `may_make` a data directory must be there already. Main thread only, outside
    `trio.run`. Raises `HouseError`, and the store's errors of a start.
    """
    if holder(setting.directory.lock) is not None:
        yield _house(setting, running=True)
        return
    directory = setting.directory
    if not may_make and not (setting.config.database.url or directory.postgres.exists()):
        raise HouseError(f"nothing is in {directory.root}; name another with --data")
    with ExitStack() as stack:
        make_directories(setting.directory)
        try:
            stack.enter_context(hold(setting.directory.lock))
        except DirectoryInUseError:  # somebody was quicker
            yield _house(setting, running=True)
            return
        _start_database(setting, stack)
        if with_hsm:
            _start_hsm(setting, stack)
        yield _house(setting, running=False)


def on_database(setting: Setting, work: Callable[[Pool], Awaitable[int]]) -> int:
    """Do a command's work on the database of a house that is there; return its exit code.

    A database that cannot be used is told and 7, a house that is not there is told and 1. What else
    the work raises is the command's own.
    """

    async def with_pool(url: str) -> int:
        pool = Pool(url, timeout_s=setting.config.timers.database_s)
        try:
            return await work(pool)
        finally:
            pool.close()

    try:
        with house(setting, with_hsm=False, may_make=False) as found:
            return trio.run(with_pool, found.database_url)
    except HouseError as error:
        complain(str(error))
        return Exit.FAILED
    except (ServerError, SchemaError, UnsafeSettingsError, StoreUnavailableError) as error:
        complain(f"the database cannot be used: {error}")
        return Exit.UNAVAILABLE


def _house(setting: Setting, *, running: bool) -> House:
    return House(
        database_url=setting.config.database.url or embedded_url(setting.directory.postgres),
        operator_socket=str(setting.directory.hsm_sockets / "operator.sock"),
        running=running,
        hsm=setting.config.hsm,
    )


def _start_database(setting: Setting, stack: ExitStack) -> None:
    url = setting.config.database.url
    if not url:
        server = EmbeddedPostgres(setting.directory.postgres)
        server.prepare()
        stack.callback(server.stop)
        server.start()
        url = server.url
    trio.run(migrate, url)


def _start_hsm(setting: Setting, stack: ExitStack) -> None:
    """Start the HSM as the supervisor would; its socket appears when it listens."""
    directory = setting.directory
    passphrase = roster.passphrase_path(setting.config, directory, Effects())
    spec, *_ = roster.hsm_specs(setting.config, directory, passphrase)
    assert spec.secret is not None
    assert spec.ready is not None
    output = stack.enter_context((directory.logs / f"{spec.name}.log").open("ab"))
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(spec.secret())
        argv = (*spec.argv, spec.handover.value, str(reading))
        process = spawn.start(argv, [reading], output, signal.SIGTERM)
    finally:
        os.close(reading)

    def stop() -> None:
        process.terminate()
        try:
            process.wait(HSM_STOP_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)
    deadline = time.monotonic() + HSM_START_S_MAX
    while not spec.ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise HouseError(f"the HSM does not start; see {directory.logs / spec.name}.log")
        time.sleep(_LOOK_S)
