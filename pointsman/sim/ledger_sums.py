"""Ledgers added up: what is in one file of a simulated terminal or acquirer, in few figures.

A core: the rows come in, cli/sim.py reads the files. What rows mean is book.py and
terminal_rows.py, holding them against each other is audit.py. Nothing but the rows is counted.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pointsman.sim.book import Book
from pointsman.sim.host_rows import HostNetwork, HostRequest, HostReversal, HostRow, HostTotals
from pointsman.sim.terminal_rows import (
    Asked,
    Settled,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)


@dataclass(frozen=True, slots=True)
class FileSums:
    """The figures of one ledger file; amounts in minor units."""

    file: str
    kind: str  # "acquirer" or "terminal"
    counts: dict[str, int]
    settled_minor: dict[str, int]  # by MID/currency, or MID/TID of terminals

    def figures(self) -> dict[str, int]:
        """Return all figures by name, for printing."""
        return self.counts | {f"settled {name}": m for name, m in self.settled_minor.items()}


def together(sums: Sequence[FileSums]) -> dict[str, object]:
    """Return one object for all files: each file's figures, and what each side has settled."""
    by_kind: Counter[str] = Counter()
    for one in sums:
        by_kind[one.kind] += sum(one.settled_minor.values())
    return {
        "files": [
            {"file": o.file, "kind": o.kind, **o.counts, "settled_minor": o.settled_minor}
            for o in sums
        ],
        "settled_minor": dict(by_kind),
    }


def of_acquirer(file: str, rows: Iterable[HostRow]) -> FileSums:
    """Add up one file of an acquirer."""
    book = Book()
    counts: Counter[str] = Counter()
    for row in rows:
        book.apply(row)
        match row:
            case HostRequest():
                counts[f"requests {row.outcome.value}"] += 1
            case HostReversal():
                counts[f"reversals {row.effect.value}"] += 1
            case HostNetwork():
                counts[f"network {row.what}"] += 1
            case HostTotals():
                counts["reconciliations"] += 1
            case _:
                counts["starts"] += 1
    settled = {f"{mid}/{currency}": minor for (mid, currency), minor in book.settled().items()}
    return FileSums(file, "acquirer", dict(counts), settled)


def of_terminals(file: str, rows: Iterable[TerminalRow]) -> FileSums:
    """Add up one file of terminals."""
    counts: Counter[str] = Counter()
    settled: Counter[str] = Counter()
    for row in rows:
        match row:
            case Asked():
                counts["requests"] += 1
            case Told():
                counts["told approved" if row.approved else "told declined"] += 1
            case UndoDue():
                counts["reversals due"] += 1
            case UndoTried():
                counts["reversals settled"] += row.settled
            case Settled():
                counts["batches closed"] += 1
                settled[f"{row.mid}/{row.tid}"] += row.debit_minor - row.credit_minor
            case _:
                pass
    return FileSums(file, "terminal", dict(counts), dict(settled))
