"""Many simulated terminals in one process: lanes, pace, pause, settlement, a clean end.

A shell. Each terminal runs its lanes until there is something else to do; then it clears what it
owes, closes its batch if that was asked for, and goes on. One transaction is terminal.py, closing a
batch settling.py; commands from outside change `Control`.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import get_framing
from pointsman.effects import Effects
from pointsman.sim import flows
from pointsman.sim.ledger import Ledger
from pointsman.sim.settling import settle, settle_left
from pointsman.sim.tally import Done, Summary, Tally
from pointsman.sim.terminal import TerminalSim
from pointsman.sim.terminal_link import Address
from pointsman.sim.terminal_options import Control, Identity, TerminalOptions
from pointsman.sim.terminal_rows import TERMINAL_ROWS, TerminalRow
from pointsman.sim.terminal_session import RETRY_S, NotSignedInError

LOOK_S: Final = 0.05  # how soon a paused lane sees that it may go on


@dataclass(slots=True)
class Fleet:
    """All terminals of one process, on one ledger."""

    identities: Sequence[Identity]
    options: TerminalOptions
    control: Control
    ledger: Path
    seed: int
    report: Callable[[Done], None]
    trouble: Callable[[Identity, str], None] = field(default=lambda _who, _why: None)
    effects: Effects = field(default_factory=Effects)
    tally: Tally = field(default_factory=Tally)
    terminals: list[TerminalSim] = field(default_factory=list)
    _settled: dict[str, int] = field(default_factory=dict)
    _next_at: float = 0.0

    async def run(self) -> Summary:
        """Run every terminal until it has made its count, or until told to stop."""
        dialect = self.options.dialect
        address = Address(
            self.options.host, self.options.port, get_codec(dialect), get_framing(dialect.framing)
        )
        with Ledger(self.ledger, TERMINAL_ROWS) as ledger:
            rows = list(ledger.rows())
            async with trio.open_nursery() as nursery:
                for number, identity in enumerate(self.identities):
                    chance = random.Random(f"{self.seed}/{number}")
                    terminal = TerminalSim(
                        identity,
                        self.options,
                        address,
                        ledger,
                        chance.randrange,
                        self.tally,
                        self.report,
                        self.effects,
                    )
                    self._listen(terminal)
                    self._replay(terminal, rows)
                    self.terminals.append(terminal)
                    nursery.start_soon(self._run, terminal)
        return self.summary()

    def summary(self) -> Summary:
        """Return all counts at this moment."""
        devices = [terminal.device for terminal in self.terminals]
        return self.tally.summary(
            owed=sum(
                len(d.owed_reversals()) + len(d.refunds_to_repeat()) + len(d.orders_to_ask())
                for d in devices
            ),
            in_flight=sum(terminal.in_flight for terminal in self.terminals),
            unsettled=self.unsettled(),
        )

    def unsettled(self) -> int:
        """Return how many terminals have not yet closed the batch that they were told to close."""
        done = (self._settled.get(_name(t), 0) for t in self.terminals)
        return sum(count < self.control.settlements for count in done)

    def _listen(self, terminal: TerminalSim) -> None:
        def given_up() -> bool:
            return self.control.stopping and not (terminal.owes and terminal.session.begun)

        terminal.session.stopping = given_up
        terminal.session.trouble = lambda why: self.trouble(terminal.identity, why)

    def _replay(self, terminal: TerminalSim, rows: Sequence[TerminalRow]) -> None:
        name = _name(terminal)
        for row in rows:
            if f"{row.mid}/{row.tid}" == name:
                terminal.device.apply(row)
        self._settled[name] = 0

    async def _run(self, terminal: TerminalSim) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(terminal.session.keep_line)
            await terminal.recover()
            left = [self.options.count]
            while True:
                await self._lanes(terminal, left)
                stopping = self.control.stopping or left[0] == 0
                await self._clear(terminal, stopping=stopping)
                await self._settle(terminal, stopping=stopping)
                settled = self._settled[_name(terminal)] >= self.control.settlements
                if stopping and (settled or not terminal.session.begun):
                    break
                await trio.sleep(LOOK_S)
            nursery.cancel_scope.cancel()

    async def _lanes(self, terminal: TerminalSim, left: list[int | None]) -> None:
        async def lane() -> None:
            while not self._busy_otherwise(terminal) and left[0] != 0:
                if left[0] is not None:
                    left[0] -= 1
                await self._pace()
                if self.control.idle:
                    return
                flow = flows.choose(self.control.weights, terminal.draw)
                try:
                    await terminal.transact(flow)
                except NotSignedInError:
                    return

        async with trio.open_nursery() as nursery:
            for _ in range(self.options.lanes):
                nursery.start_soon(lane)

    def _busy_otherwise(self, terminal: TerminalSim) -> bool:
        return self.control.idle or self._settled[_name(terminal)] < self.control.settlements

    async def _pace(self) -> None:
        if self.control.rate <= 0:
            return
        slot = max(trio.current_time(), self._next_at)
        self._next_at = slot + 1 / self.control.rate
        await trio.sleep_until(slot)

    async def _clear(self, terminal: TerminalSim, *, stopping: bool) -> None:
        """Reverse and repeat until nothing is owed; at the end only so long as it may take."""
        deadline = trio.current_time() + self.options.drain_s
        while terminal.owes and (not stopping or trio.current_time() < deadline):
            with suppress(NotSignedInError):
                await terminal.session.sign_in()
                await terminal.clear_owed(refunds=True)
            if terminal.owes:
                await trio.sleep(RETRY_S)

    async def _settle(self, terminal: TerminalSim, *, stopping: bool) -> None:
        name = _name(terminal)
        wanted = self.control.settlements
        if stopping and self.options.settle_at_end:
            wanted = max(wanted, 1)
        deadline = trio.current_time() + self.options.drain_s
        while self._settled[name] < wanted:
            try:
                done = await settle_left(terminal) and await settle(terminal)
            except NotSignedInError:
                done = False
                if not terminal.session.begun or trio.current_time() >= deadline:
                    return
            if done:
                self._settled[name] += 1
            else:
                await trio.sleep(RETRY_S)


def _name(terminal: TerminalSim) -> str:
    return f"{terminal.identity.mid}/{terminal.identity.tid}"
