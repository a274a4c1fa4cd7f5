"""One run of the whole house: chaos, heal, converge, check.

A shell that joins the parts of this room to the real switchboard and lets them live on one mock
clock. What a seed draws is plan.py, how it is scheduled scheduler.py, what must be true witness.py
and referee.py; what comes out is outcome.py.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import trio

from pointsman.codecs.codec import Message, get_codec
from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.sim.host_messages import ZoneKeys
from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import TEST_TMK, Connect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world import sinks
from pointsman.sim.world.acquirers import SimAcquirer
from pointsman.sim.world.chance import Chance, Decision, Faults, Trace
from pointsman.sim.world.database import SimWeather
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import End, Network
from pointsman.sim.world.outcome import Outcome, judged
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.process import Process, SeamCount
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.sim.world.site import ACQUIRERS, ZAK, ZPK, make_site
from pointsman.sim.world.terminals import Habits, SimTerminal
from pointsman.sim.world.weather import Weather
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workers import SimWorker
from pointsman.store import memory_days
from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_server import MemoryServer
from pointsman.switch.wire import Wire

START = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)  # half an hour before the site's cut-over
LOOK_S = 1.0
POWER_CUT_S = 20.0
SETTLE_CHANCE = 0.01
HOUSE = "the house"


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
    began = time.perf_counter()
    world = World(plan, options or Options())
    with sinks.captured() as lines:
        run_by_seed(world.run, f"{plan.seed}/tasks")
    outcome = judged(world, lines)
    outcome.wall_s = time.perf_counter() - began
    return outcome


class World:
    """Everything of one run; its parts are read by outcome.py at the end."""

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
        self.host_process = Process("acquirers", _spared)
        self.acquirers = [self._acquirer(name, chance) for name in plan.acquirers]
        self.terminals = [self._terminal(number, chance) for number in range(plan.terminals)]
        make_site(self.db, self.hsm, plan, [one.identity for one in self.terminals])
        self.workers = [self._worker(number, chance) for number in range(plan.workers)]
        self.weather = Weather(
            faults=self.faults,
            draw=chance.stream("weather"),
            server=self.server,
            network=self.network,
            workers=self.workers,
            acquirers=plan.acquirers,
            kill=self.kill,
            jump=self._jump,
        )
        self.converged_s = 0.0
        self.ended_at = 0.0

    # ------------------------------------------------------------------------------ the parts

    def now(self) -> datetime:
        """Return the wall clock, which faults may move."""
        return START + timedelta(seconds=trio.current_time() + self.wall_offset_s)

    def _jump(self, seconds: float) -> None:
        self.wall_offset_s += seconds

    def _acquirer(self, name: str, chance: Chance) -> SimAcquirer:
        made = SimAcquirer(
            name=name,
            draw=chance.stream(f"acquirer {name}"),
            faults=self.faults,
            process=self.host_process,
            now_text=lambda: self.now().isoformat(timespec="milliseconds"),
            on_row=self._host_heard,
            format=ACQUIRERS[name].format,
            framing_name=ACQUIRERS[name].framing,
            keys=ZoneKeys(ZPK, ZAK),
            answer_s=self.plan.host_answer_s,
            delay_s=self.plan.timers.host_s * 1.5,
        )
        self.network.listen(name, made.accept)
        return made

    def _terminal(self, number: int, chance: Chance) -> SimTerminal:
        plan = self.plan
        script = self.options.script
        return SimTerminal(
            identity=Identity(f"89810005331000{1 + number % 3}", f"1234{number:04d}", TEST_TMK),
            options=TerminalOptions(
                timeout_s=plan.timers.terminal_s,
                connect=Connect.STAY if plan.stays[number] else Connect.PER_MESSAGE,
            ),
            address=Address("house", 8583, get_codec("cup-bcd"), get_framing("tpdu-header")),
            habits=Habits(dict(plan.weights), plan.pause_s, SETTLE_CHANCE, POWER_CUT_S, plan.lanes),
            draw=chance.stream(f"terminal {number}"),
            faults=self.faults,
            effects=Effects(self.now, chance.stream(f"terminal bytes {number}").randbytes),
            dial=self._dial_in,
            on_row=self._told,
            is_chaos=lambda: self.is_chaos,
            script=None if script is None else tuple(script[number]),  # type: ignore[arg-type]  # words of Flow
        )

    def _worker(self, number: int, chance: Chance) -> SimWorker:
        return SimWorker(
            number=number,
            config=self.plan.config,
            server=self.server,
            hsm=self.hsm,
            draw=chance.stream(f"worker {number}"),
            faults=self.faults,
            now=self.now,
            dial_out=self._dial_out,
            kill=self.kill,
            seams=self.options.seams if number == 0 else SeamCount(),
            witness=self.witness,
        )

    async def _dial_in(self, process: Process) -> End:
        """Connect a terminal to a worker that is ready, as the supervisor hands sockets out."""
        ready = [worker for worker in self.workers if worker.ready and worker.process.alive]
        if not ready:
            await trio.sleep(self.plan.network_delay_s)
            raise ConnectionRefusedError
        worker = self.draw.choice(ready)
        address = f"{HOUSE}/{worker.number}"
        self.network.listen(address, self._accept_if_ready(worker))
        return await self.network.dial(process, address, address, worker.process)

    def _accept_if_ready(self, worker: SimWorker) -> Callable[[End], None]:
        def accept(end: End) -> None:
            if worker.ready and end.owner is worker.process:
                worker.accept(end)
            else:
                end.reset()

        return accept

    async def _dial_out(self, process: Process, number: int, host: str, _port: int) -> Wire:
        return await self.network.dial(process, host, f"{host}/{number}", self.host_process)

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
        return worker.process.alive and worker.ready and incarnation == newest

    # ------------------------------------------------------------------------------- the run

    async def run(self) -> None:
        """Chaos, heal, converge."""
        memory_days.open_first(self.db, date(2026, 11, 22))
        async with trio.open_nursery() as nursery:
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
            for _ in range(2):  # what the first leaves open is in the second
                await self.weather.close_day()
            self.ended_at = trio.current_time()
            for worker in self.workers:
                worker.process.alive = False  # what ends now has no effect any more
            nursery.cancel_scope.cancel()

    def terminal_rows_of(self) -> Iterator[TerminalRow]:
        """Yield the ledgers of all terminals."""
        for terminal in self.terminals:
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
        self.network.died(process)
        process.scope.cancel()


def _spared(_process: Process, _why: str) -> None:
    """Kill nothing: acquirers fail by their moods."""
