"""The journal's one writer: takes what waits to PostgreSQL in group commits, and settles doubts.

One connection, one commit at a time. A commit whose answer was lost is decided before the next one
begins: the old session is ended, then the events say whether the round was written. What waits and
what results mean is in rounds.py; rare reads and writes are in records_sql.py.
"""

import math
from collections.abc import Awaitable, Callable
from datetime import date
from hashlib import sha256

import psycopg
import trio
from psycopg.types.numeric import Int8

from pointsman import log
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.arrays import (
    ByteaArray,
    ByteaArrayDumper,
    TextArray,
    TextArrayDumper,
    bytea_array,
    text_array,
)
from pointsman.store.connection import TrioConnection, UnsafeSettingsError, check_durable, connect
from pointsman.store.migrate import SchemaError, check
from pointsman.store.records import Intent, IntentResult, NotDurable, Outcome, OutcomeResult
from pointsman.store.rounds import (
    WAITING_MAX,
    Queue,
    Round,
    expire_round,
    fail,
    finish,
    finish_found,
)
from pointsman.store.rows import decode
from pointsman.store.verbs import StoreUnavailableError

RECONNECT_S = 0.05
RECONNECT_S_MAX = 1.0
SWEEP_S = 0.05
"""How late a wait may end after its deadline."""

CHECK_SETTINGS_S = 30.0
"""How often a living session is asked whether the server's settings are still safe."""

OLD_SESSION_POLL_S = 0.02
RETRY_S = 0.02
"""Pause before a round that collided with another worker's is tried again."""

RETRY_LATER_S = 0.25
"""Pause before a round is tried again that the server could not write (disk full, read only)."""

_ROUND = "select o_date, o_sequence, o_head, o_other from journal_round(%b, %b, %b, %b, %b, %b, %b)"
_SESSION = """
select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()
"""
_END_SESSION = """
select pg_terminate_backend(pid) from pg_stat_activity
where pid = %s and backend_start::text = %s
"""
# Synchronous replication: what this commit waited for covers all that was written before it.
_FENCE = "select pg_logical_emit_message(true, 'pointsman', 'settled')"
_HEAD = """
select sequence, hash from events where writer = %s and hash is not null
order by sequence desc limit 1
"""
_FOUND = """
select kind, transaction, business_date from events where writer = %s and sequence > %s
"""
_DEAD = "PM001"  # schema/0003_round.sql
_COLLISIONS = ("40001", "40P01")
_ROW_AT_FAULT = ("22", "23", "42")  # classes of SQLSTATE that come of the values themselves


class _AnswerLostError(Exception):
    """The round may or may not be written."""


class _NotWrittenError(Exception):
    """The round is certainly not written; `sqlstate` says why."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class PostgresJournal:
    """`verbs.Journal` on PostgreSQL, for one incarnation of one worker; `run` does the writing.

    Results are given by `run`'s tasks, never inside `intend` or `conclude`.
    """

    def __init__(
        self,
        url: str,
        incarnation: int,
        *,
        effects: Effects,
        metrics: Metrics | None = None,
        connect: Callable[[str], Awaitable[TrioConnection]] = connect,
    ) -> None:
        self._url = url
        self._connect = connect
        self._incarnation = incarnation
        self._effects = effects
        self._metrics = metrics
        self._queue = Queue()
        self._round = Round()  # under way
        self._refused: list[Callable[[], None]] = []
        self._earliest = math.inf
        self._wake = trio.Event()
        self._connection: TrioConnection | None = None
        self._session: tuple[int, str] | None = None
        self._sequence = 0
        self._head = sha256(str(incarnation).encode()).digest()
        self._checked_at = 0.0
        self.incarnation_lost = trio.Event()
        """Another process has declared this incarnation dead; the worker must stop."""

    def intend(self, intent: Intent, deadline: float, done: Callable[[IntentResult], None]) -> None:
        """Commit 1 (verbs.Journal.intend)."""
        if self.incarnation_lost.is_set() or len(self._queue) >= WAITING_MAX:
            self._refused.append(lambda: done(NotDurable("the journal takes no more")))
        else:
            self._queue.add_intent(intent, deadline, done)
            self._earliest = min(self._earliest, deadline)
        self._wake.set()

    def conclude(
        self, outcome: Outcome, deadline: float, done: Callable[[OutcomeResult], None]
    ) -> None:
        """Commit 2 (verbs.Journal.conclude)."""
        self._queue.add_outcome(outcome, deadline, done)
        self._earliest = min(self._earliest, deadline)
        self._wake.set()

    def taken(self, id: bytes) -> None:  # noqa: A002
        """Note that a connection took a byte of the answer; rides in the next group commit."""
        self._queue.add_taken(id)
        self._wake.set()

    async def run(self) -> None:
        """Write until cancelled, or until the incarnation is lost."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._sweep)
                await self._write()
                nursery.cancel_scope.cancel()
        finally:
            if self._connection is not None:
                self._connection.end()

    async def _write(self) -> None:
        while True:
            if self.incarnation_lost.is_set():
                self._queue.fail_all("this incarnation is dead")
            if not self._queue:
                self._wake = trio.Event()
                await self._wake.wait()
                continue
            await self._ready()
            self._round = self._queue.cut()
            if self._round:
                await self._settle(self._round)
            self._round = Round()

    async def _settle(self, cut: Round) -> None:
        """Bring one round to its end: written and told, or not written and back in the queue."""
        try:
            await self._commit(cut)
        except _AnswerLostError:
            self._count("unknown")
            await self._decide(cut)
        except _NotWrittenError as error:
            self._count("failed")
            log.get().warning("commit_failed", code=error.sqlstate, records=len(cut))
            if error.sqlstate == _DEAD:
                self.incarnation_lost.set()
                fail(cut, "this incarnation is dead")
            elif not error.sqlstate.startswith(_ROW_AT_FAULT):
                self._queue.put_back(cut)
                await trio.sleep(RETRY_S if error.sqlstate in _COLLISIONS else RETRY_LATER_S)
            elif len(cut) == 1:
                fail(cut, f"refused by the database ({error.sqlstate})")
            else:
                for single in cut.singly():
                    await self._ready()
                    await self._settle(single)

    async def _commit(self, cut: Round) -> None:
        connection = self._connection
        assert connection is not None, "ready() comes first"
        began = trio.current_time()
        try:
            cursor = await connection.execute(
                _ROUND,
                (
                    Int8(self._incarnation),
                    Int8(self._sequence),
                    self._head,
                    text_array([waiting.document for waiting in cut.outcomes]),
                    bytea_array(cut.taken),
                    text_array([waiting.document for waiting in cut.intents]),
                    bytea_array(cut.locks()),
                ),
                prepare=True,
                binary=True,
            )
            row = await cursor.fetchone()
        except psycopg.Error as error:
            if connection.closed or error.sqlstate is None or error.sqlstate.startswith("57P"):
                raise _AnswerLostError from None
            raise _NotWrittenError(error.sqlstate) from None
        assert row is not None, "a function gives one row"
        day: date = row[0]
        self._sequence, self._head = row[1], row[2]
        if self._metrics is not None:
            self._metrics.journal_commit_duration.observe(trio.current_time() - began)
            self._metrics.journal_records_per_commit.observe(len(cut))
            self._metrics.journal_sequence.set(self._sequence)
        self._count("done")
        finish(self._queue, cut, day, decode(row[3]) if row[3] else ())

    async def _decide(self, cut: Round) -> None:
        """Find out whether a round whose answer was lost was written (PROMISES: commit unknown)."""
        written_before = self._sequence
        while True:
            self._drop()
            await self._ready()
            connection = self._connection
            assert connection is not None, "ready() made one"
            if self._sequence == written_before:
                # The old session is gone and left nothing: it never will.
                self._queue.put_back(cut)
                return
            try:
                cursor = await connection.execute(_FOUND, (self._incarnation, written_before))
                rows = await cursor.fetchall()
            except psycopg.Error:
                continue
            break
        found: dict[tuple[str, bytes], tuple[str, date]] = {}
        for kind, transaction, day in rows:
            part = "outcome" if kind.startswith("outcome") else "intent"
            found[(part, transaction)] = (kind, day)
        finish_found(self._queue, cut, found)

    async def _ready(self) -> None:
        """Have a session that is safe and whose predecessor is gone; know where the chain ends."""
        if self._connection is not None:
            if trio.current_time() - self._checked_at < CHECK_SETTINGS_S:
                return
            if await self._still_safe(self._connection):
                return
            self._drop()
        pause = RECONNECT_S
        while True:
            try:
                await self._open()
            except (StoreUnavailableError, psycopg.Error) as error:
                log.get().warning("database_away", error=type(error).__name__)
            except (UnsafeSettingsError, SchemaError) as error:
                log.get().error("database_unfit", error=type(error).__name__, reason=str(error))
            else:
                return
            self._drop()
            jitter = self._effects.random_bytes(1)[0] / 256
            await trio.sleep(pause * (0.5 + jitter))
            pause = min(pause * 2, RECONNECT_S_MAX)

    async def _still_safe(self, connection: TrioConnection) -> bool:
        try:
            await check_durable(connection)
        except UnsafeSettingsError as error:
            log.get().error("database_unfit", error=type(error).__name__, reason=str(error))
            return False
        except psycopg.Error:
            return False
        self._checked_at = trio.current_time()
        return True

    async def _open(self) -> None:
        connection = self._connection = await self._connect(self._url)
        connection.adapters.register_dumper(TextArray, TextArrayDumper)
        connection.adapters.register_dumper(ByteaArray, ByteaArrayDumper)
        await check(connection)
        # One plan for any size of round, made once: the tables may have been empty then.
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute("set enable_seqscan = off")
        await connection.execute("set jit = off")
        if self._session is not None:
            while await _still_there(connection, self._session):  # noqa: ASYNC110  # nobody tells
                await trio.sleep(OLD_SESSION_POLL_S)
            await connection.execute(_FENCE)
        row = await (await connection.execute(_SESSION)).fetchone()
        assert row is not None, "a session sees itself"
        end = await (await connection.execute(_HEAD, (self._incarnation,))).fetchone()
        self._session = (row[0], row[1])
        if end is not None:
            self._sequence, self._head = end
        self._checked_at = trio.current_time()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.end()
            self._connection = None

    async def _sweep(self) -> None:
        """End waits at their deadlines, whatever the writer is waiting for."""
        while True:
            await trio.sleep(SWEEP_S)
            refused, self._refused = self._refused, []
            for tell in refused:
                tell()
            now = trio.current_time()
            if now < self._earliest:
                continue
            self._queue.expire(now)
            expire_round(self._round, now)
            self._earliest = min(self._queue.earliest(), self._round.earliest())

    def _count(self, result: str) -> None:
        if self._metrics is not None:
            self._metrics.journal_commits.labels(result=result).inc()


async def _still_there(connection: TrioConnection, session: tuple[int, str]) -> bool:
    """Tell an old session to end; say whether it is still there."""
    return await (await connection.execute(_END_SESSION, session)).fetchone() is not None
