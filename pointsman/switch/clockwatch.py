"""What time ends a business day: the wall clock as long as it runs beside the monotonic one.

A core: both clocks come in as numbers. A wall clock that jumped is not believed, however long it
stays where it went: time goes on by the monotonic clock from the last look at which they agreed.
One that jumps within its first minute was perhaps wrong before: the minute begins anew. A clock
that was set on purpose is taken over when the clerk starts again. Who asks is clerk.py.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

STEADY_S: Final = 60.0
JUMP_S: Final = 5.0  # more than any slewing does between two looks
LATE_MAX: Final = timedelta(days=7)
"""A day that ended longer ago is left to a person: the clock is wrong, or we were away for long."""


@dataclass(slots=True)
class ClockWatch:
    """Compares two clocks at every look; owned by one asker. Times in seconds.

    `offset_s` is how far the wall clock stands from the time that is believed: mostly 0.
    """

    steady_s: float = STEADY_S
    offset_s: float = 0.0
    _ahead: float = 0.0  # of the wall clock before the monotonic one, when they last agreed
    _monotonic: float = 0.0
    _watched_since: float | None = None

    def look(self, wall: float, monotonic: float) -> float:
        """Take the time of both clocks; return how far the wall clock jumped since, mostly 0."""
        if self._watched_since is None:
            self._watched_since, self._ahead = monotonic, wall - monotonic
        known = self.is_steady
        self._monotonic = monotonic
        before, self.offset_s = self.offset_s, (wall - monotonic) - self._ahead
        jumped = self.offset_s - before
        if abs(self.offset_s) <= JUMP_S:
            self._ahead, self.offset_s = wall - monotonic, 0.0  # slewed, or back where it was
        elif not known:
            self._watched_since = monotonic
            self._ahead, self.offset_s = wall - monotonic, 0.0
        return jumped if abs(jumped) > JUMP_S else 0.0

    @property
    def is_steady(self) -> bool:
        """Whether the clocks were watched for long enough, as of the last look."""
        since = self._watched_since
        return since is not None and self._monotonic - since >= self.steady_s

    @property
    def believed(self) -> float:
        """The time of the last look, as the wall clock would tell it had it not jumped."""
        return self._monotonic + self._ahead
