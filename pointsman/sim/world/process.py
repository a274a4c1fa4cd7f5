"""A simulated process: it lives until it is killed, and from then on nothing of it has an effect.

Cancelling is not kill -9: what stands in a `finally` still runs. So every seam asks whether its
process lives, and does nothing for a dead one. Each passage of a seam is counted, so that a crash
can be set before or after any of them. What dies with a process is world.py's business.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import trio

from pointsman.store.leases import BEAT_S, HOLD_S

Killer = Callable[["Process", str], None]


@dataclass(slots=True)
class SeamCount:
    """Counts passages of seams, and knows at which ones the process is to die."""

    crash_before: frozenset[int] = frozenset()
    crash_after: frozenset[int] = frozenset()
    counting: bool = False
    passed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Process:
    """One life of one process; `kill` is the world's way to end it."""

    name: str
    kill: Killer
    seams: SeamCount = field(default_factory=SeamCount)
    alive: bool = True
    cut_off_at: float = 0.0  # from the database, by Trio's clock
    cut_off_until: float = 0.0
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)

    def cut_off(self, seconds: float) -> None:
        """Keep the database from this process for so long; the others have it."""
        now = trio.current_time()
        if now > self.cut_off_until + 2 * BEAT_S:  # else it has not come back from the last time
            self.cut_off_at = now
        self.cut_off_until = max(self.cut_off_until, now + seconds)

    @property
    def lives_on(self) -> bool:
        """Tell whether it lives, and nobody may have found its lease to stand still."""
        now = trio.current_time()
        lapsed = self.cut_off_at + HOLD_S <= now <= self.cut_off_until + 2 * BEAT_S
        return self.alive and not lapsed

    async def reaches_database(self) -> None:
        """Wait until it is not cut off from the database."""
        if trio.current_time() < self.cut_off_until:
            await trio.sleep_until(self.cut_off_until)

    def enters(self, seam: str) -> int:
        """Pass a seam: 0 where the process is dead, from this very moment perhaps."""
        if not self.alive:
            return 0
        if not self.seams.counting:
            return 1
        self.seams.passed.append(seam)
        number = len(self.seams.passed)
        if number in self.seams.crash_before:
            self.kill(self, f"before {seam}")
            return 0
        return number

    def left(self, number: int, seam: str) -> None:
        """Leave a seam whose work is done."""
        if self.alive and self.seams.counting and number in self.seams.crash_after:
            self.kill(self, f"after {seam}")

    async def gone(self) -> None:
        """Wait for the end: what a dead process does for ever."""
        await trio.sleep_forever()


def spared(_process: Process, _why: str) -> None:
    """Kill nothing: acquirers fail by their moods, terminals by their power cuts."""
