"""The embedded database is watched, started again with pauses and stopped last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio
from trio.testing import MockClock

from pointsman.switch.database_child import DatabaseChild
from pointsman.switch.status import ProcessState


class Server:
    """A server that lives and dies as the test says."""

    def __init__(self) -> None:
        self.launches = 0
        self.stops = 0
        self.living = True
        self.ready = True
        self.startable = True

    @property
    def pid(self) -> int | None:
        return 4711

    def launch(self) -> None:
        self.launches += 1
        if not self.startable:
            raise OSError(12, "no memory")
        self.living = True

    def is_ready(self) -> bool:
        return self.ready

    def alive(self) -> bool:
        return self.living

    def stop(self) -> None:
        self.stops += 1
        self.living = False


@asynccontextmanager
async def watched(server: Server) -> AsyncIterator[tuple[DatabaseChild, list[ProcessState]]]:
    states: list[ProcessState] = []
    child = DatabaseChild(server, on_change=lambda child: states.append(child.state))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(child.run)
        yield child, states
        await child.stop(5)
    assert server.stops == 1


async def test_dead_server_is_launched_again_and_serves_when_it_has_recovered(
    autojump_clock: MockClock,
) -> None:
    server = Server()
    async with watched(server) as (child, states):
        await trio.sleep(1)
        server.living = server.ready = False
        await trio.sleep(1)
        assert server.launches == 1
        assert child.state is ProcessState.STARTING
        server.ready = True
        await trio.sleep(1)
        assert child.status().starts == 2
    assert states == [
        ProcessState.READY,
        ProcessState.WAITING,
        ProcessState.STARTING,
        ProcessState.READY,
        ProcessState.STOPPING,
        ProcessState.STOPPED,
    ]


async def test_server_that_does_not_start_is_tried_less_and_less_often(
    autojump_clock: MockClock,
) -> None:
    server = Server()
    async with watched(server) as (child, _):
        server.living = server.startable = False
        await trio.sleep(60)
        # 0.2 0.4 0.8 1.6 3.2 and then each 5 s: 5 + (60 - 6.2) / 5
        assert server.launches in range(14, 17)
        assert child.status().pid is None


async def test_server_is_not_started_again_once_the_house_stops(
    autojump_clock: MockClock,
) -> None:
    server = Server()
    async with watched(server) as (child, _):
        server.living = False
        await trio.sleep(0.05)
        child.kill()
    assert server.launches == 0
