"""What a simulated terminal keeps over its power cuts, and its line into the simulated network.

A shell: the ledger that survives, and the session that does not, in the place of the simulators'
own over TCP (sim/terminal_session.py). What a terminal does is terminals.py.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from pointsman.sim.ledger import Ledger
from pointsman.sim.terminal_link import Answered, Line, NoLineError
from pointsman.sim.terminal_options import Connect
from pointsman.sim.terminal_rows import TERMINAL_ROWS, TerminalRow
from pointsman.sim.terminal_session import RECONNECT_S, RETRY_S, Session
from pointsman.sim.world.network import End
from pointsman.sim.world.process import Process

Dial = Callable[[Process], Awaitable[End]]
OnRow = Callable[[TerminalRow], None]


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
