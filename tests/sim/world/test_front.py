"""Nobody is connected to a worker that does not serve."""

import pytest
from trio.testing import MockClock

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.process import Process, SeamCount
from pointsman.sim.world.world import Options, World


async def test_who_asks_while_no_worker_serves_is_refused(autojump_clock: MockClock) -> None:
    world = World(plan_of(3, 1.0), Options())
    terminal = Process("terminal", lambda _process, _why: None, SeamCount())
    with pytest.raises(ConnectionRefusedError):
        await world.front.dial_in(terminal)
    with pytest.raises(ConnectionRefusedError):
        await world.front.dial_one(terminal, 0)
