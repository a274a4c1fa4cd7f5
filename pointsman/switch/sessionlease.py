"""A worker's lease: its session with the acquirers, and those that others left behind.

A shell: it beats, looks, takes and adopts. When a lease may be taken says store/leases.py; what is
written under it names it (store/verbs.py). The sender of what is owed asks here how long it may
send (owed.py).
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import trio

from pointsman import log
from pointsman.store.leases import (
    BEAT_S,
    HOLD_S,
    QUIET_S,
    LeaseLostError,
    Seen,
    SessionLeases,
    Sightings,
    session_name,
    session_of,
)
from pointsman.store.verbs import StoreUnavailableError


class Holding(Protocol):
    """How long a holder may send, by Trio's clock."""

    @property
    def until(self) -> float:
        """When sending ends, unless the lease is renewed before."""
        ...

    @property
    def quiet_until(self) -> float:
        """Until when nothing is sent: what was taken may still be written by whom it was."""
        ...


class SessionLease:
    """Keeps one worker's session; `run` starts when it is held. `kick`: something was adopted."""

    def __init__(
        self,
        session: int,
        incarnation: int,
        leases: SessionLeases,
        *,
        kick: Callable[[], None] = lambda: None,
    ) -> None:
        self.until = 0.0
        self.quiet_until = 0.0
        self.lost = trio.Event()
        self._session = session
        self._incarnation = incarnation
        self._leases = leases
        self._kick = kick
        self._name = session_name(session)
        self._number = 0
        self._sightings = Sightings()
        self._waits = False

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Take the session, then keep it until cancelled or `lost`."""
        started = False
        while not self.lost.is_set():
            try:
                await self._turn()
            except StoreUnavailableError:
                log.get().warning("lease_not_renewed", name=self._name)
            except LeaseLostError:
                self._lose()
            if self._number and not started:
                started = True
                task_status.started()
            await trio.sleep(BEAT_S)

    async def _turn(self) -> None:
        asked_at = trio.current_time()
        leases = await self._leases.beat()
        now = trio.current_time()
        self._sightings.look(leases, now)
        mine = [one for one in leases if one.name == self._name]
        if not self._number:
            await self._take(mine[0] if mine else None, now)
            return
        if not mine or mine[0].number != self._number:
            self._lose()
            return
        self.until = asked_at + HOLD_S
        await self._adopt(leases, now)

    async def _take(self, seen: Seen | None, now: float) -> None:
        number, beat = (0, 0) if seen is None else (seen.number, seen.beat)
        is_mine = seen is not None and seen.holder == self._incarnation  # an answer was lost
        was_living = seen is not None and not seen.is_free and not is_mine
        if seen is not None and was_living and not self._sightings.has_lapsed(seen, now):
            if not self._waits:
                log.get().warning("lease_awaited", name=self._name, incarnation=seen.holder)
            self._waits = True
            return
        asked_at = trio.current_time()
        if await self._leases.take_session(self._session, number, beat):
            self._number = number + 1
            self.until = asked_at + HOLD_S
            if was_living:
                self.quiet_until = trio.current_time() + QUIET_S
            log.get().info("lease_taken", name=self._name, incarnation=self._incarnation)

    async def _adopt(self, leases: Sequence[Seen], now: float) -> None:
        """Take over what others left: a session that stands still, or one that is nobody's."""
        for seen in leases:
            left = seen.holder != 0 or seen.is_waited_for
            if seen.name == self._name or not left or not self._sightings.has_lapsed(seen, now):
                continue
            count = await self._leases.adopt_session(session_of(seen.name), seen.number, seen.beat)
            if count is not None:
                if seen.holder and seen.is_living:
                    self.quiet_until = trio.current_time() + QUIET_S
                log.get().warning("session_adopted", name=seen.name, count=count)
                self._kick()

    def _lose(self) -> None:
        self.until = 0.0
        log.get().error("lease_lost", name=self._name)
        self.lost.set()
