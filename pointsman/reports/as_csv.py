"""A report or a list as CSV: UTF-8, RFC 4180, with or without a byte-order mark.

Texts that a spreadsheet would take for a formula are neutralised (settlement/csv_text.py); figures
are decimal text without groups. XLSX is in as_xlsx.py, PDF in as_pdf.py.
"""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from pointsman.reports.measures import Kind
from pointsman.reports.table import CURRENCY, Column, Row
from pointsman.reports.text import plain
from pointsman.settlement.csv_text import Figure, csv_bytes

MARK = b"\xef\xbb\xbf"
_FIGURES = frozenset({Kind.COUNT, Kind.MONEY, Kind.RATIO})


def head(columns: Sequence[Column], *, chinese: bool, mark: bool) -> bytes:
    """Return the first line; `mark` for spreadsheets that would not know UTF-8 otherwise."""
    titles = [CURRENCY.title(chinese=chinese), *(c.title(chinese=chinese) for c in columns)]
    return (MARK if mark else b"") + csv_bytes([titles])


def body(rows: Iterable[Row], columns: Sequence[Column], zone: ZoneInfo, *, chinese: bool) -> bytes:
    """Return lines of rows."""
    return csv_bytes(
        [
            row.currency,
            *(
                _text(
                    column,
                    plain(column.named(cell, chinese=chinese), column.kind, row.currency, zone),
                )
                for cell, column in zip(row.cells, columns, strict=True)
            ),
        ]
        for row in rows
    )


def _text(column: Column, text: str) -> str:
    return Figure(text) if column.kind in _FIGURES else text
