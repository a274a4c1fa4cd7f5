"""Files of reports and lists: CSV, XLSX and PDF, at once where they are short, else as a run.

A list is exported by the function that lists it, so an export has the rows and the scope of its
list, all of them. Every export has its row in the audit trail. Rows of runs are in
store/console_runs.py; how files are written, in files.py.
"""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from zoneinfo import ZoneInfo

import trio

from pointsman.console import export_columns, files, ids
from pointsman.console.files import MEDIA, Ending, Produced
from pointsman.console.gate import NOBODY, Ask
from pointsman.console.payments import Document, time_text
from pointsman.console.problems import Code, Problem
from pointsman.console.query import LIMIT_MAX, invalid
from pointsman.console.reading import Reading
from pointsman.console.reporting import Reporting
from pointsman.console.rights import Reach
from pointsman.console.signing import Origin
from pointsman.effects import Effects
from pointsman.reports import as_csv
from pointsman.reports.catalogue import REPORTS
from pointsman.reports.lines import added, total_rows
from pointsman.reports.manifest import control_totals
from pointsman.reports.table import Row
from pointsman.store.console_pool import Act, ConsolePool, Entry
from pointsman.store.console_reads import Reads
from pointsman.store.console_runs import RunRow, Runs, new_run

PREFIX = "run"
AT_ONCE_MAX = 50_000
"""Rows of a file that is made while its reader waits; a longer one is a run."""
LIST_FORMATS = ("csv", "xlsx")
_LIST = "list:"


_OF_OUTLETS = "This is too long for one file of an outlet: ask for a shorter period."


class Exports:
    """Makes files."""

    def __init__(
        self, pool: ConsolePool, reporting: Reporting, reading: Reading, effects: Effects, mode: str
    ) -> None:
        self._pool = pool
        self._reads = Reads(pool)
        self._reporting = reporting
        self._effects = effects
        self._mode = mode
        self.runs = Runs(pool)
        self.at_once_max = AT_ONCE_MAX
        self.wanted = trio.Event()
        self._lists: dict[str, Callable[[Ask], Awaitable[Document]]] = {
            "payments": reading.payments,
            "merchants": reading.merchants,
            "terminals": reading.terminals,
            "batches": reading.batches,
            "settlement": reading.cycles,
            "acquirers": reading.acquirers,
            "links": reading.links,
            "users": reading.users,
            "audit": reading.audit,
            "keys": reading.keys,
        }

    def add_list(self, name: str, function: Callable[[Ask], Awaitable[Document]]) -> None:
        """Let a list be exported that others tell."""
        self._lists[name] = function

    async def file(self, ask: Ask, what: str, layout: str, *, chinese: bool) -> Produced:
        """Make the file of a report or a list, audited; raises Problem, files.TooLongError."""
        self.check(ask, what, layout)
        found = await self._produced(ask, what, layout, chinese=chinese, rows_max=self.at_once_max)
        async with self._pool.act() as act:
            await act.audit(self.entry(ask, what, layout, found.manifest))
        return found

    async def open_run(
        self, ask: Ask, what: str, layout: str, act: Act, *, chinese: bool
    ) -> Document:
        """Keep a run in the caller's transaction; `start` it when that has ended.

        Runs are kept of merchants. Raises Problem for who reaches outlets alone.
        """
        self.check(ask, what, layout)
        if ask.outlets:
            raise Problem(Code.TOO_LARGE, _OF_OUTLETS)
        if not what.startswith(_LIST):
            await self._reporting.question(ask, REPORTS[what], ask.parameters)
        run_id = self._effects.new_id()
        given = {**ask.parameters, "language": "zh-CN" if chinese else "en"}
        await new_run(
            act,
            run_id=run_id,
            report=what,
            layout=layout,
            parameters={k: v for k, v in given.items() if k not in {"format", "limit", "after"}},
            mids=ask.mids,
            made_by=ask.caller.full_name or ask.caller.name,
        )
        await act.audit(self.entry(ask, what, layout, {"run": ids.encode(PREFIX, run_id)}))
        return {"id": ids.encode(PREFIX, run_id), "state": "waiting", "report": what}

    def start(self) -> None:
        """Let the task that makes runs look."""
        self.wanted.set()

    async def make_next(self) -> str:
        """Make the oldest run that waits; returns done or failed, and nothing where none waits."""
        row = await self.runs.take()
        if row is None:
            return ""
        reach = Reach(None if row.mids is None else frozenset(row.mids))
        caller = replace(NOBODY, name=row.made_by)
        given = dict(row.parameters)
        chinese = given.pop("language", "en") == "zh-CN"
        ask = Ask(caller, reach, given, Origin("", ""))
        try:
            made = await self._produced(ask, row.report, row.format, chinese=chinese, rows_max=None)
        except Problem:
            await self.runs.failed(row.id)
            return "failed"
        await self.runs.done(row.id, made.manifest, made.name, made.content)
        return "done"

    def check(self, ask: Ask, what: str, layout: str) -> None:
        """Raise Problem where there is no such report or list, or not in this format."""
        if what.startswith(_LIST):
            formats: Sequence[str] = LIST_FORMATS
            if what.removeprefix(_LIST) not in self._lists:
                raise Problem(Code.NOT_FOUND, "There is no such list.")
        else:
            formats = [f for f in self._reporting.of(ask, what).formats if f in MEDIA]
        if layout not in formats:
            raise invalid("format", f"one of {', '.join(formats)} expected")

    def entry(self, ask: Ask, what: str, layout: str, after: Document) -> Entry:
        """Return the audit row of an export."""
        (mid,) = ask.mids if ask.mids is not None and len(ask.mids) == 1 else [""]
        return Entry(
            ask.caller.name, "export", "report", what, role=ask.caller.role, mid=mid,
            after={"format": layout, "parameters": ask.parameters, **after},
            address=ask.origin.address, request_id=ask.origin.request_id,
        )  # fmt: skip

    async def _produced(
        self, ask: Ask, what: str, layout: str, *, chinese: bool, rows_max: int | None
    ) -> Produced:
        if what.startswith(_LIST):
            return await self._list(ask, what.removeprefix(_LIST), layout, chinese, rows_max)
        given = ask.parameters
        run = await self._reporting.begin(
            ask, self._reporting.of(ask, what), given, chinese=chinese
        )
        pages = self._reporting.making.pages(run)
        if layout == "pdf":
            rows = await files.gathered(pages, rows_max)
            content = await files.pdf_file(run, rows, self._mode)
        else:
            content = await files.table_file(
                pages, layout, run.definition.title(chinese=chinese), run.columns, run.zone,
                chinese=chinese, rows_max=rows_max, bom=given.get("bom") == "1",
                ending=lambda: Ending(run.totals, run.manifest().lines()),
            )  # fmt: skip
        name = f"{run.file_name}.{layout}"
        return Produced(name, MEDIA[layout], content, run.manifest().document())

    async def _list(
        self, ask: Ask, name: str, layout: str, chinese: bool, rows_max: int | None
    ) -> Produced:
        zone_name, day = await self._reads.site()
        zone = ZoneInfo(zone_name)
        columns = export_columns.columns(name)
        digest, count = hashlib.sha256(), 0
        sums: dict[str, dict[int, int]] = {}
        manifest: Document = {}

        async def pages() -> AsyncGenerator[list[Row], None]:
            nonlocal count
            async with aclosing(self._listed(ask, name)) as listed:
                async for rows in listed:
                    digest.update(as_csv.body(rows, columns, zone, chinese=False))
                    added(rows, columns, sums)
                    count += len(rows)
                    yield rows

        def ending() -> Ending:
            given = {k: v for k, v in ask.parameters.items() if k not in {"format", "bom"}}
            totals = [row for row in total_rows(columns, sums) if row.currency]
            manifest.update(
                {
                    "report": name,
                    "version": 1,
                    "parameters": given,
                    "zone": zone_name,
                    "rows": count,
                    "control_totals": control_totals(columns, totals, zone),
                    "sha256": digest.hexdigest(),
                    "made_at": time_text(self._effects.now()),
                    "made_by": ask.caller.full_name or ask.caller.name,
                }
            )
            return Ending([], [(key, str(value)) for key, value in manifest.items()])

        content = await files.table_file(
            pages(), layout, name, columns, zone, chinese=chinese, rows_max=rows_max,
            bom=ask.parameters.get("bom") == "1", ending=ending,
        )  # fmt: skip
        scope = "all" if ask.mids is None else ask.mids[0] if len(ask.mids) == 1 else "some"
        file_name = f"{name}_{scope}_{day}_{zone_name.replace('/', '-')}.{layout}"
        return Produced(file_name, MEDIA[layout], content, manifest)

    async def _listed(self, ask: Ask, name: str) -> AsyncGenerator[list[Row], None]:
        given = {k: v for k, v in ask.parameters.items() if k not in {"format", "bom", "after"}}
        given["limit"] = str(LIMIT_MAX)
        while True:
            found = await self._lists[name](replace(ask, parameters=given))
            yield [export_columns.row(name, one) for one in found["data"]]
            following = found["page"]["next"]
            if following is None:
                return
            given["after"] = following


def told_run(row: RunRow) -> Document:
    """Return a run as the API tells it."""
    return {
        "id": ids.encode(PREFIX, row.id),
        "report": row.report.removeprefix(_LIST),
        "format": row.format,
        "parameters": row.parameters,
        "made_by": row.made_by,
        "made": time_text(row.made_at),
        "state": row.state if row.state != "done" or row.open else "expired",
        "manifest": row.manifest or None,
        "file": f"/v1/report_runs/{ids.encode(PREFIX, row.id)}/file" if row.open else None,
        "file_name": row.file_name or None,
        "expires": None if row.expires_at is None else time_text(row.expires_at),
    }
