"""The manifest of a made report: what it is, its rows, control totals and hash, final or not.

The hash covers the definition, the parameters and every cell of every row as machines read it:
another run over closed days gives the same. Who made it and when stand beside it, not under it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pointsman.reports.catalogue import Definition
from pointsman.reports.period import Question
from pointsman.reports.table import Column, Row
from pointsman.reports.text import plain

_CELL, _ROW = "\x1f", "\x1e"


class Sealing:
    """Hashes rows as they come, and counts them."""

    def __init__(
        self, definition: Definition, question: Question, columns: Sequence[Column]
    ) -> None:
        told = sorted((name, str(value)) for name, value in question.told().items())
        head = [definition.code, str(definition.version), repr(told), *(c.code for c in columns)]
        self._columns = columns
        self._hash = hashlib.sha256((_CELL.join(head) + _ROW).encode())
        self.rows = 0

    def add(self, rows: Iterable[Row], zone: ZoneInfo) -> None:
        """Take rows, in order."""
        for row in rows:
            cells = (
                plain(cell, column.kind, row.currency, zone)
                for cell, column in zip(row.cells, self._columns, strict=True)
                if column.code != "text"  # words of a language
            )
            self._hash.update((_CELL.join((row.currency, *cells)) + _ROW).encode())
            self.rows += 1

    def hexdigest(self) -> str:
        """Return the hash over everything so far."""
        return self._hash.hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a made report says of itself."""

    report: str
    version: int
    parameters: dict[str, object]
    zone: str
    rows: int
    totals: dict[str, dict[str, str]]  # by currency: column -> decimal text
    sha256: str
    final: bool
    adds_up: bool
    made_at: datetime
    made_by: str

    def document(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "report": self.report,
            "version": self.version,
            "parameters": self.parameters,
            "zone": self.zone,
            "rows": self.rows,
            "control_totals": self.totals,
            "sha256": self.sha256,
            "state": "final" if self.final else "provisional",
            "adds_up": self.adds_up,
            "made_at": self.made_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "made_by": self.made_by,
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return it as names and texts, for the last sheet and the last page."""
        document = self.document()
        parameters = document.pop("parameters")
        totals = document.pop("control_totals")
        assert isinstance(parameters, dict)
        assert isinstance(totals, dict)
        found = [(name, str(value)) for name, value in document.items()]
        found += [(f"parameter {name}", str(value)) for name, value in parameters.items()]
        found += [
            (f"total {code} {name}", value)
            for code, sums in totals.items()
            for name, value in sums.items()
        ]
        return found


def control_totals(
    columns: Sequence[Column], rows: Iterable[Row], zone: ZoneInfo
) -> dict[str, dict[str, str]]:
    """Return the total rows as decimal texts by currency and column."""
    return {
        row.currency: {
            column.code: plain(cell, column.kind, row.currency, zone)
            for cell, column in zip(row.cells, columns, strict=True)
            if cell is not None
        }
        for row in rows
    }
