"""The API's routes of reports: catalogue, results, statistics, runs and their files.

What they tell is in reporting.py and exports.py; rights are in routes_reports.py.
"""

from typing import Annotated, Literal
from urllib.parse import quote

import msgspec
from fastapi import FastAPI
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response

from pointsman.console import api_work, ids, query
from pointsman.console.acting import answered_once, body_of
from pointsman.console.exports import PREFIX, told_run
from pointsman.console.files import MEDIA
from pointsman.console.gate import Ask
from pointsman.console.office import Office, Routes
from pointsman.console.once import Done
from pointsman.console.payments import Document
from pointsman.console.problems import Code, Problem
from pointsman.console.reconciled import JOB
from pointsman.console.tongue import is_chinese
from pointsman.reports.period import PARAMETERS
from pointsman.store.console_pool import Act
from pointsman.store.console_runs import RunRow


class NewRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Which report to make, as what, and of what."""

    report: Annotated[str, Meta(pattern="^R[0-9]{2}$", examples=["R01"])]
    format: Literal["csv", "xlsx", "pdf"] = "csv"
    parameters: dict[Annotated[str, Meta(max_length=20)], Annotated[str, Meta(max_length=100)]] = {}


def add_routes(app: FastAPI, office: Office) -> None:
    """Add the routes."""
    routes = Routes(app, office)
    reporting, exports = office.reporting, office.exports

    async def catalogue(ask: Ask, request: Request) -> Document:
        """List the reports."""
        return await reporting.catalogue(ask, chinese=is_chinese(request))

    async def definition(ask: Ask, request: Request) -> Document:
        """Tell one report: columns, formulas, groupings and formats."""
        code = request.path_params["report"]
        return await reporting.definition(ask, code, chinese=is_chinese(request))

    async def result(ask: Ask, request: Request) -> Document:
        """Make a report and tell its rows, totals and manifest."""
        code = request.path_params["report"]
        return await reporting.result(ask, code, chinese=is_chinese(request))

    async def statistics(ask: Ask, request: Request) -> Document:
        """Tell sums by one grouping beside those of the period before."""
        return await reporting.statistics(ask, chinese=is_chinese(request))

    async def new_run(ask: Ask, request: Request) -> Response:
        """Make a report as a file; ask its address until it is done."""
        want = await body_of(request, NewRun)
        given = query.parameters(want.parameters.items(), _KNOWN)
        wanted = Ask(ask.caller, ask.reach, given, ask.origin)

        async def work(act: Act) -> Done:
            found = await exports.open_run(
                wanted, want.report, want.format, act, chinese=is_chinese(request)
            )
            return Done(found, 202)

        answer = await answered_once(office.once, ask, request, want, work)
        name = str(msgspec.json.decode(answer.body)["id"])
        answer.headers["location"] = f"/v1/jobs/{name.replace(PREFIX, JOB, 1)}"
        exports.start()
        return answer

    async def runs(ask: Ask, _: Request) -> Document:
        """List runs, newest first."""
        return await listed(office, ask)

    async def run(ask: Ask, request: Request) -> Document:
        """Tell one run."""
        return told_run(await run_of(office, ask, request))

    async def run_file(ask: Ask, request: Request) -> Response:
        """Give the file of a run as long as its link lives."""
        return await given_file(office, ask, request)

    routes.add("GET", "/v1/reports", catalogue)
    routes.add("GET", "/v1/reports/{report}", definition)
    routes.add("GET", "/v1/reports/{report}/result", result)
    routes.add("GET", "/v1/statistics", statistics)
    routes.add("GET", "/v1/report_runs", runs)
    routes.add("POST", "/v1/report_runs", new_run, body=NewRun, keyed=True)
    routes.add("GET", "/v1/report_runs/{run_id}", run)
    routes.add("GET", "/v1/report_runs/{run_id}/file", run_file)
    api_work.add_routes(routes, office)


_KNOWN = frozenset({*PARAMETERS, "bom"})


async def listed(office: Office, ask: Ask) -> Document:
    """Return a page of runs."""
    return await office.lists.page(ask, "report_runs", lambda row: told_run(RunRow(*row)))


async def run_of(office: Office, ask: Ask, request: Request) -> RunRow:
    """Return the run that the address names; raises Problem."""
    raw = ids.decode(PREFIX, request.path_params["run_id"])
    row = await office.exports.runs.by_id(raw, ask.mids) if raw is not None else None
    if row is None:
        raise Problem(Code.NOT_FOUND, "There is no such run.")
    return row


async def given_file(office: Office, ask: Ask, request: Request) -> Response:
    """Return the file of a run; raises Problem where it is not there, or not any more."""
    row = await run_of(office, ask, request)
    if row.state != "done":
        raise Problem(Code.STATE_CONFLICT, f"The run is {row.state}.")
    content = await office.exports.runs.content(row.id)
    if content is None:
        raise Problem(Code.EXPORT_EXPIRED, "The link lived for 15 minutes: run it once more.")
    return attached(row.file_name, MEDIA[row.format], content)


def attached(name: str, media: str, content: bytes, *, manifest: str = "") -> Response:
    """Return a file to be kept (RFC 6266)."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    if manifest:
        headers["manifest-sha256"] = manifest
    return Response(content, media_type=media, headers=headers)
