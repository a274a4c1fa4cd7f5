"""One block: a fresh house under load, faults for some seconds, then heal, drain, settle and audit.

A shell. Faults come from draw.py, what must hold afterwards is checks.py and the audit of the
simulators; the numbers of many blocks are added up in card.py.
"""

import contextlib
import hashlib
import json
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import msgspec
import trio

from pointsman.sim.audit import audit
from pointsman.sim.demo_processes import Event, ProgramFailedError, command, processes_with
from pointsman.sim.demo_world import Plan, world
from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import HOST_ROWS, HostRow
from pointsman.sim.ledger import read_rows
from pointsman.sim.smoke_report import net_minor
from pointsman.sim.terminal_rows import TERMINAL_ROWS, Asked, TerminalRow
from pointsman.store.server import EmbeddedPostgres
from pointsman.switch import spawn
from tests.faults import checks, journal_look
from tests.faults.checks import JournalFigures
from tests.faults.draw import KILLED, Drawer, Drawn, Theme, kill
from tests.faults.network_faults import set_clock, with_clock
from tests.faults.proxy import Proxy
from tests.faults.scene import BACK_S, NotNowError, Scene

SEEN_S: Final = 25.0
DRAIN_S: Final = 90.0
SETTLE_S: Final = 60.0
LOOK_S: Final = 0.3
CALM_S: Final = 2.0
RATE: Final = 20.0
WORKERS: Final = 3
DISK_SIZE: Final = "300m"
FRAMINGS: Final = {"terminals": "tpdu-header", "alpha": "ascii4", "beta": "len2"}
FLOWS: Final = (
    "sale-swipe:10,sale-chip:10,sale-contactless:8,sale-qr:6,void:5,refund:2,refund-part:4,"
    "declined:3,reversal:4,repeat:6,race:5,silent:1,delayed:2,late:2,twice:2,dropped:1"
)


class BlockReport(msgspec.Struct, kw_only=True):
    """What one block found; ``violations`` and ``where`` are empty where all held."""

    seed: int
    theme: str
    seconds: float
    faults: dict[str, int]
    unseen: dict[str, int]
    kills: int
    back_s: list[float]  # from the fault to every process ready again
    serving_s: list[float]  # from the fault to an approval that was asked for with it
    terminal_requests: int = 0
    acquirer_requests: int = 0
    approvals: int = 0
    repeats: int = 0
    late_answers: int = 0
    reversals_by_terminals: int = 0
    reversals_at_acquirers: int = 0
    violations: dict[str, int]
    where: dict[str, list[str]]
    failure: str = ""
    data: str = ""


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
    _figures: JournalFigures | None = None
    _findings: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        self._where = Path(tempfile.mkdtemp(prefix="pointsman-faults-"))
        self.report = BlockReport(
            seed=self.seed, theme=self.theme.value, seconds=self.seconds, faults={}, unseen={},
            kills=0, back_s=[], serving_s=[], violations={}, where={},
        )  # fmt: skip

    @property
    def _data(self) -> Path:
        return self._where / "data"

    @property
    def _clock(self) -> Path:
        return self._where / "clock"

    async def run(self) -> BlockReport:
        """Run all of it; what was found stands in the report."""
        try:
            async with _disk(self._where, wanted=self.theme is Theme.DISK) as disk:
                await self._run(disk)
        except* ProgramFailedError as group:
            first: BaseException = group
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            self.report.failure = str(first)
        left = processes_with(str(self._where))
        self._violated("left_running", len(left))
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

        plan = Plan(
            data=self._data, seed=self.seed, free_ports=True, host_s=2.0, switch_s=4.0,
            terminal_s=6.0, retry_s=1.0, request_life_s=3.0, rate=RATE, lanes=2, workers=WORKERS,
            detour=detour,
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
                made.tell_terminals(f"flows {FLOWS}")
                await trio.sleep(CALM_S)
                drawer = Drawer(self.theme, chance, disk, self._clock)
                await self._strike_for(scene, drawer)
                await self._finish(scene)
            nursery.cancel_scope.cancel()

    def _start_house(self, argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        if self.theme is Theme.CLOCK:
            set_clock(self._clock, 0)
            argv = [*with_clock(self._clock), *argv]
        with log.open("ab") as output:
            return spawn.start(argv, (), output, signal.SIGTERM)

    async def _strike_for(self, scene: Scene, drawer: Drawer) -> None:
        end = trio.current_time() + self.seconds
        if self.theme is Theme.STORM:
            async with trio.open_nursery() as nursery:
                for name in KILLED:
                    nursery.start_soon(self._kill_on, scene, name, end)
            return
        while trio.current_time() < end:
            drawn = drawer.next()
            with contextlib.suppress(NotNowError):
                await self._strike(scene, drawn)
            await trio.sleep(scene.chance.uniform(0.1, 1.0))

    async def _kill_on(self, scene: Scene, name: str, end: float) -> None:
        """Kill one process as soon as it is back, while others do so with theirs."""
        while trio.current_time() < end:
            began_at = trio.current_time()
            with contextlib.suppress(NotNowError):
                await self._strike(scene, replace(kill(name), recovers=False))
                await scene.until_ready(name)
                back_s = trio.current_time() - began_at
                self.report.back_s.append(round(back_s, 2))
                self.say(f"kill -9 {name}: {back_s:.1f} s")
            await trio.sleep(scene.chance.uniform(0.1, 1.5))

    async def _strike(self, scene: Scene, drawn: Drawn) -> None:
        """Inject, see, heal, and wait until the house is what it was."""
        await drawn.fault.inject(scene)
        began_at = trio.current_time()
        seen = False
        try:
            with trio.move_on_after(SEEN_S), contextlib.suppress(NotNowError):
                await drawn.fault.seen(scene)
                seen = True
        finally:
            with trio.CancelScope(shield=True):
                await drawn.fault.heal(scene)
        counts = self.report.faults if seen else self.report.unseen
        counts[drawn.kind] = counts.get(drawn.kind, 0) + 1
        if not drawn.recovers:
            return
        back = False
        with trio.move_on_after(BACK_S):
            await scene.until_back()
            back = True
        if not back:
            self._violated("not_back", 1, drawn.kind)
            return
        back_s = trio.current_time() - began_at
        with trio.move_on_after(BACK_S):
            await scene.approval()
        serving_s = trio.current_time() - began_at
        self.say(f"{drawn.kind}{'' if seen else ' (unseen)'}: {back_s:.1f} s, {serving_s:.1f} s")
        if seen and drawn.kind.startswith(("kill", "death", "restart", "stop")):
            self.report.back_s.append(round(back_s, 2))
            self.report.serving_s.append(round(serving_s, 2))

    async def _finish(self, scene: Scene) -> None:
        for proxy in scene.proxies.values():
            proxy.heal()
        with trio.move_on_after(BACK_S):
            await scene.until_back()
        self.say("draining")
        made = scene.world
        made.tell_terminals("pause")
        drained = False
        with trio.move_on_after(DRAIN_S):
            while not drained:
                await trio.sleep(LOOK_S)
                summaries = await made.summaries()
                with contextlib.suppress(Exception):  # the database may be away: look again
                    waiting, parked = await made.look.owed()
                    drained = not waiting and not sum(_open(found) for found in summaries)
                    self.report.unseen.pop("parked", None)
                    if parked:
                        self.report.unseen["parked"] = parked
        self._violated("not_drained", int(not drained))
        made.tell_terminals("settle")
        with trio.move_on_after(SETTLE_S):
            while True:
                await trio.sleep(LOOK_S)
                if not any(summary["unsettled"] for summary in await made.summaries()):
                    break
        self.say("closing the business day, twice")
        journal = await made.look.journal()
        self._figures = await journal_look.look(scene)
        # The clerk may have closed the day before: what counts is on the day that is open now.
        ((day,),) = await scene.ask("select business_date from business_days where state = 'open'")
        where = ("--data", str(self._data), "--config", str(self._data / "settings.toml"))
        await command("settle", "--date", day.isoformat(), *where)
        before = _digests(self._data / "files")
        await command("settle", "--date", day.isoformat(), *where)
        self._violated("settled_differently", int(before != _digests(self._data / "files")))
        terminals, acquirers = self._ledgers()
        findings = audit(terminals, acquirers, journal, self._journal_minor())
        rows = [row for found in acquirers.values() for row in found]
        self._judge(scene, findings)
        keys = self._figures.host_keys
        self._violated("requests_without_intent", checks.without_intent(acquirers, keys))
        self._violated("forwarded_twice", checks.forwarded_twice(acquirers))
        asked = sum(isinstance(row, Asked) for row in terminals)
        passed = checks.traffic(terminals, rows, asked)
        for name in passed.__slots__:
            setattr(self.report, name, getattr(passed, name))
        self.report.approvals = scene.approvals
        self.report.kills = sum(
            number
            for kind, number in self.report.faults.items()
            if kind.startswith(("kill", "death"))
        )

    def _judge(self, scene: Scene, findings: Findings) -> None:
        for name, number in findings.faults.items():
            self._violated(name, number, *findings.names.get(name, []))
        sums = (findings.terminals_minor, findings.journal_minor, findings.acquirers_minor)
        self._violated("counts_unequal", int(not findings.balanced), str(sums))
        figures = self._figures
        assert figures is not None
        for name in ("living_recovered", "chains_broken", "numbers_reused", "late_told"):
            self._violated(name, getattr(figures, name))
        ended, killed = figures.incarnations_ended, scene.killed
        self._violated("unexplained_deaths", checks.unexplained(ended, killed), str(ended))
        self._violated("days_moved", max(0, figures.business_days - DAYS_MAX))
        self.report.late_answers = figures.late_answers

    def _journal_minor(self) -> int:
        files = self._data.glob("files/*/summary.json")
        return sum(net_minor(json.loads(file.read_text())["currencies"]) for file in files)

    def _ledgers(self) -> tuple[list[TerminalRow], dict[str, list[HostRow]]]:
        terminals = [
            row
            for path in sorted(self._data.glob("terminals/*.jsonl"))
            for row in read_rows(path, TERMINAL_ROWS)
        ]
        acquirers = {
            path.stem: list(read_rows(path, HOST_ROWS))
            for path in sorted(self._data.glob("acquirers/*.jsonl"))
        }
        return terminals, acquirers

    def _violated(self, name: str, number: int, *where: str) -> None:
        assert name in checks.PROMISES, name
        if number:
            self.report.violations[name] = self.report.violations.get(name, 0) + number
            self.report.where.setdefault(name, []).extend(where)


DAYS_MAX: Final = 2  # today's, and the next where the real cut-off passes meanwhile


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


def _open(summary: Event) -> int:
    owed, in_flight = summary["owed"], summary["in_flight"]
    assert isinstance(owed, int)
    assert isinstance(in_flight, int)
    return owed + in_flight


def _digests(directory: Path) -> dict[str, str]:
    files: Iterable[Path] = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
