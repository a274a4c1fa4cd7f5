"""Simulated terminals in the simulated world: the terminal of sim/, its line, its power cuts.

A shell. What a terminal does and remembers is sim/terminal.py and device.py; here are its ledger,
which survives, its session, which does not, and its days: sales, reversals, settlement, power cuts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

import trio

from pointsman.effects import Effects
from pointsman.sim import flows
from pointsman.sim.flow_names import Flow
from pointsman.sim.ledger import Ledger
from pointsman.sim.settling import settle
from pointsman.sim.tally import Tally
from pointsman.sim.terminal import TerminalSim
from pointsman.sim.terminal_link import Address, Answered, Line, NoLineError
from pointsman.sim.terminal_options import Connect, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TERMINAL_ROWS, TerminalRow
from pointsman.sim.terminal_session import RECONNECT_S, RETRY_S, Session
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.network import End
from pointsman.sim.world.process import Process, SeamCount

T = TypeVar("T")
Dial = Callable[[Process], Awaitable[End]]
OnRow = Callable[[TerminalRow], None]
CLEAR_TRIES_MAX = 2000


class MemoryLedger(Ledger[TerminalRow]):
    """A ledger that is durable at once, and in memory."""

    def __init__(self, on_row: OnRow) -> None:
        super().__init__(Path(), TERMINAL_ROWS)
        self.written: list[TerminalRow] = []
        self._on_row = on_row

    async def write(self, row: TerminalRow) -> None:
        """Keep a row."""
        self.written.append(row)
        self._on_row(row)
        await trio.lowlevel.checkpoint()


class SimSession(Session):
    """A terminal's session over the simulated network."""

    dial: Dial
    process: Process

    async def exchange(
        self, mti: str, name: str, body: bytes, *, fresh: bool = False
    ) -> Answered | None:
        """Send one message and return its answer, or None."""
        timeout_s = self.options.timeout_s
        if self.options.connect is Connect.PER_MESSAGE or fresh:
            try:
                async with self._open() as line:
                    return await line.ask(mti, name, body, timeout_s)
            except NoLineError:
                return None
        with trio.move_on_after(timeout_s):
            while self._line is None:
                await self._connected.wait()
        kept = self._line
        if kept is None:
            return None
        answered = await kept.ask(mti, name, body, timeout_s)
        if answered is None:
            kept.closed.set()  # nobody may be there any more: hang up and dial again
        return answered

    async def keep_line(self) -> None:
        """Keep one connection open, for a terminal that stays connected."""
        while self.options.connect is Connect.STAY:
            try:
                async with self._open() as line:
                    self._line = line
                    self._connected.set()
                    await line.closed.wait()
            except NoLineError:
                await trio.sleep(RETRY_S)
            finally:
                self._line = None
                self._connected = trio.Event()
            await trio.sleep(RECONNECT_S)

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Line]:
        try:
            with trio.fail_after(self.options.timeout_s):
                end = await self.dial(self.process)
        except (OSError, trio.TooSlowError):
            raise NoLineError from None
        try:
            async with trio.open_nursery() as nursery:
                line = Line(self.address, end)  # type: ignore[arg-type]  # send_all, receive_some
                nursery.start_soon(line.read)
                yield line
                nursery.cancel_scope.cancel()
        finally:
            end.close()


@dataclass(slots=True)
class Habits:
    """How terminals of a run behave."""

    weights: dict[Flow, int]
    pause_s: float
    settle_chance: float
    power_cut_s: float  # how long one is away at most
    lanes: int = 1


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
    def owes(self) -> bool:
        """Whether something is open that the terminal must still reverse or hear."""
        return self._terminal is None or self._terminal.owes

    async def run(self) -> None:
        """Live until everything is done; power cuts begin a new life with the same ledger."""
        await trio.sleep(self.draw.random() * self.habits.pause_s)
        while not self.finished:
            process = Process(f"terminal {self.identity.tid}", _never, SeamCount())
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
        while not await self._settled(terminal):  # noqa: ASYNC110  (each look is a try)
            await trio.sleep(RETRY_S)

    async def _trade(self, terminal: TerminalSim) -> None:
        habits = self.habits
        while self.is_chaos():
            await trio.sleep(self.draw.expovariate(1 / habits.pause_s))
            if self.draw.random() < habits.settle_chance:
                await self._clear(terminal)
                await self._settled(terminal)
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


def _never(_process: Process, _why: str) -> None:
    """Kill nothing: terminals die by power cuts alone."""
