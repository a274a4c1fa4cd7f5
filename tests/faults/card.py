"""The reliability card: what blocks found, added up, kept as JSON and told as a page.

The JSON keeps the sums of every recorded block; the page is made from it alone.
"""

import fcntl
import statistics
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec

from tests.faults.checks import PROMISES
from tests.faults.report import BlockReport

FILE: Final = "reliability.json"
PAGE: Final = "reliability.md"


class Card(msgspec.Struct, kw_only=True):
    """Sums over blocks; times in seconds, unsorted."""

    blocks: int = 0
    first_day: str = ""
    last_day: str = ""
    commits: list[str] = []
    fault_seconds: float = 0.0
    themes: dict[str, int] = {}
    kills: int = 0
    restarts_of_postgres: int = 0
    pauses: int = 0
    faults: dict[str, int] = {}
    unseen: dict[str, int] = {}
    kinds: dict[str, int] = {}  # of the blocks whose terminals did everything
    blocks_of_all: int = 0  # how many these are
    terminal_requests: int = 0
    acquirer_requests: int = 0
    approvals: int = 0
    repeats: int = 0
    late_answers: int = 0
    reversals_by_terminals: int = 0
    reversals_at_acquirers: int = 0
    back_s: list[float] = []
    serving_s: list[float] = []
    violations: dict[str, int] = {}
    failures: int = 0

    def add(self, report: BlockReport, day: date) -> None:
        """Take in one block."""
        if report.commit not in self.commits:
            self.commits.append(report.commit)
        self.blocks += 1
        self.first_day = self.first_day or day.isoformat()
        self.last_day = day.isoformat()
        self.fault_seconds += report.seconds
        _sum(self.themes, {report.theme: 1})
        _sum(self.faults, report.faults)
        _sum(self.kinds, report.kinds)
        self.blocks_of_all += bool(report.kinds)
        _sum(self.unseen, report.unseen)
        _sum(self.violations, report.violations)
        self.failures += bool(report.failure)
        self.kills += report.kills
        self.pauses += _of(report.faults, "pause")
        self.restarts_of_postgres += _of(report.faults, "restart postgres", "kill -9 postgres")
        self.restarts_of_postgres += _of(report.faults, "death at n-th sync", "failing sync")
        for name in SUMMED:
            setattr(self, name, getattr(self, name) + getattr(report, name))
        self.back_s += report.back_s
        self.serving_s += report.serving_s


SUMMED: Final = (
    "terminal_requests",
    "acquirer_requests",
    "approvals",
    "repeats",
    "late_answers",
    "reversals_by_terminals",
    "reversals_at_acquirers",
)


def add_up(reports: Iterable[BlockReport]) -> Card:
    """Return the sums of some blocks."""
    card = Card()
    for report in reports:
        card.add(report, datetime.now(UTC).date())
    return card


def record(directory: Path, report: BlockReport) -> None:
    """Add one block to the file in ``directory`` and write the page anew."""
    file = directory / FILE
    with (directory / PAGE).open("a") as lock:  # blocks may run beside each other
        fcntl.flock(lock, fcntl.LOCK_EX)
        card = msgspec.json.decode(file.read_bytes(), type=Card) if file.exists() else Card()
        card.add(report, datetime.now(UTC).date())
        file.write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1) + b"\n")
        (directory / PAGE).write_text(page(card))


def page(card: Card) -> str:
    """Return the card as Markdown."""
    themes = ", ".join(f"{number} {theme}" for theme, number in sorted(card.themes.items()))
    late = card.late_answers
    lines = [
        "# The reliability card",
        "",
        "Real processes, real kills: what `tests/faults` did to a running house and what three",
        "witnesses (terminals, acquirers, journal) said afterwards. Written by `make reliability`;",
        "the sums are in `reliability.json`. How it works is told in",
        "[decisions/0016](decisions/0016-faults-are-counted-where-they-are-seen.md).",
        "",
        "    make reliability BLOCKS=12 SECONDS=60",
        "    python -m tests.faults.run --theme storm --blocks 1 --seconds 100 --record docs",
        "",
        f"Recorded from {card.first_day} to {card.last_day} on {_commits(card)}:",
        f"{card.blocks} blocks ({themes}),",
        f"{card.fault_seconds:.0f} s of faults under load on a busy machine with two cores.",
        "",
        "A process that dies again and again is started again after a pause of up to 5 s; most",
        "deaths here are such, and in a storm six processes die at once. So the times are not",
        "those of one death, which takes about a second. Another house takes over when the leases",
        "of the first have stood still for ten seconds. Blocks that found a violation are not",
        "among these: what they found, and what mended it, stands in decision 0016.",
        "",
        "| Figure | Value |",
        "|---|---|",
        f"| Real kills (kill -9, and deaths at a chosen system call) | {card.kills} |",
        f"| Ends of PostgreSQL it came back from | {card.restarts_of_postgres} |",
        f"| Pauses of a process or a whole house, 1 to 120 s | {card.pauses} |",
        f"| Requests of terminals | {card.terminal_requests} |",
        f"| Requests seen by acquirers | {card.acquirer_requests} |",
        f"| Approvals told | {card.approvals} |",
        f"| Deliberate repeats by terminals | {card.repeats} |",
        f"| Answers late or to nobody, recorded, never told | {late} |",
        f"| Reversals sent by terminals | {card.reversals_by_terminals} |",
        f"| Reversals seen by acquirers | {card.reversals_at_acquirers} |",
        f"| All processes back after a death, median and worst | {_times(card.back_s)} |",
        f"| An approval told after a death, median and worst | {_times(card.serving_s)} |",
        f"| Blocks that could not be finished | {card.failures} |",
        f"| **Violations** | **{sum(card.violations.values())}** |",
        "",
        "## Faults whose effect was seen",
        "",
        "| Fault | Seen | Not seen, so not counted |",
        "|---|---|---|",
    ]
    kinds = sorted(card.faults.keys() | card.unseen.keys() - {"parked"})
    lines += [f"| {k} | {card.faults.get(k, 0)} | {card.unseen.get(k, 0)} |" for k in kinds]
    lines += ["", "## Requests of terminals by type", ""]
    lines += [
        f"Counted in {card.blocks_of_all} blocks, whose terminals do everything they know:",
        "",
    ]
    lines += ["| Type | Requests |", "|---|---|"]
    lines += [f"| {kind} | {count} |" for kind, count in sorted(card.kinds.items())]
    lines += ["", *BESIDE]
    lines += ["", "## What was checked after each block", ""]
    lines += ["| Violation looked for | Promise | Found |", "|---|---|---|"]
    lines += [
        f"| {name.replace('_', ' ')} | {promise} | {card.violations.get(name, 0)} |"
        for name, promise in PROMISES.items()
    ]
    return "\n".join(lines) + "\n"


BESIDE: Final = (
    "## Beside the blocks",
    "",
    "- Every pair of request, repeat, reversal, void and batch close on two workers, in every",
    "  order of their commits (15 pairs, 74 orders), and each pair eight times at once:",
    "  `tests/faults/test_pairs.py`.",
    "- Fifty refunds of one original at once, on two workers: never more than was approved:",
    "  `tests/store/test_journal.py::test_fifty_parallel_refunds_never_pass_what_was_approved`.",
    "- Commits whose answer is lost, cut before and after, late: `tests/store/test_faults.py`.",
    "- Two workers of two houses over one database, the first stopped past its lease:",
    "  `tests/switch/test_worker.py`; workers cut off from the database: every simulation.",
)


def _commits(card: Card) -> str:
    one = len(card.commits) == 1
    return f"commit{'' if one else 's'} {', '.join(card.commits)}"


def _times(seconds: list[float]) -> str:
    if not seconds:
        return "-"
    return f"{statistics.median(seconds):.1f} s, {max(seconds):.1f} s"


def _of(faults: dict[str, int], *words: str) -> int:
    return sum(number for kind, number in faults.items() if kind.startswith(words))


def _sum(into: dict[str, int], more: dict[str, int]) -> None:
    for name, number in more.items():
        into[name] = into.get(name, 0) + number
