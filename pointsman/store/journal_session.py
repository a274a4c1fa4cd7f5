"""One writer's session with PostgreSQL: safe, alone, and sure where the writer's chain ends.

A commit whose answer was lost is decided by the next session: it ends the old one, waits until it
is gone, and reads the events that follow. What is written and who waits for it is in journal.py.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

import psycopg
import trio

from pointsman import log
from pointsman.effects import Effects
from pointsman.store.arrays import bytea_array, row_array, text_array
from pointsman.store.connection import TrioConnection, UnsafeSettingsError, check_durable
from pointsman.store.migrate import SchemaError, check
from pointsman.store.round_rows import intent_row, outcome_row
from pointsman.store.rounds import Round, end_of
from pointsman.store.verbs import StoreUnavailableError

RECONNECT_S = 0.05
RECONNECT_S_MAX = 1.0
CHECK_SETTINGS_S = 30.0
"""How often a living session is asked whether the server's settings are still safe."""

OLD_SESSION_POLL_S = 0.02

Connect = Callable[[str], Awaitable[TrioConnection]]
Found = dict[tuple[str, bytes], tuple[str, date]]
"""("intent" or "outcome", id) to (kind of its event, business date)."""

_ROUND = b"""
select o_date, o_sequence, o_head, o_other
from journal_round($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_LONG = Struct("!q")
_DAYS = Struct("!i")
_FIRST_DAY = date(2000, 1, 1)  # date_send
_TYPES = "select 'round_outcome'::regtype::oid::integer, 'intent_row'::regtype::oid::integer"
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


class AnswerLostError(Exception):
    """The round may or may not be written."""


class NotWrittenError(Exception):
    """The round is certainly not written; `sqlstate` says why."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class Written(NamedTuple):
    """What a round's commit told: its business date, and its exceptions as JSON text or None."""

    day: date
    others: str | None


class JournalSession:
    """The session of one incarnation's journal; `ready` comes before each `commit`."""

    def __init__(self, url: str, incarnation: int, *, effects: Effects, connect: Connect) -> None:
        self._url = url
        self._incarnation = incarnation
        self._effects = effects
        self._connect = connect
        self._connection: TrioConnection | None = None
        self._session: tuple[int, str] | None = None  # of the last one that may have written
        self._head = sha256(str(incarnation).encode()).digest()
        self._checked_at = 0.0
        self._types = (0, 0)  # of rows of outcomes and intents, in this database
        self.sequence = 0
        """Number of the last event of this writer that is known to be durable."""

    async def ready(self) -> None:
        """Have a session that is safe and whose predecessor is gone; know where the chain ends."""
        if self._connection is not None:
            if trio.current_time() - self._checked_at < CHECK_SETTINGS_S:
                return
            if await self._still_safe(self._connection):
                return
            self.end()
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
            self.end()
            jitter = self._effects.random_bytes(1)[0] / 256
            await trio.sleep(pause * (0.5 + jitter))
            pause = min(pause * 2, RECONNECT_S_MAX)

    async def commit(self, cut: Round) -> Written:
        """Write one round; raises `AnswerLostError` or `NotWrittenError`."""
        connection = self._connection
        assert connection is not None, "ready() comes first"
        events = cut.events()
        outcomes = [outcome_row(n, waiting.outcome) for n, waiting in enumerate(cut.outcomes, 1)]
        intents = [intent_row(n, waiting.intent) for n, waiting in enumerate(cut.intents, 1)]
        try:
            day, sequence, head, others = await connection.call(
                _ROUND,
                (
                    _LONG.pack(self._incarnation),
                    _LONG.pack(self.sequence),
                    self._head,
                    row_array(self._types[0], outcomes),
                    bytea_array(cut.taken),
                    row_array(self._types[1], intents),
                    bytea_array(cut.locks()),
                    text_array([event.kind for event in events]),
                    bytea_array([event.about for event in events]),
                    text_array([event.body for event in events]),
                    end_of(self._head, events),
                ),
            )
        except psycopg.Error as error:
            if connection.closed or error.sqlstate is None or error.sqlstate.startswith("57P"):
                raise AnswerLostError from None
            raise NotWrittenError(error.sqlstate) from None
        if day is None or sequence is None or head is None:
            raise AssertionError("a round always tells where its chain ends")
        (self.sequence,), self._head = _LONG.unpack(sequence), head
        written_on = _FIRST_DAY + timedelta(days=_DAYS.unpack(day)[0])
        return Written(written_on, None if others is None else others.decode())

    async def found_after(self, sequence: int) -> Found | None:
        """Decide what became of commits after `sequence` whose answer was lost.

        The old session is ended first: a plain read is not enough, since it may still commit
        (docs/journal.md). None where nothing was written, and never will be.
        """
        while True:
            self.end()
            await self.ready()
            connection = self._connection
            assert connection is not None, "ready() made one"
            if self.sequence == sequence:
                return None
            try:
                cursor = await connection.execute(_FOUND, (self._incarnation, sequence))
                rows = await cursor.fetchall()
            except psycopg.Error:
                continue
            return {
                ("outcome" if kind.startswith("outcome") else "intent", transaction): (kind, day)
                for kind, transaction, day in rows
            }

    def end(self) -> None:
        """Close the connection at once, if there is one."""
        if self._connection is not None:
            self._connection.end()
            self._connection = None

    async def _open(self) -> None:
        connection = self._connection = await self._connect(self._url)
        await check(connection)
        # One plan for any size of round, made once: the tables may have been empty then.
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute("set enable_seqscan = off")
        await connection.execute("set jit = off")
        types = await (await connection.execute(_TYPES)).fetchone()
        assert types is not None, "check() has seen the tables"
        self._types = types
        if self._session is not None:
            while await _still_there(connection, self._session):  # noqa: ASYNC110  # nobody tells
                await trio.sleep(OLD_SESSION_POLL_S)
            await connection.execute(_FENCE)
        row = await (await connection.execute(_SESSION)).fetchone()
        assert row is not None, "a session sees itself"
        end = await (await connection.execute(_HEAD, (self._incarnation,))).fetchone()
        self._session = (row[0], row[1])
        if end is not None:
            self.sequence, self._head = end
        self._checked_at = trio.current_time()

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


async def _still_there(connection: TrioConnection, session: tuple[int, str]) -> bool:
    """Tell an old session to end; say whether it is still there."""
    return await (await connection.execute(_END_SESSION, session)).fetchone() is not None
