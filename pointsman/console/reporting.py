"""The reports of the public API: catalogue, definitions, results, statistics.

The routes of api_reports.py and the pages call these and nothing below them. What a report is
stands in pointsman/reports; files of reports and their runs are in exports.py.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

import trio

from pointsman.console import ids
from pointsman.console.gate import Ask
from pointsman.console.onboarding import OUTLET as PREFIX
from pointsman.console.payments import Document, money, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.query import invalid
from pointsman.money import round_half_up
from pointsman.reports.catalogue import REPORTS, STATISTICS, Definition, Source, sum_columns
from pointsman.reports.making import Making, Run
from pointsman.reports.measures import Kind
from pointsman.reports.period import (
    OUTLET,
    PARAMETERS,
    AskedWronglyError,
    Places,
    Question,
    question_of,
)
from pointsman.reports.table import Cell, Column, Row
from pointsman.reports.text import plain
from pointsman.store.console_figures import Figures

ANSWER_S_MAX = 25.0
"""How long the rows of an answer or a page may take."""
ROWS_MAX = 1_000
"""Rows of one answer. A longer report says so and is fetched as a file, whole."""


class Reporting:
    """Everything that may be asked of reports."""

    def __init__(self, figures: Figures, making: Making) -> None:
        self._figures = figures
        self.making = making

    async def catalogue(self, ask: Ask, *, chinese: bool) -> Document:
        """List the reports that the caller may read."""
        found = [described(one, chinese=chinese) for one in REPORTS.values() if _open_to(one, ask)]
        return {"data": found, "page": {"has_more": False, "next": None}}

    async def definition(self, ask: Ask, code: str, *, chinese: bool) -> Document:
        """Tell one report: its columns, their formulas, groupings and formats."""
        return described(self.of(ask, code), chinese=chinese)

    def of(self, ask: Ask, code: str) -> Definition:
        """Return the definition of a report that the caller may read; raises Problem."""
        found = REPORTS.get(code)
        if found is None or not _open_to(found, ask):
            raise Problem(Code.NOT_FOUND, "There is no such report.")
        return found

    async def begin(
        self, ask: Ask, definition: Definition, given: dict[str, str], *, chinese: bool
    ) -> Run:
        """Return the run that a request asks for; raises Problem."""
        question = await self.question(ask, definition, given)
        made_by = ask.caller.full_name or ask.caller.name
        return await self.making.begin(definition, question, chinese=chinese, made_by=made_by)

    async def question(self, ask: Ask, definition: Definition, given: dict[str, str]) -> Question:
        """Return what is asked, within what may be told; raises Problem."""
        _, _, closed, opened = await self._figures.days()
        today = opened or closed
        if today is None:
            raise Problem(Code.NOT_FOUND, "No business day was opened so far.")
        try:
            return question_of(
                {name: text for name, text in given.items() if name in PARAMETERS},
                today=today,
                mids=None if ask.mids is None else tuple(ask.mids),
                groupings=definition.groupings,
                places=_places(ask, given),
            )
        except AskedWronglyError as error:
            raise invalid(error.name, error.expected) from None

    async def result(self, ask: Ask, code: str, *, chinese: bool) -> Document:
        """Make a report and tell its rows; of a long one the first, with the number of all."""
        run = await self.begin(ask, self.of(ask, code), ask.parameters, chinese=chinese)
        rows = await self.rows(run)
        return document(run, rows)

    async def rows(self, run: Run, rows_max: int = ROWS_MAX) -> list[Row]:
        """Return the first rows of a run; totals and manifest are those of all.

        Raises trio.TooSlowError where nobody would wait so long: as a file it is made in its time.
        """
        kept: list[Row] = []
        with trio.fail_after(ANSWER_S_MAX):
            async for page in self.making.pages(run):
                kept += page[: rows_max - len(kept)]
        return kept

    async def statistics(self, ask: Ask, *, chinese: bool) -> Document:
        """Tell sums by one grouping beside those of the period before."""
        run = await self.statistics_run(ask, chinese=chinese)
        return document(run, await self.rows(run))

    async def statistics_run(self, ask: Ask, *, chinese: bool) -> Run:
        """Return the run of the statistics that are asked for; raises Problem."""
        given = {**ask.parameters, "compare": "before"}
        if given.get("by") == "acquirer" and ask.mids is not None:
            raise invalid("by", "acquirers are the platform's business")
        return await self.begin(ask, STATISTICS, given, chinese=chinese)


def _places(ask: Ask, given: dict[str, str]) -> Places:
    """Return the outlets that may be told, and the one that is asked for; raises Problem."""
    asked = None
    if OUTLET in given:
        asked = ids.decode(PREFIX, given[OUTLET])
        if asked is None:
            raise invalid(OUTLET, "the id of an outlet expected")
    return Places(tuple(ask.outlets), tuple(sorted(ask.reach.neighbours)), asked)


def _open_to(definition: Definition, ask: Ask) -> bool:
    return ask.mids is None or not definition.platform_only


def described(definition: Definition, *, chinese: bool) -> Document:
    """Return a definition as the API tells it."""
    by = definition.groupings[0] if definition.source is Source.SUMS else ""
    return {
        "report": definition.code,
        "version": definition.version,
        "group": definition.group,
        "title": definition.title(chinese=chinese),
        "about": definition.about(chinese=chinese),
        "groupings": list(definition.groupings),
        "formats": list(definition.formats),
        "columns": [
            told(column, chinese=chinese) for column in (sum_columns(definition, by) if by else ())
        ],
    }


def told(column: Column, *, chinese: bool) -> Document:
    """Return a column with its formula, and why it has no value where it has none."""
    return {
        "code": column.code,
        "kind": column.kind.value,
        "title": column.title(chinese=chinese),
        "formula": column.formula(chinese=chinese) or None,
        "missing": column.missing(chinese=chinese) or None,
    }


def document(run: Run, rows: Sequence[Row]) -> Document:
    """Return a made report as the API tells it."""
    manifest = run.manifest()
    before = run.question.of_before.period if run.question.compare else None
    return {
        "report": run.definition.code,
        "version": run.definition.version,
        "title": run.definition.title(chinese=run.chinese),
        "zone": str(run.zone),
        "from": run.question.period.begin.isoformat(),
        "to": run.question.period.end.isoformat(),
        "before": before and {"from": before.begin.isoformat(), "to": before.end.isoformat()},
        "columns": [told(column, chinese=run.chinese) for column in run.columns],
        "rows": [_row(run, row) for row in rows],
        "rows_total": manifest.rows,
        "truncated": manifest.rows > len(rows),
        "totals": [_row(run, row) for row in run.totals],
        "manifest": manifest.document(),
    }


def _row(run: Run, row: Row) -> Document:
    cells = {
        column.code: value(cell, column, row.currency, run)
        for cell, column in zip(row.cells, run.columns, strict=True)
    }
    return {"currency": row.currency, **cells, "behind": dict(row.key)}


def value(cell: Cell, column: Column, code: str, run: Run) -> object:
    """Return a cell for JSON: money as minor units, rates as decimal text, moments in UTC."""
    if cell is None:
        return None
    if column.kind is Kind.MONEY and isinstance(cell, (int, Fraction)):
        return money(cell if isinstance(cell, int) else round_half_up(cell), code)
    if column.kind is Kind.MOMENT and not isinstance(cell, (str, int, Fraction)):
        return time_text(cell) if isinstance(cell, datetime) else cell.isoformat()
    return cell if isinstance(cell, int) else plain(cell, column.kind, code, run.zone)
