"""Whether an acquirer session should be given requests, judged by its time-outs.

Open after five time-outs in a row; an answered echo makes it half-open: one request goes on trial,
and its answer closes the breaker (switch-rules 7). Connection and sign-on are session.py.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

TIME_OUTS_MAX: Final = 5


class Position(Enum):
    """Closed lets everything through, half-open one request, open none."""

    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


@dataclass(slots=True)
class Breaker:
    """The breaker of one session; owned by its link."""

    position: Position = Position.CLOSED
    _in_a_row: int = 0
    _on_trial: bool = False

    @property
    def allows(self) -> bool:
        """Tell whether a request may be sent now."""
        match self.position:
            case Position.CLOSED:
                return True
            case Position.HALF_OPEN:
                return not self._on_trial
            case Position.OPEN:
                return False

    def admit(self) -> bool:
        """Note that a request is being sent; return whether it is the one on trial."""
        if self.position is Position.HALF_OPEN:
            self._on_trial = True
            return True
        return False

    def timed_out(self, *, trial: bool) -> bool:
        """Note an unanswered message; return whether this opened the breaker."""
        self._in_a_row += 1
        opens = trial or (self.position is Position.CLOSED and self._in_a_row >= TIME_OUTS_MAX)
        if trial:
            self._on_trial = False
        if opens:
            self.position = Position.OPEN
        return opens

    def answered(self, *, trial: bool) -> None:
        """Note an answer in time: on trial it closes the breaker, else it is a sign of life."""
        self._in_a_row = 0
        if trial:
            self._on_trial = False
            self.position = Position.CLOSED
        elif self.position is Position.OPEN:
            self.position = Position.HALF_OPEN

    def unsent(self, *, trial: bool) -> None:
        """Note that the trial never left, or went down with its connection."""
        if trial:
            self._on_trial = False

    def echoed(self) -> None:
        """Note an answered echo or sign-on."""
        if self.position is Position.OPEN:
            self.position = Position.HALF_OPEN
            self._in_a_row = 0
