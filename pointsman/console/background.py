"""What the console's process does beside answering: runs, figures of closed days, the stream.

Each is a task of the process's nursery and works on while the database is away. Requests never wait
for one of these.
"""

import trio

from pointsman import log
from pointsman.console.gauging import Gauging
from pointsman.console.office import Office
from pointsman.store.console_figures import Figures
from pointsman.store.verbs import StoreUnavailableError

RUNS_LOOK_S = 15.0
DAYS_LOOK_S = 60.0
AGAIN_S = 5.0


async def run(office: Office) -> None:
    """Do all of it until cancelled."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(office.wire.run)
        nursery.start_soon(_make_runs, office)
        nursery.start_soon(_figure_days, office)
        nursery.start_soon(Gauging(office).run)


async def _make_runs(office: Office) -> None:
    """Make the runs that wait; those of a process that died are made again."""
    exports, begun = office.exports, False
    while True:
        try:
            if not begun:
                await exports.runs.again()
                begun = True
            while result := await exports.make_next():
                office.metrics.report_runs.labels(result).inc()
            await exports.runs.tidy()
        except StoreUnavailableError:
            log.get().warning("runs_wait")
            await trio.sleep(AGAIN_S)
        with trio.move_on_after(RUNS_LOOK_S):
            await exports.wanted.wait()
        exports.wanted = trio.Event()


async def _figure_days(office: Office) -> None:
    """Keep the figures of days that have closed."""
    figures = Figures(office.pool)
    while True:
        try:
            _, first, closed, _ = await figures.days()
            if first is not None and closed is not None:
                for day in await figures.unfigured(first, closed):
                    await figures.figure(day)
        except StoreUnavailableError:
            log.get().warning("figures_wait")
        await trio.sleep(DAYS_LOOK_S)
