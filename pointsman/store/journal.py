"""The journal's one writer: takes what waits to PostgreSQL in group commits, one after another.

A commit whose answer was lost is decided before the next one begins. What waits is in waiting.py,
what a round is in rounds.py, the session with PostgreSQL in journal_session.py; rare reads and
writes are in records_sql.py.
"""

import math
from collections.abc import Callable

import trio

from pointsman import log
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.store.connection import connect
from pointsman.store.journal_session import (
    AnswerLostError,
    Connect,
    JournalSession,
    NotWrittenError,
)
from pointsman.store.records import Intent, IntentResult, NotDurable, Outcome, OutcomeResult
from pointsman.store.results import finish, finish_found
from pointsman.store.rounds import Round, expire_intents, expire_round, fail
from pointsman.store.rows import decode
from pointsman.store.waiting import WAITING_MAX, Queue

SWEEP_S = 0.05
"""How late a wait may end after its deadline, and how long a note waits for a commit to ride in."""

RETRY_S = 0.02
"""Pause before a round that collided with another worker's is tried again."""

RETRY_LATER_S = 0.25
"""Pause before a round is tried again that the server could not write (disk full, read only)."""

_DEAD = "PM001"  # schema/0025_typed_rounds.sql
_COLLISIONS = ("40001", "40P01")
_ROW_AT_FAULT = ("22", "23", "42")  # classes of SQLSTATE that come of the values themselves


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
        connect: Connect = connect,
    ) -> None:
        self._metrics = metrics
        self._session = JournalSession(url, incarnation, effects=effects, connect=connect)
        self._queue = Queue()
        self._round = Round()  # under way
        self._refused: list[Callable[[], None]] = []
        self._earliest = math.inf
        self._wake = trio.Event()
        self._notes_due = False  # notes of delivery have waited long enough for other rows
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
        """Note that a connection took a byte of the answer; rides in the next group commit.

        It begins none: the next sale would wait for a commit that nobody waits for.
        """
        self._queue.add_taken(id)

    async def run(self) -> None:
        """Write until cancelled."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._sweep)
                await self._write()
                nursery.cancel_scope.cancel()
        finally:
            self._session.end()

    async def _write(self) -> None:
        while True:
            if self.incarnation_lost.is_set():
                self._queue.fail_all("this incarnation is dead")
            if not self._queue.is_awaited and not self._notes_due:
                self._wake = trio.Event()
                await self._wake.wait()
                continue
            self._notes_due = False
            await self._session.ready()
            self._round = self._queue.cut()
            if self._round:
                await self._settle(self._round)
            self._round = Round()

    async def _settle(self, cut: Round) -> None:
        """Bring one round to its end: written and told, or not written and back in the queue."""
        known = self._session.sequence
        try:
            await self._commit(cut)
        except AnswerLostError:
            self._count("unknown")
            found = await self._session.found_after(known)
            if found is None:
                self._queue.put_back(cut)
            else:
                expire_intents(cut, trio.current_time())
                finish_found(self._queue, cut, found)
        except NotWrittenError as error:
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
                    await self._session.ready()
                    await self._settle(single)

    async def _commit(self, cut: Round) -> None:
        began = trio.current_time()
        written = await self._session.commit(cut)
        if self._metrics is not None:
            self._metrics.journal_commit_duration.observe(trio.current_time() - began)
            self._metrics.journal_records_per_commit.observe(len(cut))
            self._metrics.journal_sequence.set(self._session.sequence)
        self._count("done")
        expire_intents(cut, trio.current_time())
        finish(self._queue, cut, written.day, decode(written.others) if written.others else ())

    async def _sweep(self) -> None:
        """End waits at their deadlines, whatever the writer is waiting for."""
        while True:
            await trio.sleep(SWEEP_S)
            refused, self._refused = self._refused, []
            for tell in refused:
                tell()
            if self._queue and not self._queue.is_awaited:
                self._notes_due = True
                self._wake.set()
            now = trio.current_time()
            if now < self._earliest:
                continue
            self._queue.expire(now)
            expire_round(self._round, now)
            self._earliest = min(self._queue.earliest(), self._round.earliest())

    def _count(self, result: str) -> None:
        if self._metrics is not None:
            self._metrics.journal_commits.labels(result=result).inc()
