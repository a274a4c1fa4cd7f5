"""One run of the whole house: chaos, heal, converge, check.

A shell that joins the parts of this room to the real switchboard and lets them live on one mock
clock. What a seed draws is plan.py, how it is scheduled scheduler.py, what must be true witness.py
and referee.py; what comes out is outcome.py.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import trio

from pointsman.codecs.codec import Message
from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world import parts, sinks
from pointsman.sim.world.chance import Chance, Decision, Faults, Trace
from pointsman.sim.world.clerk import SimClerk
from pointsman.sim.world.database import SimWeather
from pointsman.sim.world.front import Front
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import Network
from pointsman.sim.world.outcome import Outcome, judged
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.process import Process, SeamCount, spared
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.site import make_site
from pointsman.sim.world.terminals import SimTerminal
from pointsman.sim.world.weather import Weather
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workers import SimWorker
from pointsman.store import memory_days
from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_server import MemoryServer

START = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)  # half an hour before the site's cut-over
DAY = date(2026, 11, 22)
LOOK_S = 1.0
SERVES_WITHIN_S = 120.0


@dataclass(slots=True)
class Options:
    """How a run differs from what its seed says: for reading, crash points and shrinking."""

    keep_trace: bool = False
    only: frozenset[Decision] | None = None
    seams: SeamCount = field(default_factory=SeamCount)
    script: tuple[tuple[str, ...], ...] | None = None
    stop_at_violation: bool = False


def run_world(plan: Plan, options: Options | None = None) -> Outcome:
    """Run one plan to its end; the same plan gives the same trace hash in any process."""
    began, cpu = time.perf_counter(), time.process_time()
    world = World(plan, options or Options())
    try:
        with sinks.captured() as lines:
            run_by_seed(world.run, f"{plan.seed}/tasks")
    finally:
        world.clerk.clean()
    outcome = judged(world, lines)
    outcome.wall_s = time.perf_counter() - began
    outcome.cpu_s = time.process_time() - cpu
    return outcome


class World:
    """Everything of one run; its parts are read by outcome.py at the end."""

    nursery: trio.Nursery

    def __init__(self, plan: Plan, options: Options) -> None:
        self.plan = plan
        self.options = options
        chance = Chance(plan.seed)
        self.trace = Trace(keep=options.keep_trace)
        self.faults = Faults(chance, plan.rates, options.only)
        self.is_chaos = True
        self.converged = False
        self.crashes = 0
        self.wall_offset_s = 0.0
        self.draw = chance.stream("world")
        self.hsm = SimHsm(chance.stream("hsm"), self.faults, plan.hsm_latency_s)
        self.db = MemoryDatabase(lambda: self.now().timestamp())
        self.server = MemoryServer(
            self.db,
            SimWeather(chance.stream("database"), self.faults, plan.database_latency_s),
        )
        self.network = Network(
            chance.stream("network"), self.faults, self.trace, plan.network_delay_s
        )
        self.witness = Witness(trio.current_time, self._is_alive, plan.timers.switch_s)
        self.db.watch = self._committed
        self.faults.heard = self.witness.struck
        self.host_process = Process("acquirers", spared)
        self.workers: list[SimWorker] = []
        self.front = Front(self.network, self.workers, self.draw, self.host_process)
        self.acquirers = [
            parts.acquirer(self, name, chance, self._host_heard) for name in plan.acquirers
        ]
        self.terminals, self.provers = self._terminals(chance)
        everybody = [one.identity for one in (*self.terminals, *self.provers)]
        make_site(self.db, self.hsm, plan, everybody)
        self.workers.extend(parts.worker(self, number, chance) for number in range(plan.workers))
        self.clerk = SimClerk(
            self.server, self.faults, self.kill, self.witness, plan.timers.database_s
        )
        self.weather = Weather(
            faults=self.faults,
            draw=chance.stream("weather"),
            server=self.server,
            network=self.network,
            workers=self.workers,
            acquirers=plan.acquirers,
            kill=self.kill,
            jump=self._jump,
            close_day=lambda: self.nursery.start_soon(self.clerk.close_day),
        )
        self.converged_s = 0.0
        self.ended_at = 0.0

    # ------------------------------------------------------------------------------ the parts

    def now(self) -> datetime:
        """Return the wall clock, which faults may move."""
        return START + timedelta(seconds=trio.current_time() + self.wall_offset_s)

    def _terminals(self, chance: Chance) -> tuple[list[SimTerminal], list[SimTerminal]]:
        """Make the terminals, and one more for each worker."""
        count = self.plan.terminals
        made = [
            parts.terminal(self, number, chance, self._told)
            for number in range(count + self.plan.workers)
        ]
        return made[:count], made[count:]

    def _jump(self, seconds: float) -> None:
        self.wall_offset_s += seconds

    # ----------------------------------------------------------------------- what is heard of

    def _committed(self, event: str, row: Row) -> None:
        self.witness.committed(event, row)
        self.trace.note(
            trio.current_time(), event, row.get("id", ""), row.get("state"), row.get("undo")
        )

    def _host_heard(self, name: str, row: HostRow, _message: Message) -> None:
        self.witness.host_heard(name, row)
        self.trace.note(trio.current_time(), name, row)

    def _told(self, row: TerminalRow) -> None:
        self.witness.told(row)
        self.trace.note(trio.current_time(), "terminal", row)

    def _is_alive(self, incarnation: int) -> bool:
        one = self.db.incarnations[incarnation]
        worker = self.workers[one.worker]
        newest = max(n for n, i in self.db.incarnations.items() if i.worker == one.worker)
        return worker.process.lives_on and worker.ready and incarnation == newest

    # ------------------------------------------------------------------------------- the run

    async def run(self) -> None:
        """Chaos, heal, converge."""
        memory_days.open_first(self.db, DAY)
        async with trio.open_nursery() as nursery:
            self.nursery = nursery
            await nursery.start(self.server.run)
            await nursery.start(self.hsm.run)
            for acquirer in self.acquirers:
                await nursery.start(acquirer.run)
            for worker in self.workers:
                nursery.start_soon(worker.run)
            for terminal in self.terminals:
                nursery.start_soon(terminal.run)
            nursery.start_soon(self.weather.run)
            await self._until(self.plan.chaos_s)
            await self._heal()
            await self._converge()
            await self._prove_service()
            for _ in range(2):  # what the first leaves open is in the second
                await self.clerk.close_day()
            await self.clerk.write_again()
            self.ended_at = trio.current_time()
            for worker in self.workers:
                worker.process.alive = False  # what ends now has no effect any more
            nursery.cancel_scope.cancel()

    def terminal_rows_of(self) -> Iterator[TerminalRow]:
        """Yield the ledgers of all terminals."""
        for terminal in (*self.terminals, *self.provers):
            yield from terminal.ledger.written

    async def _until(self, at: float) -> None:
        while trio.current_time() < at and not self._is_over():  # noqa: ASYNC110  # seen from outside
            await trio.sleep(LOOK_S)

    def _is_over(self) -> bool:
        if self.options.stop_at_violation and self.witness.violations:
            return True
        return self.options.script is not None and all(t.finished for t in self.terminals)

    async def _heal(self) -> None:
        """All links up, all peers honest, no new sales."""
        self.is_chaos = False
        self.faults.healed = True
        self.server.up = True
        self.hsm.down_until = 0.0
        self.network.heal()
        self.trace.note(trio.current_time(), "heal")

    async def _converge(self) -> None:
        deadline = trio.current_time() + self.plan.converge_s
        began = trio.current_time()
        while trio.current_time() < deadline:
            if self.options.stop_at_violation and self.witness.violations:
                return
            if all(terminal.finished for terminal in self.terminals) and self._nothing_open():
                self.converged = True
                self.converged_s = trio.current_time() - began
                return
            await trio.sleep(LOOK_S)

    async def _prove_service(self) -> None:
        """P21: every worker, whatever died, approves a sale again within its time."""
        self.options.seams.counting = False  # a flow's own crash points are over
        for number, prover in enumerate(self.provers):
            if self.converged and not await prover.prove(SERVES_WITHIN_S):
                self.witness.violated("P21", f"worker {number} does not serve again")

    def _nothing_open(self) -> bool:
        if any(self.db.sending.values()):
            return False
        return all(one.state in {"done", "parked", "closed"} for one in self.db.owed.values())

    def kill(self, process: Process, why: str) -> None:
        """End a worker as kill -9 does: from now on nothing of it has an effect."""
        if not process.alive:
            return
        self.crashes += 1
        self.trace.note(trio.current_time(), "killed", process.name, why)
        process.alive = False
        lives = self.db.incarnations.items()
        self.witness.died({n for n, one in lives if f"worker {one.worker}" == process.name})
        self.network.died(process)
        process.scope.cancel()
