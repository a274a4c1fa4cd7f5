"""The pages of reports: catalogue, viewer with formulas and drill-down, statistics, runs, files.

Each asks the functions of reporting.py and exports.py, as the API does. Templates and words lie
beside; other pages are in pages.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pointsman.console import pages
from pointsman.console.api_reports import attached, listed, run_of
from pointsman.console.exports import told_run
from pointsman.console.files import TooLongError
from pointsman.console.gate import Ask
from pointsman.console.listtable import LOOKS
from pointsman.console.office import Office, Routes
from pointsman.console.payments import Document
from pointsman.console.tongue import words_of
from pointsman.reports.catalogue import STATISTICS
from pointsman.reports.making import Run
from pointsman.reports.table import Cell, Column, Row
from pointsman.reports.text import shown

SHOWN_MAX = 300
"""Rows of one page; its totals are of all, and its files have all."""


def is_chinese(request: Request) -> bool:
    """Say whether the page is in Chinese."""
    return words_of(request).language == "zh-CN"


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the pages."""
    routes = Routes(app, office)
    reporting = office.reporting
    office.exports.add_list("approvals", office.approving.all)
    office.exports.add_list("applications", office.applying.all)
    office.exports.add_list("report_runs", lambda ask: listed(office, ask))

    async def catalogue(ask: Ask, request: Request) -> Response:
        found = await reporting.catalogue(ask, chinese=is_chinese(request))
        return await pages.show(office, request, "reports.html", found, ask)

    async def viewer(ask: Ask, request: Request) -> Response:
        chinese = is_chinese(request)
        ask = with_one_period(ask)
        definition = reporting.of(ask, request.path_params["report"])
        run = await reporting.begin(ask, definition, ask.parameters, chinese=chinese)
        rows = await reporting.rows(run, SHOWN_MAX)
        found = {
            "title": definition.title(chinese=chinese),
            "about": definition.about(chinese=chinese),
            "code": definition.code,
            "version": definition.version,
            "formats": [one for one in definition.formats if one != "json"],
            "groupings": definition.groupings,
            **_viewed(run, rows),
        }
        return await pages.show(office, request, "report.html", found, ask)

    async def statistics(ask: Ask, request: Request) -> Response:
        ask = with_one_period(ask)
        run = await reporting.statistics_run(ask, chinese=is_chinese(request))
        rows = await reporting.rows(run)
        groupings = [one for one in STATISTICS.groupings if one != "acquirer" or ask.mids is None]
        found = {"groupings": groupings, **_viewed(run, rows)}
        return await pages.show(office, request, "statistics.html", found, ask)

    async def runs(ask: Ask, request: Request) -> Response:
        found = await listed(office, ask)
        return await pages.show(office, request, "report_runs.html", found, ask)

    async def run_page(ask: Ask, request: Request) -> Response:
        found = told_run(await run_of(office, ask, request))
        return await pages.show(office, request, "report_run.html", found, ask)

    async def report_file(ask: Ask, request: Request) -> Response:
        return await file_of(office, ask, request, request.path_params["report"])

    def exported(name: str) -> None:
        async def list_file(ask: Ask, request: Request) -> Response:
            return await file_of(office, ask, request, f"list:{name}")

        routes.add("GET", f"/export/{name}", list_file, shown=False)

    routes.add("GET", "/reports", catalogue, shown=False)
    routes.add("GET", "/reports/{report}", viewer, shown=False)
    routes.add("GET", "/reports/{report}/file", report_file, shown=False)
    routes.add("GET", "/statistics", statistics, shown=False)
    routes.add("GET", "/report_runs", runs, shown=False)
    routes.add("GET", "/report_runs/{run_id}", run_page, shown=False)
    for name in LOOKS:
        exported(name)


def with_one_period(ask: Ask) -> Ask:
    """Return a request of a form that has a period and two days: the period was chosen."""
    if "period" not in ask.parameters:
        return ask
    given = {name: text for name, text in ask.parameters.items() if name not in {"from", "to"}}
    return replace(ask, parameters=given)


async def file_of(office: Office, ask: Ask, request: Request, what: str) -> Response:
    """Give a file at once, or lead to the run that makes it."""
    chinese = is_chinese(request)
    layout = ask.parameters.get("format", "csv")
    given = {"bom": "1", **ask.parameters}  # a spreadsheet opens what a browser downloads
    wanted = Ask(ask.caller, ask.reach, given, ask.origin)
    try:
        made = await office.exports.file(wanted, what, layout, chinese=chinese)
    except TooLongError:
        async with office.pool.act() as act:
            run = await office.exports.open_run(wanted, what, layout, act, chinese=chinese)
        office.exports.start()
        return RedirectResponse(f"/report_runs/{run['id']}", 303)
    return attached(made.name, made.media, made.content, manifest=str(made.manifest["sha256"]))


def _viewed(run: Run, rows: list[Row]) -> Document:
    """Return a made report as its page shows it."""
    period = run.question.period
    manifest = run.manifest()
    return {
        "columns": [
            {
                "code": column.code,
                "title": column.title(chinese=run.chinese),
                "formula": column.formula(chinese=run.chinese),
                "missing": column.missing(chinese=run.chinese),
                "right": column.kind.value in {"count", "money", "ratio"},
                "mono": column.kind.value == "code",
            }
            for column in run.columns
        ],
        "rows": [_line(run, row) for row in rows],
        "totals": [_line(run, row, total=True) for row in run.totals],
        "more": manifest.rows - len(rows),
        "from": period.begin.isoformat(),
        "to": period.end.isoformat(),
        "zone": str(run.zone),
        "by": run.question.by,
        "compare": run.question.compare,
        "behind": _behind(run, {}),
        "final": run.final,
        "adds_up": run.adds_up,
        "manifest": manifest.document(),
        "file_name": run.file_name,
    }


def _behind(run: Run, key: Mapping[str, str]) -> str:
    """Return where the transactions behind a row are, or, without a key, those behind it all."""
    period = run.question.period
    wanted = {"from": period.begin.isoformat(), "to": period.end.isoformat()}
    mids = run.question.mids
    if mids is not None and len(mids) == 1:
        wanted["mid"] = mids[0]
    return "/reports/R02?" + urlencode({**wanted, **run.question.filters, **key})


def _line(run: Run, row: Row, *, total: bool = False) -> Document:
    key = dict(row.key)
    payment = key.pop("payment", "")
    behind = ""
    if payment:
        behind = f"/payments/{payment}"
    elif key or total:
        behind = _behind(run, key)
    return {
        "currency": row.currency,
        "behind": behind,
        "cells": [
            _cell(cell, column, row.currency, run, total=total)
            for cell, column in zip(row.cells, run.columns, strict=True)
        ],
        # For charts: whole minor units or counts, as they are.
        "raw": [cell if isinstance(cell, int) else None for cell in row.cells],
    }


def _cell(cell: Cell, column: Column, code: str, run: Run, *, total: bool) -> str:
    if cell is None and total and not column.missing_en:
        return ""
    return shown(
        column.named(cell, chinese=run.chinese), column.kind, code, ZoneInfo(str(run.zone))
    )
