"""A report or a list as a workbook: true dates and numbers, frozen head, the manifest at the end.

XlsxWriter, row by row, so that a long list needs little memory; a sheet that is full is followed by
another. Texts stay texts: nothing is taken for a formula or a link.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pointsman.money import currency
from pointsman.reports.measures import Kind
from pointsman.reports.table import CURRENCY, Cell, Column, Row
from pointsman.reports.text import DASH, decimal

SHEET_ROWS_MAX = 1_048_576
WIDTHS = {Kind.TEXT: 20, Kind.CODE: 18, Kind.DATE: 12, Kind.MOMENT: 20}
_WIDTH_USUAL = 14
_FORMULA = ("=", "+", "-", "@", "\t")


class Workbook:
    """One workbook that is written row by row."""

    def __init__(
        self,
        title: str,
        columns: Sequence[Column],
        zone: ZoneInfo,
        *,
        chinese: bool,
        rows_max: int = SHEET_ROWS_MAX,
    ) -> None:
        self._file = BytesIO()
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(self._file, options)
        self._title = title
        self._columns = (CURRENCY, *columns)
        self._zone = zone
        self._chinese = chinese
        self._rows_max = rows_max
        self._formats: dict[str, Format] = {}
        self._bold = self._book.add_format({"bold": True, "text_wrap": True})
        self._sheets = 0
        self._sheet = self._next_sheet()
        self._row = 1

    def add(self, rows: Iterable[Row], *, bold: bool = False) -> None:
        """Write rows."""
        for row in rows:
            if self._row >= self._rows_max:
                self._sheet = self._next_sheet()
                self._row = 1
            self._write(0, row.currency, CURRENCY, "", bold=bold)
            for place, (cell, column) in enumerate(zip(row.cells, self._columns[1:], strict=True)):
                self._write(place + 1, cell, column, row.currency, bold=bold)
            self._row += 1

    def end(self, manifest: Iterable[tuple[str, str]]) -> bytes:
        """Write the manifest's sheet and return the file."""
        sheet = self._book.add_worksheet("Manifest")
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 1, 80)
        for number, (name, text) in enumerate(manifest):
            sheet.write_string(number, 0, name)
            sheet.write_string(number, 1, text)
        self._book.close()
        return self._file.getvalue()

    def _next_sheet(self) -> Worksheet:
        self._sheets += 1
        name = self._title[:25] + (f" {self._sheets}" if self._sheets > 1 else "")
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, WIDTHS.get(column.kind, _WIDTH_USUAL))
            sheet.write_string(0, place, column.title(chinese=self._chinese), self._bold)
        return sheet

    def _write(self, place: int, cell: Cell, column: Column, code: str, *, bold: bool) -> None:
        sheet, at = self._sheet, self._row
        cell = column.named(cell, chinese=self._chinese)
        match cell:
            case None:
                sheet.write_string(at, place, DASH if column.missing_en else "")
            case datetime():
                local = cell.astimezone(self._zone).replace(tzinfo=None)
                sheet.write_datetime(at, place, local, self._format("yyyy-mm-dd hh:mm:ss", bold))
            case date():
                sheet.write_datetime(at, place, cell, self._format("yyyy-mm-dd", bold))
            case str():
                sheet.write_string(at, place, _guarded(cell), self._format("@", bold))
            case _ if column.kind is Kind.MONEY:
                digits = currency(code).exponent
                pattern = "#,##0" + ("." + "0" * digits if digits else "")
                number = Decimal(decimal(cell, code))
                sheet.write_number(at, place, number, self._format(pattern, bold))
            case Fraction():
                number = Decimal(cell.numerator) / Decimal(cell.denominator)
                sheet.write_number(at, place, number, self._format("0.00%", bold))
            case int():
                sheet.write_number(at, place, cell, self._format("#,##0", bold))

    def _format(self, pattern: str, bold: bool) -> Format:
        key = f"{pattern}{bold}"
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"num_format": pattern, "bold": bold})
        return self._formats[key]


def _guarded(text: str) -> str:
    """Return text that stays text in whatever reads the cell later."""
    return "'" + text if text.startswith(_FORMULA) else text
