"""Strikes a house with faults for some seconds: one after the other, or as a storm of kills.

A shell. Which fault comes next says draw.py; each is injected, seen and healed here, and the time
until the house is back is taken. What must hold afterwards is closing.py.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import trio

from tests.faults.draw import KILLED, Drawer, Drawn, Theme, kill
from tests.faults.report import BlockReport
from tests.faults.scene import BACK_S, NotNowError, Scene

TIMED: Final = ("kill", "death", "restart", "stop")


@dataclass(slots=True)
class Striker:
    """The faults of one block; ``say`` tells a person of each."""

    scene: Scene
    drawer: Drawer
    report: BlockReport
    say: Callable[[str], None]

    async def run(self, seconds: float) -> None:
        """Strike for so long."""
        end = trio.current_time() + seconds
        if self.drawer.theme is Theme.STORM:
            async with trio.open_nursery() as nursery:
                for name in KILLED:
                    nursery.start_soon(self._kill_on, name, end)
            return
        while trio.current_time() < end:
            drawn = self.drawer.next()
            with contextlib.suppress(NotNowError):
                await self._strike(drawn)
            await trio.sleep(self.scene.chance.uniform(0.1, 1.0))

    async def _kill_on(self, name: str, end: float) -> None:
        """Kill one process as soon as it is back, while others do so with theirs."""
        while trio.current_time() < end:
            began_at = trio.current_time()
            with contextlib.suppress(NotNowError):
                await self._strike(replace(kill(name), recovers=False))
                await self.scene.until_ready(name)
                back_s = trio.current_time() - began_at
                self.report.back_s.append(round(back_s, 2))
                self.say(f"kill -9 {name}: {back_s:.1f} s")
            await trio.sleep(self.scene.chance.uniform(0.1, 1.5))

    async def _strike(self, drawn: Drawn) -> None:
        """Inject, see, heal, and wait until the house is what it was."""
        scene = self.scene
        await drawn.fault.inject(scene)
        began_at = trio.current_time()
        seen = False
        try:
            with trio.move_on_after(drawn.patience_s), contextlib.suppress(NotNowError):
                await drawn.fault.seen(scene)
                seen = True
        finally:
            with trio.CancelScope(shield=True):
                await drawn.fault.heal(scene)
        self.report.struck(drawn.kind, seen=seen)
        if not drawn.recovers:
            return
        with trio.move_on_after(BACK_S) as patience:
            await scene.until_back()
        if patience.cancelled_caught:
            self.report.violated("not_back", 1, drawn.kind)
            return
        back_s = trio.current_time() - began_at
        with trio.move_on_after(BACK_S):
            await scene.approval()
        serving_s = trio.current_time() - began_at
        self.say(f"{drawn.kind}{'' if seen else ' (unseen)'}: {back_s:.1f} s, {serving_s:.1f} s")
        if seen and drawn.kind.startswith(TIMED):
            self.report.back_s.append(round(back_s, 2))
            self.report.serving_s.append(round(serving_s, 2))
