"""One block: a fresh house under load, faults for some seconds, then rest and audit.

A shell that puts the parts together: house and simulators, a proxy on each leg, where the theme
wants it a small disk or a wall clock that can be moved. Faults are strikes.py, the end closing.py.
"""

import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from pointsman.sim.demo_processes import Event, ProgramFailedError, processes_with
from pointsman.sim.demo_texts import ABROAD
from pointsman.sim.demo_world import Plan, world
from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import ADVANCES, ALL_TYPES, NII, WALLETS
from pointsman.sim.terminal_options import TEST_PIK
from pointsman.store.server import EmbeddedPostgres
from pointsman.switch import spawn
from tests.faults.checks import ABROAD_TIDS
from tests.faults.closing import Closing
from tests.faults.draw import Drawer, Theme
from tests.faults.houses import Standby, database_of_both, over, second
from tests.faults.network_faults import set_clock, with_clock
from tests.faults.proxy import Proxy
from tests.faults.report import BlockReport
from tests.faults.scene import Scene
from tests.faults.strikes import Striker

CALM_S: Final = 2.0
RATE: Final = 20.0
WORKERS: Final = 3
DISK_SIZE: Final = "300m"
FRAMINGS: Final = {"terminals": "tpdu-header", ABROAD: "tpdu", "alpha": "ascii4", "beta": "len2"}
HARD: Final = {Flow.VOID: 5, Flow.REVERSAL: 4, Flow.REPEAT: 6, Flow.RACE: 5} | {
    Flow(name): 2 for name in ("silent", "delayed", "late", "twice", "dropped")
}
FLOWS: Final = {**ALL_TYPES, **WALLETS, **ADVANCES, **HARD}
"""What terminals do: every type, many copies, and amounts at which an acquirer fails."""
FLOWS_ABROAD: Final = {**NII, **ADVANCES, **HARD}
_KEYS: Final = f'pik = "{TEST_PIK.hex()}"\nmak = "40026EB9BF15941A"\n'  # the second is not used
TERMINALS_ABROAD: Final = "".join(
    f'\n[merchants.898100053310001.terminals.{tid}]\nformat = "nii-bcd"\n{_KEYS}'
    for tid in ABROAD_TIDS
)


@dataclass(slots=True)
class Block:
    """One run; ``say`` tells a person what is being done."""

    theme: Theme
    seed: int
    seconds: float
    say: Callable[[str], None]
    keep: bool = False
    report: BlockReport = field(init=False)
    _where: Path = field(init=False)
    _database: str = ""  # of both houses, where there are two

    def __post_init__(self) -> None:
        self._where = Path(tempfile.mkdtemp(prefix="pointsman-faults-"))
        self.report = BlockReport.empty(self.seed, self.theme.value, self.seconds)

    @property
    def _clock(self) -> Path:
        return self._where / "clock"

    async def run(self) -> BlockReport:
        """Run all of it; what was found stands in the report."""
        try:
            async with _disk(self._where, wanted=self.theme is Theme.DISK) as disk:
                if self.theme is Theme.HOUSES:
                    cluster = self._where / "postgres"
                    async with database_of_both(cluster, self._where / "data") as self._database:
                        await self._run(disk)
                else:
                    await self._run(disk)
        except* ProgramFailedError as group:
            first: BaseException = group
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            self.report.failure = str(first)
        self.report.violated("left_running", len(processes_with(str(self._where))))
        if self.report.violations or self.report.failure or self.keep:
            self.report.data = str(self._where)
        else:
            shutil.rmtree(self._where, ignore_errors=True)
        return self.report

    async def _run(self, disk: Path) -> None:
        chance = random.Random(self.seed)
        proxies = {name: Proxy(kind, self.seed) for name, kind in FRAMINGS.items()}

        def detour(name: str, port: int) -> int:
            proxies[name].target = port
            return proxies[name].port

        # Of two houses on one machine, only one could have a port of which the number is set.
        nii_port = 0 if self.theme is Theme.HOUSES else _free_port()
        plan = Plan(
            data=self._where / "data", seed=self.seed, free_ports=True, host_s=2.0, switch_s=4.0,
            terminal_s=6.0, retry_s=1.0, request_life_s=3.0, rate=RATE, lanes=2, workers=WORKERS,
            detour=detour, nii_port=nii_port, more=TERMINALS_ABROAD if nii_port else "",
        )  # fmt: skip
        scenes: list[Scene] = []

        def heard(_name: str, event: Event) -> None:
            for scene in scenes:
                scene.heard(event)

        async with trio.open_nursery() as nursery:
            for proxy in proxies.values():
                nursery.start_soon(proxy.run)
            async with world(plan, self._start_house, heard) as made:
                scene = Scene(made, chance, proxies)
                scenes.append(scene)
                for name, program in made.terminals.items():
                    program.say(f"flows {_words(FLOWS_ABROAD if name == ABROAD else FLOWS)}")
                await trio.sleep(CALM_S)
                async with self._standby() as standby:
                    drawer = Drawer(self.theme, chance, disk, self._clock, standby)
                    await Striker(scene, drawer, self.report, self.say).run(self.seconds)
                    await Closing(scene, self.report, self.say).run()
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def _standby(self) -> AsyncIterator[Standby | None]:
        """Start the second house, where there is one, and stop whichever stands by at the end."""
        if not self._database:
            yield None
            return
        where = self._where
        number = random.Random(self.seed).choice((0, WORKERS))
        self.say("the second house " + ("serves beside" if number else "stands by"))
        made = second(
            where / "data", where / "second", where / "postgres", self._start_house, number
        )
        try:
            await made.port()
            yield made
        finally:
            with trio.CancelScope(shield=True):
                await made.stop()

    def _start_house(self, argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        if self.theme is Theme.CLOCK:
            self._where.chmod(0o711)  # PostgreSQL, another user, maps the file as well
            set_clock(self._clock, 0)
            self._clock.chmod(0o644)
            argv = [*with_clock(self._clock), *argv]
        if self._database:
            argv = [*over(self._database), *argv]
        with log.open("ab") as output:
            return spawn.start(argv, (), output, signal.SIGTERM)


def _words(flows: Mapping[Flow, int]) -> str:
    return ",".join(f"{flow}:{weight}" for flow, weight in flows.items())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def _disk(where: Path, *, wanted: bool) -> AsyncIterator[Path]:
    """Put the cluster on a small file system of its own where that is wanted: root only."""
    disk = where / "disk"
    if not wanted:
        yield disk
        return
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE},mode=0755", "tmpfs", str(disk)]
    await trio.run_process(mount)
    try:
        (where / "data").mkdir()
        EmbeddedPostgres(disk / "postgres").prepare()
        (where / "data" / "postgres").symlink_to(disk / "postgres")
        yield disk
    finally:
        with trio.CancelScope(shield=True):
            await trio.run_process(["umount", "--lazy", str(disk)], check=False)
