"""The harness of real faults: ``python -m tests.faults.run --blocks 3 --seconds 40``.

Runs blocks (block.py), adds what they found to the recorded card (card.py) and prints one JSON
object. Exit code 1 where anything was violated. Behind ``make reliability``.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import trio

from tests.faults import card, network_faults, traced_faults
from tests.faults.block import Block
from tests.faults.draw import Theme
from tests.faults.report import BlockReport

ROOT = Path(__file__).parents[2]
SECONDS_MAX = 600  # at RATE (block.py) a batch has fewer than 1,000 payments then
ROUND = (
    *(Theme.MIXED, Theme.STORM, Theme.LINES, Theme.VICTIM, Theme.DISK, Theme.KILLS, Theme.CLOCK),
    *(Theme.PAUSES, Theme.SESSIONS, Theme.CALLS, Theme.HOUSE, Theme.HOUSES),
)


def main(argv: list[str]) -> int:
    """Run the blocks and tell what they found."""
    parser = argparse.ArgumentParser(prog="tests.faults.run")
    add = parser.add_argument
    add("--blocks", type=int, default=len(ROUND), help="how many; themes take turns")
    add("--seconds", type=float, default=30.0, help=f"of faults in each block, to {SECONDS_MAX}")
    add("--seed", type=int, default=0, help="of the first block; default: from the clock")
    add("--theme", type=Theme, choices=list(Theme), help="this theme alone")
    add("--record", type=Path, metavar="DIR", help="add to reliability.json there, write the card")
    add("--keep", action="store_true", help="keep the data directories")
    arguments = parser.parse_args(argv)
    if arguments.seconds > SECONDS_MAX:
        parser.error("a batch would outgrow the three digits in which its terminal counts")
    seed = arguments.seed or int(time.time()) % 1_000_000
    commit = _commit()
    reports: list[BlockReport] = []
    for number in range(arguments.blocks):
        theme = arguments.theme or ROUND[number % len(ROUND)]
        missing = why_not(theme)
        if missing:
            _say(f"block {number + 1}, {theme}: skipped: {missing}")
            continue
        _say(f"block {number + 1} of {arguments.blocks}: {theme}, seed {seed + number}")
        block = Block(theme, seed + number, arguments.seconds, _say, keep=arguments.keep)
        report = trio.run(block.run)
        report.commit = commit
        reports.append(report)
        _say(f"violations {report.violations or 'none'} {report.failure}")
        if report.data:
            _say(f"kept in {report.data}: {report.where}")
        if arguments.record:
            card.record(arguments.record, report)
    sys.stdout.buffer.write(msgspec.json.encode(card.add_up(reports)) + b"\n")
    return int(any(report.violations or report.failure for report in reports))


def why_not(theme: Theme) -> str:
    """Return why a theme cannot be run here; empty where it can."""
    if theme is Theme.DISK:
        return traced_faults.not_root()
    if theme is Theme.CALLS:
        return traced_faults.why_not()
    if theme is Theme.CLOCK and not network_faults.COMPILER:
        return "there is no C compiler for jump.c"
    if theme is Theme.MIXED and traced_faults.why_not():
        _say(f"no faults at system calls: {traced_faults.why_not()}")
    return ""


def _commit() -> str:
    """Return the commit that runs, with a word where files differ from it; empty without git."""
    words = ["git", "describe", "--always", "--dirty=, changed"]
    try:
        found = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()


def _say(text: str) -> None:
    sys.stderr.write(f"faults: {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
