"""Getting a connection to a peer, again and again: attempts, back-off, and stopping at any moment.

A shell. What is said on the connection is acquirers.py, the connection itself is wire.py.
"""

from collections.abc import Awaitable, Callable
from typing import Final

import trio

from pointsman import log
from pointsman.config import Timers
from pointsman.effects import Effects
from pointsman.store.parties import Acquirer
from pointsman.switch.reversals import delay_s
from pointsman.switch.wire import Wire

CONNECT_S: Final = 10.0

Dial = Callable[[str, int], Awaitable[Wire]]


class Dialler:
    """Dials one acquirer until `stopping` is set; `link` is its name in the log."""

    def __init__(
        self,
        link: str,
        acquirer: Acquirer,
        dial: Dial,
        effects: Effects,
        timers: Timers,
        *,
        stopping: trio.Event,
    ) -> None:
        self._link = link
        self._acquirer = acquirer
        self._dial = dial
        self._effects = effects
        self._timers = timers
        self._stopping = stopping
        self._failures = 0

    def went_well(self) -> None:
        """Note that the connection was of use: the next wait is the shortest."""
        self._failures = 0

    async def connect(self) -> Wire | None:
        """Try once; None when it failed or when we stop meanwhile."""
        wire = None
        self._failures += 1
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._cancel_when_stopping, nursery.cancel_scope)
            try:
                with trio.move_on_after(CONNECT_S):
                    wire = await self._dial(self._acquirer.host, self._acquirer.port)
            except OSError as error:
                reason = type(error.__cause__ or error).__name__
                log.get().warning("link_not_connected", link=self._link, reason=reason)
            nursery.cancel_scope.cancel()
        return wire

    async def pause(self) -> None:
        """Wait before the next attempt: 1 s, 2 s ... 60 s, a little more or less by chance."""
        wait_s = delay_s(
            max(self._failures, 1),
            base_s=self._timers.connect_retry_s,
            max_s=self._timers.connect_retry_max_s,
            fraction=self._effects.random_bytes(1)[0] / 255,
        )
        with trio.move_on_after(wait_s):
            await self._stopping.wait()

    async def _cancel_when_stopping(self, scope: trio.CancelScope) -> None:
        await self._stopping.wait()
        scope.cancel()
