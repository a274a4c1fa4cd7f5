"""One worker of the simulated house over all its lives: the real switchboard on simulated seams.

A shell, in the place of switch/worker.py: the same order of a start (recover, read the site,
accept) and the same parts; the process, its kills and its connections are simulated. Who kills is
world.py.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import trio
from prometheus_client import CollectorRegistry

from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.handover import ABSENT, RefundOrder
from pointsman.metrics import Metrics
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.database import DatabasePort
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import End
from pointsman.sim.world.process import Killer, Process, SeamCount
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workerseams import TerminalEnd, WatchedJournal
from pointsman.store.journal import PostgresJournal
from pointsman.store.memory_leases import Call
from pointsman.store.memory_records import MemoryRecords
from pointsman.store.memory_server import MemoryServer
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.switchboard import Switchboard
from pointsman.switch.wire import Wire

T = TypeVar("T")
MACHINE = "house"
START_RETRY_S = 0.2
ANSWER_S = 20.0  # how long the back office waits for an answer (console/workers.py)
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
    _died_at: float | None = None
    _board: Switchboard | None = None
    _nursery: trio.Nursery | None = None

    def __post_init__(self) -> None:
        self.process = Process(f"worker {self.number}", self.kill, self.seams, alive=False)

    @property
    def is_serving(self) -> bool:
        """Whether it takes connections."""
        return self.ready and self.process.alive

    async def run(self) -> None:
        """Live, die and live again until cancelled."""
        while True:
            self.lives += 1
            self.process = Process(f"worker {self.number}", self.kill, self.seams)
            with self.process.scope:
                await self._live_or_break(self.process)
            self.ready, self._board, self._nursery = False, None, None
            self.process.alive = False
            self._died_at = trio.current_time()
            await trio.sleep(self.draw.random() * self.downtime_s)

    async def _live_or_break(self, process: Process) -> None:
        """Live; what the product itself breaks on ends this life, and is a finding."""
        try:
            await self._live(process)
        except BaseExceptionGroup as group:
            cancelled, errors = group.split(trio.Cancelled)
            for error in () if errors is None else _leaves(errors):
                self.witness.violated("P18", f"a worker broke on {type(error).__name__}: {error}")
            if cancelled is not None:
                raise cancelled from None

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
            nursery.start_soon(self._stop_when_lost, board.lease_lost, nursery)
            nursery.start_soon(journal.run)
            await nursery.start(board.run)
            self.ready = True
            if self._died_at is not None:
                self.witness.back_after(trio.current_time() - self._died_at)

    def _recovering(self, port: DatabasePort) -> Call:
        """Let the witness know which rows are put in doubt by a recovery, or a taking."""

        async def call(verb: str, work: Callable[[], T], /) -> T:
            if verb not in {"begin", "take_session", "adopt_session"}:
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

    async def refund(self, order: RefundOrder) -> str | None:
        """Take an order of the back office: field 39, `ABSENT` not in time, None: not taken."""
        if not self.is_serving:
            return None
        assert self._nursery is not None
        assert self._board is not None
        desk, process = self._board.refunds, self.process
        codes: list[str] = []
        heard = trio.Event()

        async def serve() -> None:
            code = await desk.refund(order)
            if process.alive:
                codes.append(code)
                heard.set()

        self._nursery.start_soon(serve)
        with trio.move_on_after(ANSWER_S):
            await heard.wait()
        return codes[0] if codes else ABSENT

    def accept(self, end: End, door: str) -> None:
        """Serve a terminal's connection."""
        assert self._nursery is not None, "only a worker that is ready gets connections"
        assert self._board is not None
        connection = TerminalEnd(end, self.config.limits.in_flight_per_connection, door)
        self._nursery.start_soon(connection.run, self._board.on_frame)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


async def _begin(records: MemoryRecords, number: int) -> int:
    while True:
        try:
            return (await records.begin(MACHINE, number))[0]
        except StoreUnavailableError:
            await trio.sleep(START_RETRY_S)
