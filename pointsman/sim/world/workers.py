"""One worker of the simulated house over all its lives: the real switchboard on simulated seams.

A shell, in the place of switch/worker.py: the same order of a start (recover, read the site,
accept) and the same parts; the process, its kills and its connections are simulated. Who kills is
world.py.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import trio
from prometheus_client import CollectorRegistry

from pointsman.codecs.errors import FrameError
from pointsman.codecs.framing import Framing, get_framing
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.metrics import Metrics
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.database import DatabasePort
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import End
from pointsman.sim.world.process import Killer, Process, SeamCount
from pointsman.sim.world.witness import Witness
from pointsman.store.journal import PostgresJournal
from pointsman.store.memory_records import Call, MemoryRecords
from pointsman.store.memory_server import MemoryServer
from pointsman.store.records import Concluded, Intent, IntentResult, Outcome, OutcomeResult
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.switchboard import Switchboard
from pointsman.switch.wire import Wire

T = TypeVar("T")
MACHINE = "house"
START_RETRY_S = 0.2
TERMINAL_FRAMING = "tpdu-header"
DialOut = Callable[[Process, int, str, int], Awaitable[Wire]]


@dataclass(slots=True)
class SimWorker:
    """One worker number; `process` is its present life."""

    number: int
    config: Config
    server: MemoryServer
    hsm: SimHsm
    draw: Random
    faults: Faults
    now: Callable[[], Any]  # datetime, as Effects wants it
    dial_out: DialOut
    kill: Killer
    seams: SeamCount
    witness: Witness
    downtime_s: float = 3.0
    process: Process = field(init=False)
    lives: int = 0
    ready: bool = False
    _board: Switchboard | None = None
    _nursery: trio.Nursery | None = None

    def __post_init__(self) -> None:
        self.process = Process(f"worker {self.number}", self.kill, self.seams, alive=False)

    async def run(self) -> None:
        """Live, die and live again until cancelled."""
        while True:
            self.lives += 1
            self.process = Process(f"worker {self.number}", self.kill, self.seams)
            with self.process.scope:
                await self._live(self.process)
            self.ready, self._board, self._nursery = False, None, None
            self.process.alive = False
            await trio.sleep(self.draw.random() * self.downtime_s)

    async def _live(self, process: Process) -> None:
        config = self.config
        effects = Effects(self.now, self.draw.randbytes)
        port = DatabasePort(self.server, process, config.timers.database_s)
        records = MemoryRecords(self.server.db, self._recovering(port))
        incarnation = await _begin(records, self.number)
        metrics = Metrics(CollectorRegistry())
        journal = PostgresJournal(
            "", incarnation, effects=effects, metrics=metrics, connect=port.connect
        )
        watched = WatchedJournal(journal, self.witness)
        board = self._board = Switchboard(
            self.number,
            incarnation,
            config=config,
            effects=effects,
            metrics=metrics,
            records=records,
            journal=watched,
            hsm=self.hsm.of(process),  # type: ignore[arg-type]  # the same methods
            dial=lambda host, number: self.dial_out(process, self.number, host, number),
        )
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._stop_when_lost, journal.incarnation_lost, nursery)
            nursery.start_soon(journal.run)
            await nursery.start(board.run)
            self.ready = True

    def _recovering(self, port: DatabasePort) -> Call:
        """Let the witness know which rows are put in doubt by a recovery."""

        async def call(verb: str, work: Callable[[], T], /) -> T:
            if verb != "begin":
                return await port.call(verb, work)

            def begin() -> T:
                self.witness.recovering = True
                try:
                    return work()
                finally:
                    self.witness.recovering = False

            return await port.call(verb, begin)

        return call

    async def _stop_when_lost(self, lost: trio.Event, nursery: trio.Nursery) -> None:
        await lost.wait()
        nursery.cancel_scope.cancel()

    def accept(self, end: End) -> None:
        """Serve a terminal's connection."""
        assert self._nursery is not None, "only a worker that is ready gets connections"
        assert self._board is not None
        connection = TerminalEnd(end, self.config.limits.in_flight_per_connection)
        self._nursery.start_soon(connection.run, self._board.on_frame)


async def _begin(records: MemoryRecords, number: int) -> int:
    while True:
        try:
            return (await records.begin(MACHINE, number))[0]
        except StoreUnavailableError:
            await trio.sleep(START_RETRY_S)


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

    def __init__(self, end: End, in_flight_max: int) -> None:
        self._end = end
        self._max = in_flight_max
        self._in_flight = 0
        self._framing = get_framing(TERMINAL_FRAMING)
        self._queue: deque[bytes] = deque()
        self._room = trio.Event()
        self._full = trio.Event()

    @property
    def listener(self) -> str:
        """The listener's name."""
        return "terminals"

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
