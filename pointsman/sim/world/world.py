"""One run of the whole house: chaos, heal, converge, check.

A shell over the joined parts (scene.py): the real switchboards live among them on one mock clock.
What a seed draws is plan.py, how it is scheduled scheduler.py, what must be true witness.py and
referee.py; what comes out is outcome.py.
"""

import time
from datetime import date

import trio

from pointsman.sim.world import sinks
from pointsman.sim.world.outcome import Outcome, judged
from pointsman.sim.world.plan import Plan
from pointsman.sim.world.scene import Options, Scene
from pointsman.sim.world.scheduler import run_by_seed
from pointsman.store import memory_days

__all__ = ["Options", "World", "run_world"]

DAY = date(2026, 11, 22)
LOOK_S = 1.0
SERVES_WITHIN_S = 120.0
NIGHT_S = 5 * 3600.0  # from the last hour before midnight to after switch/reconciler.GRACE
RECONCILED_WITHIN_S = 600.0
BATCHES_WITHIN_S = 700.0
DAYS_MAX = 6  # business days that are near one settlement date, and the two of the end


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


class World(Scene):
    """One run."""

    async def run(self) -> None:
        """Chaos, heal, converge."""
        memory_days.open_first(self.db, DAY)
        self.options.seams.counting &= not self.options.counts_night
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
            nursery.start_soon(self.clerk.end_batches)
            if self.options.gives_back:
                nursery.start_soon(self.office.give_back_one, self.devices, self._is_over)
            if self.plan.office_pause_s:
                pause_s = self.plan.office_pause_s
                nursery.start_soon(self.office.run, pause_s, self.devices, lambda: self.is_chaos)
            if self.plan.people:
                nursery.start_soon(self.people.run, lambda: not self.converged)
            await self._until(self.plan.chaos_s)
            await self._heal()
            await self._converge()
            await self._prove_service()
            await self.clerk.close_day()
            await self._end_batches()
            await self.clerk.close_day()  # what the first has left open is in the second
            await self.clerk.write_again()
            await self._reconcile()
            self.ended_at = trio.current_time()
            for worker in self.workers:
                worker.process.alive = False  # what ends now has no effect any more
            nursery.cancel_scope.cancel()

    async def _end_batches(self) -> None:
        """Wait for the end of those whose terminals were sending them when their day ended."""
        with trio.move_on_after(BATCHES_WITHIN_S):
            while self.clerk.overdue():  # noqa: ASYNC110  # seen from outside
                await trio.sleep(LOOK_S)
        for batch in self.clerk.overdue():
            self.witness.violated("P10", f"{batch} is open though its day is closed")

    async def _reconcile(self) -> None:
        """Let the night pass, and wait until acquirers have judged the date's totals."""
        if not self.plan.reconciles or not self.converged or len(self.db.days) > DAYS_MAX:
            return
        self.options.seams.counting = self.options.counts_night
        self.jump(NIGHT_S)
        with trio.move_on_after(RECONCILED_WITHIN_S):
            while not self.reconciled():  # noqa: ASYNC110  # seen from outside
                await trio.sleep(LOOK_S)
        if not self.reconciled():
            self.witness.violated("P3", "a settlement date was not reconciled")

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
            if all(terminal.finished for terminal in self.terminals) and self.nothing_open():
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
