"""What stands between a simulated worker and its parts: the watched journal, a terminal's end.

A shell. `WatchedJournal` lets the witness hear what the real journal tells; `TerminalEnd` is a
terminal's connection in the place of switch/terminals.py. A worker's lives are workers.py.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import trio

from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import Framing, get_framing
from pointsman.sim.world.network import End
from pointsman.sim.world.witness import Witness
from pointsman.store.journal import PostgresJournal
from pointsman.store.records import Concluded, Intent, IntentResult, Outcome, OutcomeResult

TERMINALS, INTERNATIONAL = "terminals", "tpdu"
DOORS: Final = {TERMINALS: "tpdu-header", INTERNATIONAL: "tpdu"}
"""The listeners of terminals and their framings."""


class WatchedJournal:
    """The real journal (verbs.Journal); what it tells is told to the witness as well."""

    def __init__(self, journal: PostgresJournal, witness: Witness) -> None:
        self._journal = journal
        self._witness = witness

    def intend(self, intent: Intent, deadline: float, done: Callable[[IntentResult], None]) -> None:
        """Commit 1."""
        name = "\\x" + intent.transaction.id.hex()

        def told(result: IntentResult) -> None:
            self._witness.intended(name, type(result).__name__)
            done(result)

        self._journal.intend(intent, deadline, told)

    def conclude(
        self, outcome: Outcome, deadline: float, done: Callable[[OutcomeResult], None]
    ) -> None:
        """Commit 2."""

        def told(result: OutcomeResult) -> None:
            if isinstance(result, Concluded):
                self._witness.concluded("\\x" + outcome.id.hex(), outcome.state.value)
            done(result)

        self._journal.conclude(outcome, deadline, told)

    def taken(self, id: bytes) -> None:  # noqa: A002
        """Note a delivery."""
        self._journal.taken(id)


class TerminalEnd:
    """A terminal's connection at its worker (switch/ports.Asker), in the place of terminals.py."""

    def __init__(self, end: End, in_flight_max: int, door: str = TERMINALS) -> None:
        self._end = end
        self._door = door
        self._max = in_flight_max
        self._in_flight = 0
        self._framing = get_framing(DOORS[door])
        self._queue: deque[bytes] = deque()
        self._room = trio.Event()
        self._full = trio.Event()

    @property
    def listener(self) -> str:
        """The listener's name."""
        return self._door

    @property
    def framing(self) -> Framing:
        """How frames are cut."""
        return self._framing

    def put(self, frame: bytes, taken: Callable[[bool], None] | None = None) -> None:
        """Send an answer; say whether a byte of it went."""
        self.drop()
        sent = 0
        try:
            sent = self._end.send_some(frame)
            while 0 < sent < len(frame) and not self._queue:
                more = self._end.send_some(frame[sent:])
                if not more:
                    self._queue.append(frame[sent:])
                    self._full.set()
                    break
                sent += more
        except OSError:
            pass
        if taken is not None and self._end.owner.alive:
            taken(sent > 0)

    def drop(self) -> None:
        """Give up one frame without an answer."""
        self._in_flight -= 1
        self._room.set()

    async def run(self, on_frame: Callable[["TerminalEnd", bytes], None]) -> None:
        """Read frames until the peer is gone."""
        reader = self._framing.reader()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._rest)
            try:
                while data := await self._end.receive():
                    for frame in reader.feed(data):
                        while self._in_flight >= self._max:
                            self._room = trio.Event()
                            await self._room.wait()
                        self._in_flight += 1
                        on_frame(self, frame)
            except (OSError, FrameError):
                pass
            nursery.cancel_scope.cancel()
        self._end.close()

    async def _rest(self) -> None:
        """Send what a full connection did not take."""
        while True:
            await self._full.wait()
            await self._end.wait_writable()
            try:
                while self._queue:
                    sent = self._end.send_some(self._queue[0])
                    if sent < len(self._queue[0]):
                        self._queue[0] = self._queue[0][sent:]
                        break
                    self._queue.popleft()
            except OSError:
                self._queue.clear()
            if not self._queue:
                self._full = trio.Event()
