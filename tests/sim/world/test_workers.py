"""A worker of a run: it dies and lives again, each time as another incarnation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from trio.testing import MockClock

from pointsman.handover import ABSENT, RefundOrder
from pointsman.sim.world.scene import Options
from pointsman.sim.world.workers import SimWorker
from pointsman.sim.world.world import DAY, World
from pointsman.store import memory_days
from tests.sim.world.worlds import calm

NOTHING = RefundOrder(b"\x01" * 16, "898100053310001", "000001", "000001", 100, "156")


@asynccontextmanager
async def worker() -> AsyncIterator[tuple[World, SimWorker]]:
    """One worker over its seams, and nobody else."""
    world = World(calm(2, 1.0), Options())
    memory_days.open_first(world.db, DAY)
    async with trio.open_nursery() as nursery:
        await nursery.start(world.server.run)
        await nursery.start(world.hsm.run)
        for acquirer in world.acquirers:
            await nursery.start(acquirer.run)
        nursery.start_soon(world.workers[0].run)
        yield world, world.workers[0]
        nursery.cancel_scope.cancel()
    world.clerk.clean()


async def ready(one: SimWorker) -> None:
    while not one.is_serving:  # noqa: ASYNC110  # seen from outside
        await trio.sleep(0.1)


async def test_it_serves_dies_and_serves_again_as_another(autojump_clock: MockClock) -> None:
    async with worker() as (world, one):
        await ready(one)
        first = one.process
        assert list(world.db.incarnations) == [1]
        world.kill(first, "test")
        assert not one.is_serving
        await trio.sleep(one.downtime_s + 1)
        await ready(one)
        assert one.process is not first
        assert not first.alive
        assert (one.lives, world.crashes) == (2, 1)
        assert list(world.db.incarnations) == [1, 2]
        assert world.witness.back_s > 0, "how long it was away"


async def test_it_does_not_begin_while_the_database_is_away(autojump_clock: MockClock) -> None:
    async with worker() as (world, one):
        world.server.up = False
        await trio.sleep(30)
        assert not one.is_serving
        world.server.up = True
        await ready(one)


async def test_an_order_of_the_back_office_is_taken_only_while_it_serves(
    autojump_clock: MockClock,
) -> None:
    async with worker() as (world, one):
        assert await one.refund(NOTHING) is None, "not yet"
        await ready(one)
        assert await one.refund(NOTHING) == "25", "no such payment"
        world.hsm.down_until = trio.current_time() + 600
        world.server.up = False
        assert await one.refund(NOTHING) in {"96", ABSENT}
        world.kill(one.process, "test")
        assert await one.refund(NOTHING) is None
