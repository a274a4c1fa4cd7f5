"""Simulated terminals in the simulated world: the terminal of sim/, its line, its power cuts.

A shell. What a terminal does and remembers is sim/terminal.py and device.py; here are its ledger,
which survives, its session, which does not, and its days: sales, reversals, settlement, power cuts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import trio

from pointsman.effects import Effects
from pointsman.sim import flows
from pointsman.sim.device import Device
from pointsman.sim.flow_names import Flow
from pointsman.sim.items import Totals
from pointsman.sim.settling import settle, settle_left
from pointsman.sim.tally import Tally
from pointsman.sim.terminal import TerminalSim
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import Identity, TerminalOptions
from pointsman.sim.terminal_rows import Told
from pointsman.sim.terminal_session import RETRY_S
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.process import Process, SeamCount, spared
from pointsman.sim.world.sessions import Dial, MemoryLedger, OnRow, SimSession

T = TypeVar("T")
REMEMBERS_CHANCE = 0.1  # before each sale, while there is something to be remembered


@dataclass(slots=True)
class Habits:
    """How terminals of a run behave."""

    weights: dict[Flow, int]
    pause_s: float
    settle_chance: float
    power_cut_s: float  # how long one is away at most
    lanes: int = 1
    forgets: bool = False  # its batch's end: the switch closes the batch by force
    remembers: bool = True  # the end of a batch that the switch has replaced meanwhile


@dataclass(slots=True)
class SimTerminal:
    """One terminal over all its power cuts."""

    identity: Identity
    options: TerminalOptions
    address: Address
    habits: Habits
    draw: Random
    faults: Faults
    effects: Effects
    dial: Dial
    on_row: OnRow
    is_chaos: Callable[[], bool]
    script: tuple[Flow, ...] | None = None
    finished: bool = False
    sales: int = 0
    cuts: int = 0
    ledger: MemoryLedger = field(init=False)
    _terminal: TerminalSim | None = None

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(self.on_row)

    @property
    def device(self) -> Device | None:
        """What it remembers, while it has power."""
        return None if self._terminal is None else self._terminal.device

    @property
    def owes(self) -> bool:
        """Whether something is open that the terminal must still reverse or hear."""
        return self._terminal is None or self._terminal.owes

    async def run(self) -> None:
        """Live until everything is done; power cuts begin a new life with the same ledger."""
        await trio.sleep(self.draw.random() * self.habits.pause_s)
        while not self.finished:
            process = Process(f"terminal {self.identity.tid}", spared, SeamCount())
            terminal = self._make(process)
            with trio.CancelScope() as scope:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(terminal.session.keep_line)
                    nursery.start_soon(self._cut_power, process, scope)
                    await terminal.recover()
                    await self._live(terminal)
                    self.finished = True
                    nursery.cancel_scope.cancel()
            process.alive = False
            if not self.finished:
                await trio.sleep(self.draw.random() * self.habits.power_cut_s)

    async def prove(self, within_s: float) -> bool:
        """Sell until a sale is approved, then close the batch; False where none is in time."""
        process = Process(f"terminal {self.identity.tid}", spared, SeamCount())
        terminal = self._make(process)
        with trio.move_on_after(within_s):
            while True:
                await terminal.transact(Flow.SALE_SWIPE)
                told = [row for row in self.ledger.written if isinstance(row, Told)]
                if told and told[-1].approved:
                    break
                await trio.sleep(RETRY_S)
            await self._clear(terminal)
            while not await self._settled(terminal):  # noqa: ASYNC110  (each look is a try)
                await trio.sleep(RETRY_S)
            return True
        return False

    def _make(self, process: Process) -> TerminalSim:
        terminal = self._terminal = TerminalSim(
            self.identity,
            self.options,
            self.address,
            self.ledger,
            self.draw.randrange,
            Tally(),
            lambda _done: None,
            self.effects,
        )
        made = terminal.session
        session = SimSession(
            made.identity, made.options, made.address, terminal.device, made.on_sign_in
        )
        session.dial, session.process = self.dial, process
        terminal.session = session
        for row in self.ledger.written:
            terminal.device.apply(row)
        return terminal

    async def _cut_power(self, process: Process, scope: trio.CancelScope) -> None:
        while True:
            await trio.sleep(5.0)
            if self.faults.strikes("terminal power cut"):
                self.cuts += 1
                process.alive = False
                scope.cancel()

    async def _live(self, terminal: TerminalSim) -> None:
        if self.script is not None:
            for flow in self.script[self.sales :]:
                self.sales += 1
                await terminal.transact(flow)
        else:
            await self._trade(terminal)
        await self._clear(terminal)
        while not await self._remembered(terminal):  # noqa: ASYNC110  (each look is a try)
            await trio.sleep(RETRY_S)
        while not (self.habits.forgets or await self._settled(terminal)):  # noqa: ASYNC110  (the same)
            await trio.sleep(RETRY_S)

    async def _trade(self, terminal: TerminalSim) -> None:
        habits = self.habits
        while self.is_chaos():
            await trio.sleep(self.draw.expovariate(1 / habits.pause_s))
            if not habits.forgets and self.draw.random() < habits.settle_chance:
                await self._clear(terminal)
                await self._settled(terminal)
            if terminal.device.left and self.draw.random() < REMEMBERS_CHANCE:
                await self._clear(terminal)
                await self._remembered(terminal)
            async with trio.open_nursery() as nursery:
                for _ in range(habits.lanes):
                    self.sales += 1
                    flow = flows.choose(habits.weights, self.draw.randrange)
                    nursery.start_soon(terminal.transact, flow)

    async def _clear(self, terminal: TerminalSim) -> None:
        """Reverse and repeat until nothing is owed."""
        while terminal.owes:
            await terminal.session.sign_in()
            await terminal.clear_owed(refunds=True)
            if terminal.owes:
                await trio.sleep(RETRY_S)

    async def _settled(self, terminal: TerminalSim) -> bool:
        return await settle(terminal)

    async def _remembered(self, terminal: TerminalSim) -> bool:
        """End the batch that the switch has replaced; True where there is none to be ended."""
        return not self.habits.remembers or await settle_left(terminal)

    def counted(self, batch: str) -> tuple[Totals, Totals] | None:
        """Return its figures of a batch, domestic and foreign, where it waits for nothing."""
        one = self._terminal
        if one is None or one.owes or one.in_flight or one.device.unanswered():
            return None
        if batch not in {one.device.batch, one.device.left}:
            return None
        device = one.device
        return device.totals(domestic=True, batch=batch), device.totals(domestic=False, batch=batch)
