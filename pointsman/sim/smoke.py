"""The smoke run: the demo without a screen, with faults, that ends by itself and proves something.

A shell. Traffic of every kind, a silent acquirer, hosts that answer late and twice, kill -9 of
each worker, of the HSM and of the database; then everything is drained, settled, stopped and
audited. What must hold is smoke_report.py.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from pointsman.sim.audit import JournalRow, audit
from pointsman.sim.demo_processes import (
    Event,
    ProgramFailedError,
    command,
    first_of,
    kill_now,
    processes_with,
)
from pointsman.sim.demo_world import Plan, StartHouse, World, world
from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import HOST_ROWS, HostRow
from pointsman.sim.ledger import read_rows
from pointsman.sim.smoke_report import FAULTS, Events, count, net_minor, report
from pointsman.sim.terminal_rows import TERMINAL_ROWS

TRAFFIC_S: Final = 16.0
WORKERS: Final = 2
# The waits only end a run that hangs: how long each took is told, and the whole has its own limit.
RECOVERED_S: Final = 45.0
DRAIN_S: Final = 45.0
SETTLE_S: Final = 45.0
LOOK_S: Final = 0.1
FAULTS_S: Final = 12.0
ORDINARY: Final = "sale-chip:6,sale-swipe:6,refund-part:2,void:1"

Say = Callable[[str], None]
"""Tells a person what is being done."""


@dataclass(slots=True)
class SmokeRun:
    """One smoke run in one fresh data directory."""

    plan: Plan
    start_house: StartHouse
    say: Say
    seconds: float = TRAFFIC_S
    events: Events = field(default_factory=Events)
    began_at: float = 0.0
    journal: list[JournalRow] = field(default_factory=list)
    journal_minor: int = 0

    async def run(self) -> dict[str, object]:
        """Run all of it and return the report; a fault of the run itself stands in it."""
        self.began_at = trio.current_time()
        try:
            async with world(self.plan, self.start_house, lambda _name, _event: None) as made:
                self._tell("ready")
                await self._traffic(made)
                await self._drain(made)
                await self._close_batches(made)
                self.journal = await made.look.journal()
                await self._settle()
                self._tell("stopping")
        except* ProgramFailedError as group:
            self.events.failure = str(first_of(group))
        left = processes_with(str(self.plan.data))
        self.events.leftover_processes = len(left)
        self.events.seconds = trio.current_time() - self.began_at
        return self._report()

    def _tell(self, text: str) -> None:
        self.say(f"{trio.current_time() - self.began_at:5.1f} s  {text}")

    async def _traffic(self, made: World) -> None:
        part_s = self.seconds / 6
        self._tell("traffic of every kind")
        await trio.sleep(part_s)
        self._tell("an acquirer falls silent")
        made.acquirers["alpha"].say("mood silent:1")
        await trio.sleep(part_s / 2)
        made.acquirers["alpha"].say("mood none")
        self._tell("hosts that answer late, twice, wrongly or hang up")
        await self._until_every_fault_was_met(made, part_s)
        made.tell_terminals("flows default")
        for number in range(WORKERS):
            await trio.sleep(part_s / 2)
            await self._kill(made, f"worker-{number}")
            self.events.worker_kills.append(number)
        await trio.sleep(part_s / 2)
        await self._kill(made, "hsm-0")
        self.events.hsm_kills += 1
        await trio.sleep(part_s / 2)
        await self._kill(made, "postgres")
        self.events.postgres_kills += 1
        await trio.sleep(part_s / 2)

    async def _until_every_fault_was_met(self, made: World, at_least_s: float) -> None:
        """Ask for each misbehaviour until an acquirer's ledger shows it; breakers may delay it."""
        until = trio.current_time() + at_least_s
        with trio.move_on_after(FAULTS_S):
            while True:
                seen = count([], self._acquirers().values()).behaviours
                wanted = [flow for behaviour, flow in FAULTS.items() if not seen[behaviour]]
                if not wanted and trio.current_time() >= until:
                    return
                faulty = wanted or list(FAULTS.values())
                flows = ",".join((*(f"{flow}:2" for flow in faulty), ORDINARY))
                made.tell_terminals(f"flows {flows}")
                await trio.sleep(LOOK_S * 5)

    async def _kill(self, made: World, name: str) -> None:
        """Kill one process of the house under load and wait until it is back."""
        status = made.look.status()
        process = status.process(name) if status else None
        if process is None or process.pid is None:
            raise ProgramFailedError(f"there is no {name} to be killed")
        kill_now(process.pid)
        began_at = trio.current_time()
        with trio.move_on_after(RECOVERED_S):
            while True:
                await trio.sleep(LOOK_S)
                status = made.look.status()
                found = status.process(name) if status else None
                if found and found.starts > process.starts and found.state == "ready":
                    back_s = trio.current_time() - began_at
                    self._tell(f"{name} killed, back after {back_s:.1f} s")
                    return
        raise ProgramFailedError(f"{name} did not come back within {RECOVERED_S:.0f} s")

    async def _drain(self, made: World) -> None:
        """Stop new traffic and wait until nobody owes anybody anything."""
        self._tell("draining")
        made.tell_terminals("pause")
        with trio.move_on_after(DRAIN_S):
            while True:
                open_there = sum(_open(summary) for summary in await made.summaries())
                waiting, self.events.parked = await made.look.owed()
                if not open_there and not waiting:
                    self.events.drained = True
                    return
                await trio.sleep(LOOK_S * 3)

    async def _close_batches(self, made: World) -> None:
        self._tell("terminals close their batches")
        made.tell_terminals("settle")
        with trio.move_on_after(SETTLE_S):
            while True:
                if not any(summary["unsettled"] for summary in await made.summaries()):
                    return
                await trio.sleep(LOOK_S * 3)

    async def _settle(self) -> None:
        """Close the business day, and once more: the same bytes."""
        self._tell("closing the business day, twice")
        where = ("--data", str(self.plan.data), "--config", str(self.plan.data / "settings.toml"))
        first = await command("settle", *where)
        before = _bytes_below(self.plan.data / "files")
        second = await command("settle", *where)
        after = _bytes_below(self.plan.data / "files")
        same_day = first["settlement_date"] == second["settlement_date"]
        self.events.settle_twice_equal = bool(before) and before == after and same_day
        summary = first["summary"]
        assert isinstance(summary, dict)
        batches = summary["batches"]
        unbalanced, open_items = batches["unbalanced"], first["open_items"]
        self.events.settlement_balanced = not unbalanced and not open_items
        self.journal_minor = net_minor(summary["currencies"])

    def _report(self) -> dict[str, object]:
        data = self.plan.data
        terminals = [
            row
            for path in sorted(data.glob("terminals/*.jsonl"))
            for row in read_rows(path, TERMINAL_ROWS)
        ]
        acquirers = self._acquirers()
        findings = (
            audit(terminals, acquirers, self.journal, self.journal_minor)
            if self.journal
            else Findings()
        )
        counts = count(terminals, acquirers.values())
        return report(counts, findings, self.events, WORKERS, self.plan.seed)

    def _acquirers(self) -> dict[str, list[HostRow]]:
        return {
            path.stem: list(read_rows(path, HOST_ROWS))
            for path in sorted(self.plan.data.glob("acquirers/*.jsonl"))
        }


def _open(summary: Event) -> int:
    owed, in_flight = summary["owed"], summary["in_flight"]
    assert isinstance(owed, int)
    assert isinstance(in_flight, int)
    return owed + in_flight


def _bytes_below(directory: Path) -> dict[str, str]:
    """Return the digest of every file below a directory by its name."""
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
