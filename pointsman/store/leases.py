"""Leases: what is seen of one, the number that commits under it name, how long it stood still.

Values and a core; clocks come in as numbers. What a lease is for, and why these times, stands in
docs/decisions/0017. The table is schema/0011_leases.sql; leases_sql.py asks it, and a worker's
keeper is switch/sessionlease.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

BEAT_S: Final = 2.0
HOLD_S: Final = 8.0
"""Whoever has not renewed for so long by its own clock, from the asking on, stops sending."""
LAPSE_S: Final = 10.0
"""A lease that stood still for so long by the taker's own clock may be taken."""
GAP_S: Final = 5.0
"""Looks further apart are no watching: the looker slept, or the database did."""
QUIET_S: Final = 10.0
"""After a taking from somebody who may live on: twice the time from a commit to its first byte."""

END_OF_DAY: Final = "end of day"


class LeaseLostError(Exception):
    """Another holds this lease now: nothing was written."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the lease {name!r} is another's now")


@dataclass(frozen=True, slots=True)
class Fence:
    """What a commit under a lease names."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A lease as it stood when it was looked at.

    `holder` is an incarnation, -1 somebody that is none, 0 nobody; `is_living` whether the holder
    is not known to be dead; `is_waited_for` whether something is owed on a session of nobody's.
    """

    name: str
    number: int
    beat: int
    holder: int
    is_living: bool
    is_waited_for: bool = False

    @property
    def is_free(self) -> bool:
        """Whether it may be taken at once by whom it is meant for."""
        return self.holder == 0 or not self.is_living


NEVER_TAKEN: Final = (0, 0)  # number and beat of a lease that has no row yet


def session_name(session: int) -> str:
    """Return the name of a session's lease; a session is the same number at every acquirer."""
    return f"session {session}"


def session_of(name: str) -> int:
    """Return the session of such a name."""
    return int(name.removeprefix("session "))


@dataclass(slots=True)
class Sightings:
    """How long each lease has stood still, by the clock of the one who looks (seconds)."""

    _looked_at: float | None = None
    _since: dict[str, tuple[int, int, float]] = field(default_factory=dict)

    def look(self, leases: Iterable[Seen], now: float) -> None:
        """Take what was just read; after a gap everything is seen for the first time."""
        if self._looked_at is not None and now - self._looked_at > GAP_S:
            self._since.clear()
        self._looked_at = now
        self._since = {lease.name: self._sighting(lease, now) for lease in leases}

    def has_lapsed(self, lease: Seen, now: float) -> bool:
        """Tell whether it has not moved for long enough; `now` as at the last look."""
        number, beat, since = self._since.get(lease.name, (0, 0, now))
        return (number, beat) == (lease.number, lease.beat) and now - since >= LAPSE_S

    def _sighting(self, lease: Seen, now: float) -> tuple[int, int, float]:
        before = self._since.get(lease.name)
        if before is not None and before[:2] == (lease.number, lease.beat):
            return before
        return lease.number, lease.beat, now


class SessionLeases(Protocol):
    """The lease of this worker's session, which its commits about what is owed name.

    All methods raise `StoreUnavailableError` when the database is away.
    """

    async def beat(self) -> Sequence[Seen]:
        """Raise the beat of the session that is held, if one is; return all sessions' leases."""

    async def take_session(self, session: int, number: int, beat: int) -> bool:
        """Take this session as it was seen; False where it moved. Its holder is dead from then on.

        From now on the verbs about what is owed name this lease, and raise `LeaseLostError` once
        another has taken it.
        """

    async def adopt_session(self, session: int, number: int, beat: int) -> int | None:
        """Make another's session nobody's and what it owes ours; None where it moved.

        Returns how many messages. Its holder is dead from then on. Raises `LeaseLostError` where
        our own session is not ours any more.
        """
