"""The end of a block: heal, drain, close batches and day, and hold three witnesses together.

A shell. What must hold is the audit of the simulators and checks.py; what the journal is asked
stands in journal_look.py.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import trio

from pointsman.sim.audit import audit
from pointsman.sim.demo_processes import Event, command
from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import HOST_ROWS, HostRow
from pointsman.sim.ledger import read_rows
from pointsman.sim.smoke_report import net_minor
from pointsman.sim.terminal_rows import TERMINAL_ROWS, Asked, TerminalRow
from tests.faults import checks, journal_look
from tests.faults.checks import JournalFigures
from tests.faults.report import BlockReport
from tests.faults.scene import BACK_S, Scene

DRAIN_S: Final = 120.0
SETTLE_S: Final = 60.0
LOOK_S: Final = 0.3
DAYS_MAX: Final = 1  # the site's cut-off is hours away: no clerk ends a day meanwhile


@dataclass(slots=True)
class Closing:
    """Brings one house to rest and judges it into ``report``."""

    scene: Scene
    report: BlockReport
    say: Callable[[str], None]

    @property
    def _data(self) -> Path:
        return self.scene.world.plan.data

    async def run(self) -> None:
        """Do all of it in order."""
        for proxy in self.scene.proxies.values():
            proxy.heal()
        with trio.move_on_after(BACK_S):
            await self.scene.until_back()
        self.say("draining")
        await self._drain()
        await self._close_batches()
        self.say("closing the business day, twice")
        journal = await self.scene.world.look.journal()
        figures = await journal_look.look(self.scene)
        await self._settle_twice()
        terminals, acquirers = self._ledgers()
        findings = audit(terminals, acquirers, journal, self._journal_minor())
        self._judge(findings, figures)
        self.report.violated(
            "requests_without_intent", checks.without_intent(acquirers, figures.host_keys)
        )
        self.report.violated("forwarded_twice", checks.forwarded_twice(acquirers))
        asked = sum(isinstance(row, Asked) for row in terminals)
        rows = [row for found in acquirers.values() for row in found]
        passed = checks.traffic(terminals, rows, asked)
        for name in passed.__slots__:
            setattr(self.report, name, getattr(passed, name))
        self.report.kinds = checks.kinds(terminals)
        self.report.approvals = self.scene.approvals
        self.report.late_answers = figures.late_answers

    async def _drain(self) -> None:
        """Stop new traffic and wait until nobody owes anybody anything."""
        made = self.scene.world
        made.tell_terminals("pause")
        drained, parked = False, 0
        with trio.move_on_after(DRAIN_S):
            while not drained:
                await trio.sleep(LOOK_S)
                summaries = await made.summaries()
                with contextlib.suppress(Exception):  # the database may be away: look again
                    waiting, parked = await made.look.owed()
                    drained = not waiting and not sum(_open(found) for found in summaries)
        if parked:
            self.report.unseen["parked"] = parked
        self.report.violated("not_drained", int(not drained))

    async def _close_batches(self) -> None:
        made = self.scene.world
        made.tell_terminals("settle")
        with trio.move_on_after(SETTLE_S):
            while True:
                await trio.sleep(LOOK_S)
                if not any(summary["unsettled"] for summary in await made.summaries()):
                    break

    async def _settle_twice(self) -> None:
        ((day,),) = await self.scene.ask(
            "select business_date from business_days where state = 'open'"
        )
        where = ("--data", str(self._data), "--config", str(self._data / "settings.toml"))
        await command("settle", "--date", day.isoformat(), *where)
        before = _digests(self._data / "files")
        await command("settle", "--date", day.isoformat(), *where)
        self.report.violated("settled_differently", int(before != _digests(self._data / "files")))

    def _judge(self, findings: Findings, figures: JournalFigures) -> None:
        violated = self.report.violated
        for name, number in findings.faults.items():
            violated(name, number, *findings.names.get(name, []))
        sums = (findings.terminals_minor, findings.journal_minor, findings.acquirers_minor)
        violated("counts_unequal", int(not findings.balanced), str(sums))
        for name in ("living_recovered", "chains_broken", "numbers_reused", "late_told"):
            violated(name, getattr(figures, name))
        violated("double_owners", self.scene.double_owners)
        ended = figures.incarnations_ended
        violated("unexplained_deaths", checks.unexplained(ended, self.scene.killed), str(ended))
        violated("days_moved", max(0, figures.business_days - DAYS_MAX))

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
