"""The clerk of the simulated house: the real closing of days, on a store and a disk that may fail.

A shell, in the place of switch/clerk.py: when a day closes is the weather's word (weather.py), how
is settlement's own. The clerk's process dies at any call of the store and at any act on the disk;
its successor closes again. Files of a day never change once they were whole (P10).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from zoneinfo import ZoneInfo

import trio

from pointsman.settlement import disk, end_of_day
from pointsman.settlement.closing import FilesDifferError, NoSuchDayError, force_batches, settle
from pointsman.settlement.totals import ImbalanceError
from pointsman.sim.world.chance import Faults
from pointsman.sim.world.database import DatabasePort
from pointsman.sim.world.process import Killer, Process, SeamCount
from pointsman.sim.world.witness import Witness
from pointsman.store.day import FORCED
from pointsman.store.memory_leases import Call
from pointsman.store.memory_server import MemoryServer
from pointsman.store.memory_settlement import MemoryDays
from pointsman.store.parties import BatchState
from pointsman.store.verbs import StoreUnavailableError

T = TypeVar("T")
ZONE, CUTOFF = ZoneInfo("Asia/Shanghai"), time(0, 0)
DIES: str = "clerk crash"
TRIES_MAX = 60
RETRY_S = 1.0
WAIT_S = 3.0  # for sales without an outcome, while a day is closing
BATCHES_S = (
    10.0  # between two looks at batches that were not ended with their day (switch/clerk.py)
)
BatchName = tuple[str, str, str]
"""MID, TID, batch."""


class _DiedError(Exception):
    """The clerk's process is dead: nothing more is written."""


@dataclass(slots=True)
class SimClerk:
    """One clerk over all its lives."""

    server: MemoryServer
    faults: Faults
    kill: Killer
    witness: Witness
    timeout_s: float
    forced: Callable[[BatchName], None]
    """Hears of each batch at the moment in which it is closed by force."""
    seams: SeamCount = field(default_factory=SeamCount)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """What whole days looked like on the disk, by day and name."""
    deaths: int = 0
    _one: trio.Lock = field(default_factory=trio.Lock)
    _root: TemporaryDirectory[str] | None = None

    async def close_day(self) -> None:
        """Close what is open or begun; die on the way, and go on, until it is done."""
        async with self._one:
            await self._insist(None)

    async def end_batches(self) -> None:
        """Look again and again at batches that were not ended with their day, beside all else."""
        while True:
            await trio.sleep(BATCHES_S)
            process = Process("clerk", self.kill, self.seams)
            with process.scope, suppress(StoreUnavailableError):
                await force_batches(self._days(process))

    def overdue(self) -> list[BatchName]:
        """Return the batches that a closed day has left open."""
        return [
            name
            for name, row in self.server.db.batches.items()
            if row.overdue_since is not None and row.state is not BatchState.CLOSED
        ]

    async def write_again(self) -> None:
        """Write the files of every closed day once more: not a byte may change."""
        days = self.server.db.days
        for day in sorted(day for day, state in days.items() if state == "closed"):
            await self._insist(day)

    async def _insist(self, asked: date | None) -> None:
        for _ in range(TRIES_MAX):
            process = Process("clerk", self.kill, self.seams)
            done = False
            with process.scope:
                done = await self._once(process, asked)
            if done:
                return
            if not process.alive:
                self.deaths += 1
                self.witness.rare["the clerk died while a day was closing"] += 1
            await trio.sleep(RETRY_S)

    async def _once(self, process: Process, asked: date | None) -> bool:
        days = self._days(process)
        try:
            if asked is None:
                begun = [*await days.closing_days(), *await days.unwritten_days()]
                asked = begun[0] if begun else await days.open_day()
                if not begun:
                    self._count_cutover()
            settled = await settle(
                days,
                self._directory(),
                asked=asked,
                now=end_of_day.ends_at(asked, CUTOFF, ZONE),
                cutoff=CUTOFF,
                zone=ZONE,
                wait_s=WAIT_S,
                publish=lambda root, day, files: self._publish(process, root, day, files),
            )
        except (StoreUnavailableError, NoSuchDayError):
            return False
        except (FilesDifferError, ImbalanceError) as error:
            self.witness.violated("P10", f"{asked} cannot be written: {type(error).__name__}")
            return True
        found = {one.name: one.read_bytes() for one in sorted(settled.directory.iterdir())}
        first = self.files.setdefault(settled.day.isoformat(), found)
        if first != found:
            self.witness.violated("P10", f"the files of {settled.day} are not what they were")
        return True

    def _days(self, process: Process) -> MemoryDays:
        port = DatabasePort(self.server, process, self.timeout_s)
        return MemoryDays(self.server.db, self._dying(process, port))

    def _count_cutover(self) -> None:
        if self.witness.open_states["sending"]:
            self.witness.rare["a day ended while a payment was under way"] += 1

    def _dying(self, process: Process, port: DatabasePort) -> Call:
        async def call(verb: str, work: Callable[[], T], /) -> T:
            if self.faults.strikes(DIES):
                self.kill(process, f"before {verb}")
            heard = self._heard(work) if verb == "force_batches" else work
            result = await port.call(verb, heard)
            if self.faults.strikes(DIES):
                self.kill(process, f"after {verb}")
                await process.gone()
            return result

        return call

    def _heard(self, work: Callable[[], T]) -> Callable[[], T]:
        """Tell what a commit closes by force, at that very moment."""

        def done() -> T:
            before = self._forced_ones()
            result = work()
            for name in self._forced_ones():
                if name not in before:
                    self.forced(name)
            return result

        return done

    def _forced_ones(self) -> dict[BatchName, None]:
        batches = self.server.db.batches.items()
        return {name: None for name, row in batches if row.result == FORCED}

    async def _publish(
        self, process: Process, root: Path, day: date, files: Mapping[str, bytes]
    ) -> Path:
        def step(name: str) -> None:
            if self.faults.strikes(DIES):
                self.kill(process, name)
            if not process.alive:
                raise _DiedError

        await trio.lowlevel.checkpoint()
        try:
            return disk.publish(root, day, files, step)
        except _DiedError:
            await process.gone()
            raise AssertionError("who is gone does not come back") from None

    def _directory(self) -> Path:
        if self._root is None:
            self._root = TemporaryDirectory(prefix="simulation-")
        return Path(self._root.name)

    def clean(self) -> None:
        """Take the files away."""
        if self._root is not None:
            self._root.cleanup()
