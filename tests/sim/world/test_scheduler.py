"""The order of tasks comes from the seed and from nothing else."""

import trio

from pointsman.sim.world import scheduler
from pointsman.switch import owed


async def _order() -> list[int]:
    found: list[int] = []

    async def one(number: int) -> None:
        for _ in range(5):
            await trio.lowlevel.checkpoint()
            found.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(6):
            nursery.start_soon(one, number)
    return found


def test_a_seed_is_an_order_and_another_seed_another() -> None:
    first = scheduler.run_by_seed(_order, "7")
    assert scheduler.run_by_seed(_order, "7") == first
    assert scheduler.run_by_seed(_order, "8") != first


def test_a_run_leaves_clocks_and_ticks_as_they_were() -> None:
    before = owed.POLL_S

    async def hours() -> float:
        await trio.sleep(36_000)
        return owed.POLL_S

    assert scheduler.run_by_seed(hours, "1") >= before
    assert before == owed.POLL_S
