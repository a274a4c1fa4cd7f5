"""Who is connected to whom: terminals to a worker that is ready, workers to acquirers.

A shell, in the place of the supervisor's sockets and of the dialler's. What a connection does is
network.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import trio

from pointsman.sim.world.network import End, Network
from pointsman.sim.world.process import Process
from pointsman.sim.world.workers import SimWorker
from pointsman.sim.world.workerseams import TERMINALS
from pointsman.switch.wire import Wire

HOUSE = "the house"


@dataclass(slots=True)
class Front:
    """The house's front door and its lines out."""

    network: Network
    workers: Sequence[SimWorker]
    draw: Random
    hosts: Process

    async def dial_in(self, process: Process, door: str = TERMINALS) -> End:
        """Connect a terminal to any worker that is ready, by this door (workerseams.DOORS)."""
        ready = [worker for worker in self.workers if worker.is_serving]
        if not ready:
            return await self._nobody()
        return await self._dial(process, self.draw.choice(ready), door)

    async def dial_one(self, process: Process, number: int) -> End:
        """Connect a terminal to one worker and to no other."""
        worker = self.workers[number]
        if not worker.is_serving:
            return await self._nobody()
        return await self._dial(process, worker, TERMINALS)

    async def dial_out(self, process: Process, number: int, host: str, _port: int) -> Wire:
        """Connect a worker to an acquirer."""
        return await self.network.dial(process, host, f"{host}/{number}", self.hosts)

    async def _nobody(self) -> End:
        await trio.sleep(self.network.delay_s)
        raise ConnectionRefusedError

    async def _dial(self, process: Process, worker: SimWorker, door: str) -> End:
        address = f"{HOUSE}/{worker.number}"
        self.network.listen(address, _accept_if_ready(worker, door))
        return await self.network.dial(process, address, address, worker.process)


def _accept_if_ready(worker: SimWorker, door: str) -> Callable[[End], None]:
    def accept(end: End) -> None:
        if worker.ready and end.owner is worker.process:
            worker.accept(end, door)
        else:
            end.reset()

    return accept
