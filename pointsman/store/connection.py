"""psycopg on Trio: one connection to PostgreSQL that is known to be durable.

psycopg's protocol is generators that say what they wait for; here Trio does the waiting. Names of
psycopg that are half public are used in this file only (psycopg is pinned to one minor release).
What is asked of the database is in journal.py and the *_sql.py files; the pool is in pool.py.
"""

from collections.abc import Generator, Sequence
from typing import Any, Self, TypeVar

import psycopg
import trio
from psycopg import abc, conninfo, errors, generators, waiting
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

from pointsman.store.verbs import StoreUnavailableError

CONNECT_S = 5.0
"""A server that takes longer to accept us is away."""

DURABLE_COMMITS = frozenset({"on", "remote_apply"})
"""`remote_write` may lose what it acknowledged when a standby's machine dies and it is promoted."""

_SETTINGS = (
    "select name, setting from pg_settings"
    " where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'server_version_num')"
)
_OLDEST_SERVER = 150000
_PATIENCE = {
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}

_T = TypeVar("_T")


class UnsafeSettingsError(Exception):
    """The server may lose what it acknowledged: a setting is off that must be on."""

    def __init__(self, setting: str, value: str) -> None:
        super().__init__(f"PostgreSQL runs with {setting} = {value}: commits would not be durable")
        self.setting = setting
        self.value = value


class TrioConnection(psycopg.AsyncConnection[Any]):  # Any: rows have the shape of their query
    """A psycopg connection whose waits are Trio's; a cancelled operation ends the connection.

    What a cancelled statement did is unknown, so nothing may follow it here.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # as psycopg has it
        super().__init__(*args, **kwargs)
        self.lock = trio.Lock()  # type: ignore[assignment]  # asyncio's lock in psycopg
        self._parsed: dict[bytes, bytes] = {}  # statements of `call`, and their names

    @classmethod
    async def open(cls, url: str, *, timeout_s: float = CONNECT_S) -> Self:
        """Connect in autocommit mode; raises psycopg's errors, and `trio.TooSlowError`."""
        with trio.fail_after(timeout_s):
            connection = await cls._open(await _resolved(url))
        connection._autocommit = True  # noqa: SLF001  # the setter would ask asyncio
        connection.prepare_threshold = 2
        return connection

    @classmethod
    async def _open(cls, parameters: str) -> Self:
        steps = cls._connect_gen(parameters)
        try:
            descriptor, wanted = next(steps)
            while True:
                descriptor, wanted = steps.send(await _wait_for(descriptor, wanted))
        except StopIteration as end:
            connection: Self = end.value
            return connection

    def end(self) -> None:
        """Close at once, without a word to the server."""
        self._closed = True
        self.pgconn.finish()

    async def call(self, statement: bytes, parameters: Sequence[bytes]) -> list[bytes | None]:
        """Run a statement that gives one row; all values, also those returned, in binary form.

        `statement` has $1 to $n and is parsed once in a session. For a connection that one task
        has to itself: no lock, no cursor and no conversions, which cost more than a small commit
        does here. Raises `psycopg.Error`, as `execute` does.
        """
        name = self._parsed.get(statement)
        if name is None:
            name = b"call_%d" % len(self._parsed)
            self.pgconn.send_prepare(name, statement)
            await self._result(ExecStatus.COMMAND_OK)
            self._parsed[statement] = name
        self.pgconn.send_query_prepared(
            name, parameters, [Format.BINARY] * len(parameters), Format.BINARY
        )
        result = await self._result(ExecStatus.TUPLES_OK)
        return [result.get_value(0, column) for column in range(result.nfields)]

    async def _result(self, wanted: ExecStatus) -> PGresult:
        """Wait for the one result of what was sent."""
        results: list[PGresult] = await self.wait(generators.execute(self.pgconn))
        result = results[0]
        if result.status != wanted:
            raise errors.error_from_result(result)
        return result

    async def wait(
        self,
        gen: abc.PQGen[_T],
        interval: float = 0.0,
        timeout: float | None = None,  # noqa: ASYNC109  # psycopg's signature
    ) -> _T:
        """Run one of psycopg's generators to its end."""
        del interval
        try:
            if timeout is None:
                return await _drive(gen, self.pgconn.socket)
            with trio.move_on_after(timeout):
                return await _drive(gen, self.pgconn.socket)
            raise errors.OperationalError("no answer in time")
        except (trio.Cancelled, KeyboardInterrupt):
            if self.pgconn.transaction_status != TransactionStatus.IDLE:
                self.end()
            raise


async def connect(url: str, *, timeout_s: float = CONNECT_S) -> TrioConnection:
    """Open a connection and see that its commits are durable, each time anew.

    Raises `UnsafeSettingsError` where a setting would lose commits, `StoreUnavailableError` where
    the server cannot be reached or answers too late.
    """
    try:
        connection = await TrioConnection.open(url, timeout_s=timeout_s)
    except (psycopg.Error, OSError, trio.TooSlowError) as error:
        # Only the kind: a driver's text may hold values (and the URL a password).
        raise StoreUnavailableError(f"cannot connect: {type(error).__name__}") from None
    try:
        with trio.fail_after(timeout_s):
            await check_durable(connection)
            await connection.execute("set client_min_messages = error")
    except (psycopg.Error, trio.TooSlowError) as error:
        connection.end()
        raise StoreUnavailableError(f"cannot connect: {type(error).__name__}") from None
    except BaseException:
        connection.end()
        raise
    return connection


async def check_durable(connection: TrioConnection) -> None:
    """Raise `UnsafeSettingsError` unless what this session commits survives a power cut."""
    rows = await (await connection.execute(_SETTINGS)).fetchall()
    settings: dict[str, str] = dict(rows)
    for name in ("fsync", "full_page_writes"):
        if settings[name] != "on":
            raise UnsafeSettingsError(name, settings[name])
    if settings["synchronous_commit"] not in DURABLE_COMMITS:
        # Set by the server, a role or a database: somebody wants it so, and it would not be ours.
        raise UnsafeSettingsError("synchronous_commit", settings["synchronous_commit"])
    if int(settings["server_version_num"]) < _OLDEST_SERVER:
        raise UnsafeSettingsError("server_version_num", settings["server_version_num"])
    wanted = settings["synchronous_commit"]
    await connection.execute("select set_config('synchronous_commit', %s, false)", (wanted,))


def usable(connection: TrioConnection) -> bool:
    """Say whether the connection is open and outside any transaction."""
    return connection.pgconn.transaction_status == TransactionStatus.IDLE


async def _resolved(url: str) -> str:
    """Give libpq addresses, since it would block the loop to look names up; and a short patience.

    A network that is half open is noticed in `_PATIENCE`; on a Unix socket it has no effect.
    """
    parameters: dict[str, str | int | None] = {**_PATIENCE, **conninfo.conninfo_to_dict(url)}
    hosts = str(parameters.get("host") or "")
    if hosts and not parameters.get("hostaddr") and not hosts.startswith(("/", "@")):
        addresses = []
        for host in hosts.split(","):
            found = await trio.socket.getaddrinfo(host, None, type=trio.socket.SOCK_STREAM)
            addresses.append(str(found[0][4][0]))
        parameters["hostaddr"] = ",".join(addresses)
    return conninfo.make_conninfo("", **parameters)


async def _drive(steps: Generator[waiting.Wait, int, _T], descriptor: int) -> _T:
    try:
        wanted = next(steps)
        while True:
            if wanted & waiting.Wait.W and (ready := waiting._ready(descriptor, wanted)):  # noqa: SLF001
                # Nearly always writable at once; asking is cheaper than waiting.
                wanted = steps.send(ready)
            else:
                wanted = steps.send(await _wait_for(descriptor, wanted))
    except StopIteration as end:
        result: _T = end.value
        return result
    except OSError:
        raise errors.OperationalError("the connection's socket is gone") from None


async def _wait_for(descriptor: int, wanted: waiting.Wait) -> waiting.Ready:
    if wanted == waiting.Wait.R:
        await trio.lowlevel.wait_readable(descriptor)
        return waiting.Ready.R
    if wanted == waiting.Wait.W:
        await trio.lowlevel.wait_writable(descriptor)
        return waiting.Ready.W
    ready = waiting.Ready.NONE
    async with trio.open_nursery() as nursery:

        async def wait_readable() -> None:
            nonlocal ready
            await trio.lowlevel.wait_readable(descriptor)
            ready = waiting.Ready(ready | waiting.Ready.R)
            nursery.cancel_scope.cancel()

        async def wait_writable() -> None:
            nonlocal ready
            await trio.lowlevel.wait_writable(descriptor)
            ready = waiting.Ready(ready | waiting.Ready.W)
            nursery.cancel_scope.cancel()

        nursery.start_soon(wait_readable)
        nursery.start_soon(wait_writable)
    return ready
