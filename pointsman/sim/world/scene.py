"""What one run is made of: its parts joined, and what is heard of them.

A shell that joins; it waits for nothing. The parts are made in parts.py, how a run goes is
world.py, what comes out of it outcome.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import trio

from pointsman.codecs.codec import Message
from pointsman.sim.device import Device
from pointsman.sim.host_rows import HostRow
from pointsman.sim.terminal_rows import TerminalRow
from pointsman.sim.world import parts
from pointsman.sim.world.batches import Batches, BatchName, Sides
from pointsman.sim.world.chance import Chance, Decision, Faults, Trace
from pointsman.sim.world.clerk import SimClerk
from pointsman.sim.world.database import SimWeather
from pointsman.sim.world.front import Front
from pointsman.sim.world.hsm import SimHsm
from pointsman.sim.world.network import Network
from pointsman.sim.world.office import SimOffice
from pointsman.sim.world.people import SimPeople
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.process import Process, SeamCount, spared
from pointsman.sim.world.site import make_site
from pointsman.sim.world.terminals import SimTerminal
from pointsman.sim.world.weather import Weather
from pointsman.sim.world.witness import Witness
from pointsman.sim.world.workers import SimWorker
from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_server import MemoryServer
from pointsman.store.reconciliations import Reconciled

_OPEN = (Reconciled.DUE, Reconciled.SENT)
START = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)  # half an hour before the site's cut-over


@dataclass(slots=True)
class Options:
    """How a run differs from what its seed says: for reading, crash points and shrinking."""

    keep_trace: bool = False
    only: frozenset[Decision] | None = None
    seams: SeamCount = field(default_factory=SeamCount)
    script: tuple[tuple[str, ...], ...] | None = None
    stop_at_violation: bool = False
    gives_back: bool = False  # the back office, once, what the script has sold
    clerk_seams: SeamCount = field(default_factory=SeamCount)  # where the clerk is to die
    counts_night: bool = False  # seams of the night alone, in which dates are reconciled


class Scene:
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
        abroad = frozenset(one.identity.tid for one in self.terminals[: plan.nii])
        self.batches = Batches(self.witness, self._counted, abroad)
        self.clerk = SimClerk(
            self.server,
            self.faults,
            self.kill,
            self.witness,
            plan.timers.database_s,
            self._forced,
            options.clerk_seams,
        )
        self.office = SimOffice(
            self.server,
            self.workers,
            self.faults,
            chance.stream("office"),
            self.witness,
            lambda: self.now().isoformat(timespec="milliseconds"),
            self._told,
            plan.timers.database_s,
        )
        self.people = SimPeople(
            self.server,
            lambda: {one.name: one.host.book for one in self.acquirers},
            chance.stream("people"),
            self.witness,
            plan.timers.database_s,
        )
        self.weather = Weather(
            faults=self.faults,
            draw=chance.stream("weather"),
            server=self.server,
            network=self.network,
            workers=self.workers,
            acquirers=plan.acquirers,
            kill=self.kill,
            jump=self.jump,
            close_day=lambda: self.nursery.start_soon(self.clerk.close_day),
        )
        self.converged_s = 0.0
        self.ended_at = 0.0

    # ------------------------------------------------------------------------------ the parts

    @property
    def seams(self) -> SeamCount:
        """Where the first worker is to die."""
        return self.options.seams

    @property
    def script(self) -> tuple[tuple[str, ...], ...] | None:
        """What each terminal does, where that is not left to chance."""
        return self.options.script

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

    def reconciled(self) -> bool:
        """Tell whether every acquirer that did something has answered for its date."""
        rows = self.db.reconciliations
        asked = {row["acquirer"] for row in self.db.transactions.values() if is_counted(row)}
        over = all(row.value.state not in _OPEN for row in rows.values())
        return over and asked <= {name for name, *_ in rows}

    def jump(self, seconds: float) -> None:
        """Move the wall clock."""
        self.wall_offset_s += seconds
        self.batches.jumped = True

    # ----------------------------------------------------------------------- what is heard of

    def _committed(self, event: str, row: Row) -> None:
        self.batches.committed(row)
        self.witness.committed(event, row)
        self.people.heard(event, row)
        self.trace.note(
            trio.current_time(), event, row.get("id", ""), row.get("state"), row.get("undo")
        )

    def _host_heard(self, name: str, row: HostRow, _message: Message) -> None:
        self.witness.host_heard(name, row)
        self.trace.note(trio.current_time(), name, row)

    def _counted(self, batch: BatchName) -> Sides | None:
        for one in (*self.terminals, *self.provers):
            if (one.identity.mid, one.identity.tid) == batch[:2]:
                return one.counted(batch[2])
        return None

    def _forced(self, batch: BatchName) -> None:
        self.batches.force(batch)
        self.trace.note(trio.current_time(), "closed by force", *batch)

    def _told(self, row: TerminalRow) -> None:
        self.witness.told(row)
        self.batches.told(row)
        self.trace.note(trio.current_time(), "terminal", row)

    def _is_alive(self, incarnation: int) -> bool:
        one = self.db.incarnations[incarnation]
        worker = self.workers[one.worker]
        newest = max(n for n, i in self.db.incarnations.items() if i.worker == one.worker)
        return worker.process.lives_on and worker.ready and incarnation == newest

    # --------------------------------------------------------------------- how it stands, and ends

    def terminal_rows_of(self) -> Iterator[TerminalRow]:
        """Yield the ledgers of all terminals."""
        for terminal in (*self.terminals, *self.provers):
            yield from terminal.ledger.written
        yield from self.office.ledger.written

    def devices(self) -> list[Device]:
        """Return what terminals remember whose batches are known by number here and there."""
        named = self.terminals[self.plan.nii :]  # the others' messages name no batch
        return [one.device for one in named if one.device is not None]

    def nothing_open(self) -> bool:
        """Tell whether nothing is under way, owed, or being asked for."""
        if any(self.db.sending.values()) or self.office.open:
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


def is_counted(row: Row) -> bool:
    """Tell whether a transaction makes its acquirer's date one that is reconciled."""
    return bool(row["acquirer"]) and row["state"] in {"approved", "unknown"}
