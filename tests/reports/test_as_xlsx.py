"""XLSX: opened by another library; true dates and numbers, full sheets followed by others."""

import io
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import openpyxl

from pointsman.reports.as_xlsx import Workbook
from pointsman.reports.measures import Kind
from pointsman.reports.table import Cell, Column, Row, column_of

ZONE = ZoneInfo("Asia/Shanghai")
COLUMNS = (
    Column("business_date", Kind.DATE, "Business date", "营业日"),
    Column("time", Kind.MOMENT, "Time", "时间"),
    Column("merchant", Kind.TEXT, "Merchant", "商户"),
    Column("rrn", Kind.CODE, "RRN", "参考号"),
    column_of("net"),
    column_of("approval"),
    column_of("fees"),
)
AT = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


def row(n: int) -> Row:
    cells: list[Cell] = [
        date(2026, 11, 22),
        AT,
        "=HYPERLINK(1)",
        f"{n:012d}",
        1000 + n,
        Fraction(6, 7),
        None,
    ]
    return Row("CNY", cells)


def test_cells_are_typed_and_their_sums_are_the_rows_sums() -> None:
    book = Workbook("Daily summary", COLUMNS, ZONE, chinese=True)
    book.add(row(n) for n in range(50))
    found = openpyxl.load_workbook(io.BytesIO(book.end([("rows", "50")])))
    sheet = found["Daily summary"]
    assert [cell.value for cell in sheet[1]][:3] == ["币种", "营业日", "时间"]
    lines = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(lines) == 50
    assert round(sum(float(str(line[5])) for line in lines) * 100) == sum(
        1000 + n for n in range(50)
    )
    _, day, at, name, rrn, _, rate, fees = lines[7]
    assert day == datetime(2026, 11, 22)  # noqa: DTZ001  # a cell has no zone
    assert at == datetime(2026, 11, 23)  # noqa: DTZ001
    assert name == "'=HYPERLINK(1)"
    assert sheet["D2"].data_type == "s"
    assert rrn == "000000000007"
    assert round(float(str(rate)), 6) == 0.857143
    assert fees == "—"
    assert sheet["C2"].is_date
    assert found["Manifest"]["B1"].value == "50"
    assert sheet.freeze_panes == "A2"


def test_no_row_is_lost_where_a_sheet_is_full() -> None:
    book = Workbook("Detail", COLUMNS, ZONE, chinese=False, rows_max=11)
    book.add(row(n) for n in range(25))
    found = openpyxl.load_workbook(io.BytesIO(book.end([])))
    assert found.sheetnames == ["Detail", "Detail 2", "Detail 3", "Manifest"]
    seen = [
        str(line[4])
        for name in found.sheetnames[:-1]
        for line in found[name].iter_rows(min_row=2, values_only=True)
    ]
    assert seen == [f"{n:012d}" for n in range(25)]
