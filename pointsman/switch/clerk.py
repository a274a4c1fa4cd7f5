"""The clerk: what the house does by the clock, beside all sales.

A shell of jobs, each repeated at its pace and counted: close the business day at the site's cut-off
and terminals' batches after it, look after what is owed, count what is open, anchor the journal's
chains, keep the HSM's heads and show when keys end (hsmwatch.py). When a day is due is decided in
settlement/end_of_day.py, what is an alarm in alarms.py. What fails is tried at its next turn.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import trio

from pointsman import log
from pointsman.effects import Effects
from pointsman.hsm.commands import HsmUnavailable
from pointsman.metrics import ClerkMetrics
from pointsman.settlement import end_of_day
from pointsman.settlement.closing import FilesDifferError, NoSuchDayError, force_batches, settle
from pointsman.settlement.totals import ImbalanceError
from pointsman.store.day import FORCED, Census, Days, OwedAge, Watch
from pointsman.store.leases import LeaseLostError
from pointsman.store.parties import BatchState, Directory
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.alarms import Alarms
from pointsman.switch.clockwatch import LATE_MAX, ClockWatch
from pointsman.switch.hsmwatch import HsmWatch
from pointsman.switch.upkeep import FOLD_S, PREPARE_S, PURGE_S, JournalUpkeep

END_OF_DAY_S = 5.0
OWED_S = 5.0
CENSUS_S = 10.0
ANCHOR_S = 60.0
"""A chain that was rewritten is found where it differs from an anchor: at most this old."""
HSM_HEADS_S = 60.0
KEY_ENDS_S = 60.0


_AWAY = (StoreUnavailableError, HsmUnavailable, LeaseLostError, OSError, NoSuchDayError)


class Sites(Protocol):
    """Where the site is read; verbs.Records and parties_sql.SiteSql are such."""

    async def directory(self, known_version: int) -> Directory | None:
        """Return the site, or None when `known_version` is still the newest."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every `interval_s`, counted under `name`."""

    name: str
    interval_s: float
    run: Callable[[], Awaitable[None]]


class Clerk:
    """The jobs of one house, over the verbs of its store; `wait_s` as in closing.settle.

    `closing` gives the days to one closer at a time, and None where that is another house's.
    """

    def __init__(
        self,
        *,
        days: Days,
        closing: Callable[[], AbstractAsyncContextManager[Days | None]],
        watch: Watch,
        census: Census,
        sites: Sites,
        files: Path,
        effects: Effects,
        metrics: ClerkMetrics,
        wait_s: float,
        clock: ClockWatch | None = None,
        hsm: HsmWatch | None = None,
        upkeep: JournalUpkeep | None = None,
    ) -> None:
        self._days = days
        self._closing = closing
        self._watch = watch
        self._census = census
        self._sites = sites
        self._files = files
        self._effects = effects
        self._metrics = metrics
        self._wait_s = wait_s
        self._clock = clock or ClockWatch()
        self._site = Directory(version=-1, cutoff=time(0, 0))
        self._alarms = Alarms()
        self._owed: set[tuple[str, str]] = set()
        self.jobs: tuple[Job, ...] = (
            Job("end_of_day", END_OF_DAY_S, self.end_of_day),
            Job("batches", CENSUS_S, lambda: force_batches(self._days)),
            Job("owed", OWED_S, self.look_at_owed),
            Job("census", CENSUS_S, self.count),
            Job("anchor", ANCHOR_S, self.anchor),
        )
        if hsm is not None:
            self.jobs += (
                Job("hsm_heads", HSM_HEADS_S, hsm.keep_heads),
                Job("key_ends", KEY_ENDS_S, lambda: hsm.show_ends(self._site)),
            )
        if upkeep is not None:
            self.jobs += (
                Job("prepare_days", PREPARE_S, upkeep.prepare),
                Job("purge_keys", PURGE_S, upkeep.purge),
                Job("fold_limits", FOLD_S, upkeep.fold),
            )

    async def run(self, signals: AsyncIterator[int]) -> None:
        """Do the jobs until a signal comes; a file that is being written is finished."""
        async with trio.open_nursery() as nursery:
            for job in self.jobs:
                nursery.start_soon(self.repeat, job)
            async for number in signals:
                log.get().info("clerk_stops", signal=number)
                break
            nursery.cancel_scope.cancel()

    async def repeat(self, job: Job) -> None:
        """Do one job again and again; what the world does wrong is counted and told."""
        self._metrics.job_interval.labels(job.name).set(job.interval_s)
        while True:
            began = trio.current_time()
            try:
                await job.run()
            except _AWAY as error:
                result = "failed"
                log.get().warning("job_failed", name=job.name, error=type(error).__name__)
            except (FilesDifferError, ImbalanceError) as error:
                result = "wrong"
                log.get().error("job_wrong", name=job.name, error=type(error).__name__)
            else:
                result = "done"
                moment = self._effects.now().timestamp()
                self._metrics.job_last_success_timestamp.labels(job.name).set(moment)
            self._metrics.jobs.labels(job.name, result).inc()
            self._metrics.job_duration.labels(job.name).observe(trio.current_time() - began)
            await trio.sleep(job.interval_s)

    async def end_of_day(self) -> None:
        """Finish a close that was begun, and close the open day when its end has come.

        Else write the files of a day whose clerk died between its closing and its files.
        """
        await self._read_site()
        try:
            open_day = await self._days.open_day()
        except LookupError:
            return  # no site was imported yet
        now = self._believed()
        cutoff, zone = self._site.cutoff, ZoneInfo(self._site.zone)
        begun = await self._days.closing_days()
        due = self._clock.is_steady and end_of_day.is_due(open_day, now, cutoff, zone)
        if due and not begun and now - end_of_day.ends_at(open_day, cutoff, zone) > LATE_MAX:
            log.get().error("day_not_closed", date=open_day.isoformat(), reason="ended long ago")
            due = False
        if not begun and not due:
            begun = await self._days.unwritten_days()
            if not begun:
                return
        async with self._closing() as days:
            if days is None:
                log.get().info("day_left", date=open_day.isoformat(), reason="another closes it")
                return
            settled = await settle(
                days,
                self._files,
                asked=begun[0] if begun else open_day,
                now=now,
                cutoff=cutoff,
                zone=zone,
                wait_s=self._wait_s,
            )
        for name in self._site.acquirers:
            moment = self._effects.now().timestamp()
            self._metrics.settlement_last_success_timestamp.labels(name).set(moment)
        log.get().info(
            "day_settled",
            date=settled.day.isoformat(),
            records=settled.lines,
            count=settled.open_items,
            directory=str(settled.directory),
        )

    def _believed(self) -> datetime:
        """Return the time that may end a day: a wall clock that jumped may not (P23)."""
        jumped = self._clock.look(self._effects.now().timestamp(), trio.current_time())
        self._metrics.clock_offset.set(self._clock.offset_s)
        if jumped:
            log.get().error("clock_jumped", seconds=int(jumped))
        return datetime.fromtimestamp(self._clock.believed, UTC)

    async def look_at_owed(self) -> None:
        """Show depth and age of what is owed, and raise alarms over what is old or parked."""
        ages = await self._watch.owed_ages()
        gone = self._owed - {(age.acquirer, age.kind) for age in ages}
        for acquirer, kind in gone:
            self._show_owed(OwedAge(acquirer, kind, 0, 0, 0.0))
        for age in ages:
            self._show_owed(age)
        self._owed = {(age.acquirer, age.kind) for age in ages}
        for alarm in self._alarms.to_say(ages, trio.current_time()):
            log.get().error(
                "owed_alarm",
                acquirer=alarm.acquirer,
                kind=alarm.kind,
                reason=alarm.cause.value,
                count=alarm.count,
                age_s=int(alarm.oldest_age_s),
            )

    def _show_owed(self, age: OwedAge) -> None:
        labels = (age.acquirer, age.kind)
        self._metrics.saf_depth.labels(*labels).set(age.depth)
        self._metrics.saf_oldest_age.labels(*labels).set(age.oldest_age_s)
        self._metrics.saf_parked.labels(*labels).set(age.parked)

    async def count(self) -> None:
        """Show how many outcomes are unknown, and how the terminal batches stand."""
        unknown = await self._census.unknown_outcomes()
        for acquirer in {*self._site.acquirers, *unknown}:
            gauge = self._metrics.unknown_outcome_transactions.labels(acquirer)
            gauge.set(unknown.get(acquirer, 0))
        batches = await self._census.batch_states()
        for state in (*BatchState, FORCED):
            self._metrics.batches.labels(state).set(batches.get(state, 0))

    async def anchor(self) -> None:
        """Store the heads of the journal's chains."""
        moved = await self._watch.anchor_heads()
        if moved:
            log.get().info("heads_anchored", count=moved)

    async def _read_site(self) -> None:
        found = await self._sites.directory(self._site.version)
        if found is not None:
            self._site = found
            for name in found.acquirers:
                self._metrics.add_acquirer(name)
