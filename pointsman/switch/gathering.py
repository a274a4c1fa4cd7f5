"""When a busy worker looks at its sockets again: at common moments, for all that came meanwhile.

A worker that reads each frame as it comes finds batches of one: trips to the HSM, commits and
wake-ups of four processes for each sale. Whoever reads rests here first, then takes what there is;
with little to do nobody rests, so a lone sale waits for nothing. Those who read are terminals.py
and wire.py; why this is so: docs/decisions/0028-busy-workers-gather.md.
"""

import trio

GATHER_S = 0.008
"""Between two looks while busy: longer than two trips to the HSM and a commit of all that came."""

BUSY_FRAMES = 15
"""Frames of terminals in one window from which on a worker counts as busy (300 a second)."""

WINDOW_S = 0.05


class Gathering:
    """Counts a worker's frames and says when to read on; `offset_s` moves its common moments.

    Moments are where Trio's clock plus `offset_s` is a whole number of `GATHER_S`.
    """

    def __init__(self, offset_s: float = 0.0) -> None:
        self._offset_s = offset_s
        self._busy = False
        self._count = 0
        self._window_ends = 0.0
        self._sleeps = False  # one of those who rest
        self._others = trio.lowlevel.ParkingLot()

    def note(self, count: int) -> None:
        """Count frames of terminals that were read now."""
        now = trio.current_time()
        if now >= self._window_ends:
            # Where the next window follows too late, this one tells nothing about now.
            follows = now < self._window_ends + WINDOW_S
            self._busy = follows and self._count >= BUSY_FRAMES
            self._count = 0
            self._window_ends = now + WINDOW_S
        self._count += count

    def rest_s(self, now: float) -> float:
        """Return how long to wait before the next read; 0 while there is little to do."""
        if not self._busy or now >= self._window_ends + WINDOW_S:
            return 0.0  # also where no terminal has sent anything for a window
        return GATHER_S - (now + self._offset_s) % GATHER_S

    async def rest(self) -> bool:
        """Wait until the next common moment; False, at once, while there is little to do.

        The first who rests sleeps for all: a timer costs more than a read.
        """
        rest_s = self.rest_s(trio.current_time())
        if not rest_s:
            return False
        if self._sleeps:
            await self._others.park()
            return True
        self._sleeps = True
        try:
            await trio.sleep(rest_s)
        finally:
            self._sleeps = False
            self._others.unpark_all()
        await trio.lowlevel.checkpoint()  # so that all go on in one turn of the loop
        return True
