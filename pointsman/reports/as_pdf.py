"""A report as PDF: landscape, heads on every page, page n of m, the manifest on the last.

Reportlab. Chinese is set in an embedded face (han.py), Latin in Helvetica. Nothing is cut: type is
as small as it must be for the widest cells to fit on A4, or on A3 where it would be too small.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from zoneinfo import ZoneInfo

from reportlab.lib.pagesizes import A3, A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from pointsman.reports import han
from pointsman.reports.measures import Kind
from pointsman.reports.table import CURRENCY, Column, Row
from pointsman.reports.text import shown

LATIN, LATIN_BOLD = "Helvetica", "Helvetica-Bold"
_A4, _A3 = landscape(A4), landscape(A3)
_SIDE, _TOP, _BOTTOM = 36.0, 36.0, 40.0
_GAP = 8.0
_SIZE_MAX, _SIZE_MIN = 9.0, 5.5
_LEADING = 1.45
_RIGHT = frozenset({Kind.COUNT, Kind.MONEY, Kind.RATIO})

Texts = list[str]


def pdf(
    head: Sequence[str],
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    totals: Sequence[Row],
    manifest: Iterable[tuple[str, str]],
    zone: ZoneInfo,
    chinese: bool,
) -> bytes:
    """Return the file; `head` are the lines above the table: title, scope, period, zone, mode."""
    every = (CURRENCY, *columns)
    titles = [column.title(chinese=chinese) for column in every]
    body = [_texts(row, columns, zone, chinese=chinese) for row in rows]
    foot = [_texts(row, columns, zone, chinese=chinese, dash=False) for row in totals]
    layout = _fitting([titles, *body, *foot], [column.kind in _RIGHT for column in every])
    size, (width, height) = layout.size, layout.page
    room = height - _TOP - _BOTTOM - 14.0 * len(head)
    per_page = max(int(room / (size * _LEADING)) - 2, 1)
    lines = [(texts, False) for texts in body] + [(texts, True) for texts in foot]
    pages = [lines[at : at + per_page] for at in range(0, len(lines), per_page)] or [[]]
    told = [f"{name}: {text}" for name, text in manifest]
    told_per_page = int((height - _TOP - _BOTTOM) / 13.0)
    last = [told[at : at + told_per_page] for at in range(0, len(told), told_per_page)]
    file = BytesIO()
    canvas = Canvas(file, pagesize=layout.page, invariant=1)
    canvas.setTitle(head[0])
    count = len(pages) + len(last)
    for number, page in enumerate(pages, 1):
        y = _heading(canvas, head, height)
        y = _line(canvas, titles, layout, y, bold=True)
        canvas.line(_SIDE, y + size * 0.9, width - _SIDE, y + size * 0.9)
        for texts, bold in page:
            y = _line(canvas, texts, layout, y, bold=bold)
        _footer(canvas, number, count, width, chinese=chinese)
    for number, page_told in enumerate(last, len(pages) + 1):
        y = height - _TOP
        for text in page_told:
            _draw(canvas, text, _SIDE, y, 8.0, bold=False)
            y -= 13.0
        _footer(canvas, number, count, width, chinese=chinese)
    canvas.save()
    return file.getvalue()


def _texts(
    row: Row, columns: Sequence[Column], zone: ZoneInfo, *, chinese: bool, dash: bool = True
) -> Texts:
    cells = [
        "" if cell is None and not dash and not column.missing_en
        else shown(column.named(cell, chinese=chinese), column.kind, row.currency, zone)
        for cell, column in zip(row.cells, columns, strict=True)
    ]  # fmt: skip
    return [row.currency, *cells]


@dataclass(frozen=True, slots=True)
class _Layout:
    page: tuple[float, float]
    size: float
    widths: Sequence[float]
    right: Sequence[bool]


def _fitting(lines: Sequence[Texts], right: Sequence[bool]) -> _Layout:
    """Return page, size of type with which every cell fits whole, and the columns' widths."""
    widest = [max(_width(line[n], 1.0) for line in lines) for n in range(len(lines[0]))]
    beside = 2 * _SIDE + _GAP * (len(widest) - 1)
    page = _A4 if (_A4[0] - beside) / sum(widest) >= _SIZE_MIN else _A3
    size = min(_SIZE_MAX, (page[0] - beside) / sum(widest))
    return _Layout(page, size, [width * size for width in widest], right)


def _line(canvas: Canvas, texts: Texts, layout: _Layout, y: float, *, bold: bool) -> float:
    """Draw one line of the table; return the place of the next."""
    x, size = _SIDE, layout.size
    for text, width, to_right in zip(texts, layout.widths, layout.right, strict=True):
        at = x + width - _width(text, size) if to_right else x
        _draw(canvas, text, at, y, size, bold=bold)
        x += width + _GAP
    return y - size * _LEADING


def _heading(canvas: Canvas, head: Sequence[str], height: float) -> float:
    y = height - _TOP
    _draw(canvas, head[0], _SIDE, y, 13.0, bold=True)
    for text in head[1:]:
        y -= 14.0
        _draw(canvas, text, _SIDE, y, 9.0, bold=False)
    return y - 20.0


def _footer(canvas: Canvas, number: int, count: int, width: float, *, chinese: bool) -> None:
    text = f"第 {number} 页，共 {count} 页" if chinese else f"page {number} of {count}"
    _draw(canvas, text, width - _SIDE - _width(text, 8.0), _BOTTOM / 2, 8.0, bold=False)
    canvas.showPage()


def _font(text: str, *, bold: bool) -> str:
    if not all(ord(letter) < 0x100 for letter in text):  # noqa: PLR2004  # Latin-1
        return han.face_of(text)
    return LATIN_BOLD if bold else LATIN


def _width(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, _font(text, bold=True), size))


def _draw(canvas: Canvas, text: str, x: float, y: float, size: float, *, bold: bool) -> None:
    canvas.setFont(_font(text, bold=bold), size)
    canvas.drawString(x, y, text)
