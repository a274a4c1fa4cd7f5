"""Files of reports and lists written page by page, off the loop that answers others.

CSV and XLSX take rows as they come; PDF has them all, for it tells how many pages there are. What
is written is decided in exports.py.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import trio

from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.reports import as_csv
from pointsman.reports.as_pdf import pdf
from pointsman.reports.as_xlsx import Workbook
from pointsman.reports.making import Run
from pointsman.reports.table import Column, Row

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_STATES = {True: ("final", "最终"), False: ("provisional", "暂定")}


PDF_ROWS_MAX = 50_000
"""A PDF has all its rows at once; what is longer is CSV or XLSX."""
_TOO_LONG = "This is too long for a PDF: take CSV or XLSX, or ask for a shorter period."


class TooLongError(Exception):
    """More rows than may be written while a reader waits: it has to be a run."""


@dataclass(frozen=True, slots=True)
class Produced:
    """A file, and what it says of itself."""

    name: str
    media: str
    content: bytes
    manifest: Document


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when the last page was read."""

    totals: Sequence[Row]
    manifest: Sequence[tuple[str, str]]


async def table_file(
    pages: AsyncGenerator[list[Row], None],
    layout: str,
    title: str,
    columns: Sequence[Column],
    zone: ZoneInfo,
    *,
    chinese: bool,
    rows_max: int | None,
    bom: bool,
    ending: Callable[[], Ending],
) -> bytes:
    """Write pages as CSV or XLSX, each in a thread so that others are answered meanwhile."""
    book = Workbook(title, columns, zone, chinese=chinese) if layout == "xlsx" else None
    text = bytearray(as_csv.head(columns, chinese=chinese, mark=bom))
    count = 0
    async with aclosing(pages):
        async for rows in pages:
            count += len(rows)
            if rows_max is not None and count > rows_max:
                if book is not None:
                    book.end(())  # closes the file beside it
                raise TooLongError
            if book is None:
                text += as_csv.body(rows, columns, zone, chinese=chinese)
            else:
                await trio.to_thread.run_sync(book.add, rows)
    end = ending()
    if book is None:
        return bytes(text)
    book.add(end.totals, bold=True)
    return await trio.to_thread.run_sync(book.end, end.manifest)


async def gathered(pages: AsyncGenerator[list[Row], None], rows_max: int | None) -> list[Row]:
    """Return the rows of a PDF; raises TooLongError, and Problem where no PDF may be so long."""
    found: list[Row] = []
    async with aclosing(pages):
        async for rows in pages:
            found += rows
            if len(found) > (PDF_ROWS_MAX if rows_max is None else rows_max):
                if rows_max is None:
                    raise Problem(Code.TOO_LARGE, _TOO_LONG)
                raise TooLongError
    return found


async def pdf_file(run: Run, rows: list[Row], mode: str) -> bytes:
    """Write a report as PDF, in a thread."""
    manifest = run.manifest()
    period = run.question.period
    scope = manifest.parameters["scope"]
    told = {k: v for k, v in manifest.parameters.items() if k not in {"from", "to", "scope"}}
    head = [
        f"{run.definition.code} {run.definition.title(chinese=run.chinese)}",
        f"{period.begin} – {period.end} · {run.zone} · "
        + (", ".join(map(str, scope)) if isinstance(scope, list) else str(scope)),
        f"{mode.upper()} · {_STATES[run.final][run.chinese]}",
        " · ".join(f"{name} = {text}" for name, text in told.items()),
    ]
    return await trio.to_thread.run_sync(
        lambda: pdf(
            head, run.columns, rows, totals=run.totals, manifest=manifest.lines(),
            zone=run.zone, chinese=run.chinese,
        )
    )  # fmt: skip
