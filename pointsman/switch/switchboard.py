"""The parts of one switch joined: links, numbers, lookups, conductor, errands, reception.

Given store, HSM and clock, it serves frames; it knows no process, signal or listening socket, so
that a simulator joins the same parts as a worker (worker.py). Tasks run while `run` does.
"""

from collections.abc import Awaitable, Callable

import trio

from pointsman import log
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import Metrics
from pointsman.store.parties import Directory
from pointsman.store.verbs import Journal, Records, StoreUnavailableError
from pointsman.switch.conductor import Conductor
from pointsman.switch.dialler import Dial
from pointsman.switch.errands import Errands
from pointsman.switch.linkset import LinkSet
from pointsman.switch.lookups import Lookups
from pointsman.switch.niidesk import NiiDesk
from pointsman.switch.numbers import rrn_lease
from pointsman.switch.ports import Asker
from pointsman.switch.reception import Reception
from pointsman.switch.refunddesk import RefundDesk
from pointsman.switch.refusals import Refusals
from pointsman.switch.responses import Moment
from pointsman.switch.sessionlease import SessionLease
from pointsman.switch.siteview import SiteView
from pointsman.switch.wire import dial as dial_tcp

SITE_POLL_S = 1.0
SWEEP_S = 0.5
OVERDUE_S = 5.0  # how often rows past every deadline are looked for
OVERDUE_MARGIN_S = 15.0  # over the switch timer: whoever still waits for them has given up
DRAIN_POLL_S = 0.05
LINKS_STOP_S = 3.0
UNREAD = -1  # a version that no site has


class Switchboard:
    """One worker's switch; `number` is also the number of its sessions with the acquirers."""

    def __init__(
        self,
        number: int,
        incarnation: int,
        *,
        config: Config,
        effects: Effects,
        metrics: Metrics,
        records: Records,
        journal: Journal,
        hsm: HsmClient,
        dial: Dial = dial_tcp,
    ) -> None:
        self._timers = config.timers
        self._metrics = metrics
        self._now = effects.now
        self._records = records
        self._rrns = rrn_lease(records, effects)
        self._lease = SessionLease(number, incarnation, records, kick=self._kick)
        self._links = LinkSet(
            number,
            self._lease,
            records=records,
            hsm=hsm,
            effects=effects,
            timers=config.timers,
            metrics=metrics,
            moment=self._moment,
            dial=dial,
        )
        self._site = SiteView(
            effects,
            links=self._links.ways,
            stans=self._links.stans,
            rrns=self._rrns,
            dates=self._links.dates,
        )
        self._lookups = Lookups(records)
        refusals = Refusals(self._site, metrics)
        self._conductor = Conductor(
            config=config,
            clock=trio.current_time,
            metrics=metrics,
            session=number,
            incarnation=incarnation,
            site=self._site,
            hsm=hsm,
            journal=journal,
            lookups=self._lookups,
            refusals=refusals,
        )
        self._errands = Errands(
            self._site,
            refusals,
            records=records,
            hsm=hsm,
            metrics=metrics,
            timers=config.timers,
            kick=self._links.kick,
            keeper_of=self._links.keeper_of,
        )
        self.refunds = RefundDesk(
            site=self._site,
            records=records,
            hsm=hsm,
            payments=self._conductor,
            timers=config.timers,
        )
        self._nii = NiiDesk(self._site, refusals, records=records, hsm=hsm, timers=config.timers)
        self._reception = Reception(
            site=self._site,
            clock=trio.current_time,
            lookups=self._lookups,
            refusals=refusals,
            payments=self._conductor,
            errands=self._errands,
            nii=self._nii,
            metrics=metrics,
        )

    @property
    def lease_lost(self) -> trio.Event:
        """Set when another worker has our session: nothing of ours counts any more."""
        return self._lease.lost

    def on_frame(self, connection: Asker, frame: bytes) -> None:
        """Take one frame of a terminal."""
        self._reception.on_frame(connection, frame)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep everything going until cancelled.

        Started when our session is ours and the site has been read.
        """
        async with trio.open_nursery() as nursery:
            await nursery.start(self._lease.run)
            tasks: list[Callable[[], Awaitable[None]]] = [
                self._lookups.run,
                self._rrns.run,
                self._errands.run,
                self._nii.run,
                self._links.run,
                self._sweep,
                self._seek_overdue,
            ]
            for task in tasks:
                nursery.start_soon(task)
            await nursery.start(self._follow_site)
            task_status.started()

    def _moment(self) -> Moment:
        return self._site.moment()

    def _kick(self) -> None:
        self._links.kick()

    async def drain(self) -> None:
        """Refuse what is new, answer what is in flight, sign the links off."""
        self._reception.draining = self.refunds.draining = True
        with trio.move_on_after(self._timers.switch_s):
            while self._conductor.under_way or self._errands.busy:  # noqa: ASYNC110 (two owners)
                await trio.sleep(DRAIN_POLL_S)
        with trio.move_on_after(LINKS_STOP_S):
            await self._links.stop()

    async def _follow_site(
        self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Take over each new version of the site within a second; started with the first."""
        started = False
        version = UNREAD
        while True:
            directory: Directory | None = None
            try:
                directory = await self._records.directory(version)
            except StoreUnavailableError:
                log.get().warning("site_not_read", reason="store unavailable")
            if directory is not None:
                version = directory.version
                self._site.update(directory)
                self._links.update(directory)
                self._metrics.config_last_reload_timestamp.set(self._now().timestamp())
            if not started and directory is not None:
                started = True
                task_status.started()
            await trio.sleep(SITE_POLL_S)

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(SWEEP_S)
            self._conductor.sweep(trio.current_time())

    async def _seek_overdue(self) -> None:
        """Put rows in doubt that are past every deadline, as recovery does (switch-rules 4)."""
        older_than_s = self._timers.switch_s + OVERDUE_MARGIN_S
        while True:
            await trio.sleep(OVERDUE_S)
            try:
                count = await self._records.overdue(older_than_s)
            except StoreUnavailableError:
                continue
            if count:
                self._metrics.recovery_actions.labels("reversal", "done").inc(count)
                log.get().warning("overdue_in_doubt", count=count)
                self._links.kick()
