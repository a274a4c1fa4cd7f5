"""Files written page by page: whole, or given up as soon as they are too long."""

import csv
import io
from collections.abc import AsyncGenerator
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from pointsman.console.files import Ending, TooLongError, table_file
from pointsman.reports.table import Row, column_of

COLUMNS = (column_of("sales"), column_of("net"))
TOTAL = Row("CNY", [6, 600])


async def pages() -> AsyncGenerator[list[Row], None]:
    for n in range(3):
        yield [Row("CNY", [1, 100 + n]), Row("CNY", [1, 100 - n])]


async def made(layout: str, rows_max: int | None) -> bytes:
    return await table_file(
        pages(),
        layout,
        "Test",
        COLUMNS,
        ZoneInfo("UTC"),
        chinese=False,
        rows_max=rows_max,
        bom=False,
        ending=lambda: Ending([TOTAL], [("rows", "6")]),
    )


async def test_both_formats_have_every_row() -> None:
    lines = list(csv.reader(io.StringIO((await made("csv", None)).decode(), newline="")))
    assert len(lines) == 7
    book = openpyxl.load_workbook(io.BytesIO(await made("xlsx", 6)))
    values = list(book["Test"].iter_rows(min_row=2, values_only=True))
    assert len(values) == 7
    assert [float(str(line[2])) for line in values][-1] == 6.0
    assert sum(round(float(str(line[2])) * 100) for line in values[:-1]) == 600


@pytest.mark.parametrize("layout", ["csv", "xlsx"])
async def test_what_is_too_long_is_given_up_and_never_cut(layout: str) -> None:
    with pytest.raises(TooLongError):
        await made(layout, 5)
