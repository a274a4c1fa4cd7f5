"""PDF: opened by another library; every amount there, Chinese and Latin, pages numbered."""

import io
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from pointsman.reports.as_pdf import pdf
from pointsman.reports.measures import Kind
from pointsman.reports.table import Column, Row, column_of
from pointsman.reports.text import shown

ZONE = ZoneInfo("UTC")
COLUMNS = (Column("merchant", Kind.TEXT, "Merchant", "商户"), column_of("net"))
ROWS = [Row("CNY", [f"店 {n}" if n % 2 else f"Tea {n}", 1_000_000 + n]) for n in range(120)]
TOTAL = Row("CNY", [None, sum(1_000_000 + n for n in range(120))])


def made(*, chinese: bool) -> list[str]:
    data = pdf(
        ["R01 日交易汇总" if chinese else "R01 Daily summary", "scope", "period"],
        COLUMNS,
        ROWS,
        totals=[TOTAL],
        manifest=[("rows", "120"), ("sha256", "ab" * 32)],
        zone=ZONE,
        chinese=chinese,
    )
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


def test_every_row_and_the_total_are_there_and_add_up() -> None:
    pages = made(chinese=False)
    text = "\n".join(pages)
    amounts = [shown(row.cells[1], Kind.MONEY, "CNY", ZONE) for row in ROWS]
    found = [line for line in text.splitlines() if line.startswith("10,00")]
    assert sorted(found) == sorted(amounts)
    assert sum(int(line.translate({0x2C: None, 0x2E: None})) for line in found) == TOTAL.cells[1]
    assert shown(TOTAL.cells[1], Kind.MONEY, "CNY", ZONE) in text
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
    assert "ab" * 32 in pages[-1]
    assert all("R01 Daily summary" in page for page in pages[:-1])


def test_chinese_is_set_in_a_chinese_face() -> None:
    pages = made(chinese=True)
    assert "净交易额" in pages[0]
    assert "店 1" in pages[0]
    assert f"第 1 页，共 {len(pages)} 页" in pages[0]


def test_the_same_report_is_the_same_file() -> None:
    files = [
        pdf(["R01"], COLUMNS, ROWS, totals=[], manifest=[], zone=ZONE, chinese=True)
        for _ in range(2)
    ]
    assert files[0] == files[1]
