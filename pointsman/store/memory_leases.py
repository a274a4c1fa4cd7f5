"""Leases of sessions on the tables in memory: what schema/0011_leases.sql does.

A core. Each function is one transaction; whoever takes a session recovers the rows of who had it
(memory_owed.py). `MemoryLeases` is the part of `MemoryRecords` that has a lease, and writes under
it; how a call may fail comes in as `Call`. The tables are memory.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from pointsman.store.leases import QUIET_S, Fence, LeaseLostError, Seen, session_name, session_of
from pointsman.store.memory import LeaseRow, MemoryDatabase
from pointsman.store.memory_owed import recover
from pointsman.store.records import OwedState

T = TypeVar("T")
_WAITING = (OwedState.WAITING, OwedState.DUE, OwedState.SENT)


def is_held(db: MemoryDatabase, fence: Fence) -> bool:
    """Tell whether this number still holds."""
    row = db.leases.get(fence.name)
    return row is not None and row.number == fence.number


def beat(db: MemoryDatabase, fence: Fence) -> Sequence[Seen]:
    """Raise the beat of what is held; return every lease."""
    if is_held(db, fence):
        db.leases[fence.name].beat += 1
    return [_seen(db, name, row) for name, row in db.leases.items()]


def take_session(
    db: MemoryDatabase, session: int, number: int, beat_seen: int, holder: int
) -> int | None:
    """Take one's own session as it was seen; return its number."""
    was_living = _take(db, session, number, beat_seen, holder)
    if was_living is None:
        return None
    if was_living:
        _quieten(db, session)
    return db.leases[session_name(session)].number


def adopt_session(
    db: MemoryDatabase, session: int, number: int, beat_seen: int, into: int
) -> int | None:
    """Make another's session nobody's, and what it owes that of `into`; return how many."""
    was_living = _take(db, session, number, beat_seen, 0)
    if was_living is None:
        return None
    if was_living:
        _quieten(db, session)
    adopted = [
        owed
        for owed in db.owed.values()
        if owed.session == session and owed.state in (*_WAITING, OwedState.PARKED)
    ]
    for owed in adopted:
        owed.session = into
    return len(adopted)


def _take(
    db: MemoryDatabase, session: int, number: int, beat_seen: int, holder: int
) -> bool | None:
    """Take a lease; return whether its holder was alive by our books, None where it moved."""
    row = db.leases.setdefault(session_name(session), LeaseRow())
    if (row.number, row.beat) != (number, beat_seen):
        return None
    before = db.incarnations.get(row.holder)
    was_living = before is not None and row.holder != holder and before.state != "recovered"
    if was_living:
        recover(db, [row.holder])
    row.number, row.holder, row.beat = row.number + 1, holder, 0
    return was_living


def _quieten(db: MemoryDatabase, session: int) -> None:
    """Let what a session owes wait: its holder may still be writing."""
    for owed in db.owed.values():
        if owed.session == session and owed.state in _WAITING:
            owed.due_at = max(owed.due_at, db.clock() + QUIET_S)


def _seen(db: MemoryDatabase, name: str, row: LeaseRow) -> Seen:
    holder = db.incarnations.get(row.holder)
    is_living = holder is None or holder.state == "alive"
    session = session_of(name)
    waits = row.holder == 0 and any(
        owed.session == session and owed.state in (*_WAITING, OwedState.PARKED)
        for owed in db.owed_open.values()
    )
    return Seen(name, row.number, row.beat, row.holder, is_living, waits)


class Call(Protocol):
    """Carries out one transaction; raises `StoreUnavailableError` where nothing is promised."""

    def __call__(self, verb: str, work: Callable[[], T], /) -> Awaitable[T]: ...  # noqa: D102


class MemoryLeases:
    """The lease of one worker's session; what is written under it names it."""

    def __init__(self, db: MemoryDatabase, call: Call) -> None:
        self._db = db
        self._call = call
        self._incarnation = 0
        self._session = -1
        self._fence = Fence("", 0)  # of no lease: refused

    async def beat(self) -> Sequence[Seen]:
        """See leases.SessionLeases."""
        return await self._call("beat", lambda: beat(self._db, self._fence))

    async def take_session(self, session: int, number: int, beat: int) -> bool:
        """See leases.SessionLeases."""
        mine = self._incarnation
        found = await self._call(
            "take_session", lambda: take_session(self._db, session, number, beat, mine)
        )
        if found is None:
            return False
        self._session, self._fence = session, Fence(session_name(session), found)
        return True

    async def adopt_session(self, session: int, number: int, beat: int) -> int | None:
        """See leases.SessionLeases."""
        into = self._session
        return await self._under_lease(
            "adopt_session", lambda: adopt_session(self._db, session, number, beat, into)
        )

    async def _under_lease(self, verb: str, work: Callable[[], T]) -> T:
        """Carry out a transaction that names our lease; raises `LeaseLostError`."""
        fence = self._fence

        def fenced() -> tuple[T] | None:
            return (work(),) if is_held(self._db, fence) else None

        done = await self._call(verb, fenced)
        if done is None:
            raise LeaseLostError(fence.name)
        return done[0]
