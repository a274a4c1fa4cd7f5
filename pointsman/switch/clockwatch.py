"""Whether the wall clock can be believed: it must have run beside the monotonic clock for a while.

A core: both clocks come in as numbers. A wall clock that jumped may jump back, so what would be
hard to undo (the end of a business day) waits until it has been steady. Who asks is clerk.py.
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
    """Compares two clocks at every look; owned by one asker. Times in seconds."""

    steady_s: float = STEADY_S
    _wall: float = 0.0
    _monotonic: float = 0.0
    _steady_since: float | None = None

    def look(self, wall: float, monotonic: float) -> float:
        """Take the time of both clocks; return how far the wall clock jumped since, mostly 0."""
        if self._steady_since is None:
            jumped = 0.0
            self._steady_since = monotonic
        else:
            jumped = (wall - self._wall) - (monotonic - self._monotonic)
            if abs(jumped) <= JUMP_S:
                jumped = 0.0
            else:
                self._steady_since = monotonic
        self._wall, self._monotonic = wall, monotonic
        return jumped

    @property
    def is_steady(self) -> bool:
        """Whether the wall clock has not jumped for long enough, as of the last look."""
        since = self._steady_since
        return since is not None and self._monotonic - since >= self.steady_s
