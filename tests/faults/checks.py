"""What must hold after a block, beyond the audit of three witnesses (pointsman/sim/audit.py).

A core: ledgers and plain rows in, counts out, each of which must be 0 and each with the promise it
belongs to. What is asked of the database is journal_look.py.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pointsman.sim.host_rows import HostRequest, HostReversal, HostRow, Work
from pointsman.sim.terminal_rows import Asked, Repeated, TerminalRow, UndoTried

PROMISES: Final[Mapping[str, str]] = {
    "told_but_missing": "P2, P20",
    "wrongly_reversed": "P7",
    "told_without_host": "P2, P20",
    "in_doubt_unreversed": "P4",
    "in_limbo": "P3",
    "crossed": "P8",
    "doubled": "P5",
    "undone_twice": "P4",
    "repeats_wrong": "P5, P6",
    "terminals_open": "P3",
    "settlements_unequal": "P10",
    "counts_unequal": "P2, P4",
    "requests_without_intent": "P1",
    "forwarded_twice": "P5",
    "living_recovered": "P7",
    "unexplained_deaths": "P7, P21",
    "chains_broken": "P2",
    "numbers_reused": "P8, P23",
    "days_moved": "P23",
    "settled_differently": "P10",
    "not_drained": "P3",
    "not_back": "P21",
    "left_running": "P24",
    "late_told": "P6",
    "double_owners": "P24",
}
"""Every violation that is counted, and the promises that it would break."""


@dataclass(frozen=True, slots=True)
class JournalFigures:
    """What the database was asked after the block."""

    living_recovered: int  # rows put in doubt by recovery whose incarnation had not ended
    incarnations_ended: Mapping[int, int]  # worker number: lives that recovery declared over
    chains_broken: int
    numbers_reused: int
    late_answers: int
    late_told: int  # late answers whose transaction counts as approved
    business_days: int
    host_keys: frozenset[tuple[str, str]]  # acquirer, fields 7 and 11 of what was sent to it


ABROAD_TIDS: Final = ("42345678", "42345679")
"""Terminals of the international dialect."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much there was, for the card."""

    terminal_requests: int
    acquirer_requests: int
    repeats: int
    reversals_by_terminals: int
    reversals_at_acquirers: int


def without_intent(
    acquirers: Mapping[str, Iterable[HostRow]], host_keys: Collection[tuple[str, str]]
) -> int:
    """Count requests at acquirers whose fields 7 and 11 no journaled intent has (P1).

    Questions about an order, or about a customer's confirmation, are no payments.
    ``host_keys``: acquirer's name, and its key as in HostRequest, of every transaction in J.
    """
    return sum(
        isinstance(row, HostRequest)
        and row.work is not Work.QUERY
        and (name, row.key) not in host_keys
        for name, rows in acquirers.items()
        for row in rows
    )


def forwarded_twice(acquirers: Mapping[str, Iterable[HostRow]]) -> int:
    """Count requests that reached an acquirer a second time without being marked repeats (P5)."""
    seen = Counter(
        (name, row.key)
        for name, rows in acquirers.items()
        for row in rows
        if isinstance(row, HostRequest) and row.mti[3:] == "0"
    )
    return sum(number > 1 for number in seen.values())


def unexplained(ended: Mapping[int, int], killed: Mapping[str, int]) -> int:
    """Count lives of workers that ended though nobody ended them."""
    return sum(max(0, count - killed.get(f"worker-{number}", 0)) for number, count in ended.items())


def kinds(terminals: Iterable[TerminalRow]) -> dict[str, int]:
    """Count what terminals asked, by type and dialect."""
    asked = (row for row in terminals if isinstance(row, Asked))
    found = Counter(
        f"international {row.what}" if row.tid in ABROAD_TIDS else row.what.value for row in asked
    )
    return dict(sorted(found.items()))


def traffic(terminals: Sequence[TerminalRow], acquirers: Sequence[HostRow], asked: int) -> Traffic:
    """Add up what passed."""
    return Traffic(
        terminal_requests=asked,
        acquirer_requests=sum(isinstance(row, HostRequest) for row in acquirers),
        repeats=sum(isinstance(row, Repeated) for row in terminals),
        reversals_by_terminals=sum(isinstance(row, UndoTried) for row in terminals),
        reversals_at_acquirers=sum(isinstance(row, HostReversal) for row in acquirers),
    )
