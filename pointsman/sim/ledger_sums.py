"""Ledger files added up: what is in one file of a simulated terminal or acquirer, in few figures.

Reads the files; what their rows mean is book.py and terminal_rows.py, holding them against each
other is audit.py. The figures come from nothing but the files.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pointsman.sim.book import Book
from pointsman.sim.host_rows import HOST_ROWS, HostNetwork, HostRequest, HostReversal, HostRow
from pointsman.sim.ledger import LedgerError, read_rows
from pointsman.sim.terminal_rows import (
    TERMINAL_ROWS,
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


def of_file(path: Path) -> FileSums:
    """Add up one file; raises LedgerError, or OSError where there is none."""
    try:
        return _of_acquirer(path, read_rows(path, HOST_ROWS))
    except LedgerError as first:
        try:
            return _of_terminals(path, read_rows(path, TERMINAL_ROWS))
        except LedgerError:
            raise first from None


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


def _of_acquirer(path: Path, rows: Iterable[HostRow]) -> FileSums:
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
            case _:
                counts["starts"] += 1
    settled = {f"{mid}/{currency}": minor for (mid, currency), minor in book.settled().items()}
    return FileSums(str(path), "acquirer", dict(counts), settled)


def _of_terminals(path: Path, rows: Iterable[TerminalRow]) -> FileSums:
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
    return FileSums(str(path), "terminal", dict(counts), dict(settled))
