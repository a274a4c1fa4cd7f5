"""The console's gauges of the whole platform: terminals, batches, decisions, figures that are late.

A task of the console's process, set every minute whoever looks. The families are in counters.py,
alerts on them in ops/prometheus/rules.yml.
"""

import math
from typing import Final

import trio

from pointsman import log
from pointsman.console.gate import NOBODY, Ask
from pointsman.console.office import Office
from pointsman.console.rights import Reach
from pointsman.console.signing import Origin
from pointsman.store import console_gauges
from pointsman.store.console_figures import Figures
from pointsman.store.verbs import StoreUnavailableError

LOOK_S: Final = 60.0
TERMINAL_STATES: Final = ("online", "idle", "offline", "suspended", "inventory")


class Gauging:
    """Sets the gauges; remembers since when figures are late."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._late_since = math.inf

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.look()
            except StoreUnavailableError:
                log.get().warning("gauges_wait")
            await trio.sleep(LOOK_S)

    async def look(self) -> None:
        """Set each gauge once."""
        office, metrics = self._office, self._office.metrics
        await self._look_for_late_figures()
        for state in TERMINAL_STATES:
            ask = Ask(NOBODY, Reach(None), {"state": state}, Origin("", ""))
            count = await office.reading.terminals_count(ask)
            metrics.terminals.labels(state).set(count)
        for state, count in (await console_gauges.batches(office.pool)).items():
            metrics.batches.labels(state).set(count)
        waiting = await console_gauges.approvals(office.pool)
        for kind in office.approving.kinds:
            metrics.approvals.labels(kind).set(waiting.count(kind))
        metrics.approvals_age.set(waiting.oldest_s)

    async def _look_for_late_figures(self) -> None:
        """Say for how long a closed day has been without its figures; 0 where all have theirs."""
        figures, now_s = Figures(self._office.pool), trio.current_time()
        _, first, closed, _ = await figures.days()
        late = first is not None and closed is not None and await figures.unfigured(first, closed)
        self._late_since = min(self._late_since, now_s) if late else math.inf
        lag_s = now_s - self._late_since if late else 0.0
        self._office.metrics.projection_lag.labels("day_figures").set(lag_s)
