"""The simulated clerk dies wherever it likes; the day's files come out whole and the same."""

import trio
from trio.testing import MockClock

from pointsman.sim.world.campaign import plan_of
from pointsman.sim.world.chance import Chance, Faults
from pointsman.sim.world.clerk import DIES
from pointsman.sim.world.world import DAY, Options, World
from pointsman.store import memory_days


async def test_a_day_is_closed_however_often_its_clerk_dies(autojump_clock: MockClock) -> None:
    world = World(plan_of(3, 1.0), Options())
    world.clerk.faults = Faults(Chance(5), {DIES: 0.05})
    memory_days.open_first(world.db, DAY)
    async with trio.open_nursery() as nursery:
        await nursery.start(world.server.run)
        for _ in range(2):
            await world.clerk.close_day()
        await world.clerk.write_again()
        nursery.cancel_scope.cancel()
    world.clerk.clean()
    assert world.clerk.deaths > 0
    assert world.witness.violations == []
    assert list(world.db.days.values()).count("closed") >= 1
    assert set(world.clerk.files) == {day.isoformat() for day in world.db.files}
    assert all("manifest.json" in files for files in world.clerk.files.values())
