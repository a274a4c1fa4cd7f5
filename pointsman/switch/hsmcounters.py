"""The HSM has no network: the supervisor asks it for its counters and exports them.

A shell with one task. The counters are those of the HSM process itself, all its clients together;
what one worker asked is counted by that worker. Keys and data are never asked for here.
"""

import trio

from pointsman.hsm.client import HsmClient
from pointsman.hsm.commands import AskCounters, Counters, HsmUnavailable
from pointsman.metrics import SupervisorMetrics

ASK_EVERY_S = 5.0
ASK_WITHIN_S = 2.0


class HsmCounters:
    """Follows the counters of HSM `name` through its restarts."""

    def __init__(self, name: str, metrics: SupervisorMetrics) -> None:
        self._name = name
        self._metrics = metrics
        self._seen: dict[tuple[str, str], int] = {}

    async def run(self, client: HsmClient) -> None:
        """Ask for ever; an HSM that is away is asked again next time."""
        async with trio.open_nursery() as nursery:
            await nursery.start(client.run)
            while True:
                try:
                    answer = await client.ask(AskCounters(), trio.current_time() + ASK_WITHIN_S)
                except HsmUnavailable:
                    pass  # process_up tells of it
                else:
                    if isinstance(answer, Counters):
                        self.take(answer)
                await trio.sleep(ASK_EVERY_S)

    def take(self, counters: Counters) -> None:
        """Add what was counted since the last time; a count that fell began anew at a restart."""
        for operation, result, count in counters.calls:
            before = self._seen.get((operation, result), 0)
            grown = count - before if count >= before else count
            self._metrics.hsm_served.labels(self._name, operation, result).inc(grown)
            self._seen[operation, result] = count
