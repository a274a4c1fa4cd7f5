"""Makes a report: reads its figures or lines page by page, adds up totals, seals the manifest.

A shell over store/console_figures.py. Closed days whose figures are not kept yet are figured first.
How a made report is written to a file is in as_csv.py, as_xlsx.py and as_pdf.py.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from pointsman.reports import lines, summing
from pointsman.reports.catalogue import Definition, Source
from pointsman.reports.lines import Identify
from pointsman.reports.manifest import Manifest, Sealing, control_totals
from pointsman.reports.period import Period, Question
from pointsman.reports.summing import Group, Names
from pointsman.reports.sums import Sums
from pointsman.reports.table import Column, Row
from pointsman.store.console_figures import Figures
from pointsman.store.console_reads import Rows

PAGE_SIZE = 2_000
"""Lines read at once."""


class NoFiguresError(LookupError):
    """No business day was ever opened: there is nothing to report on."""


@dataclass
class Run:
    """One report while it is made: `pages` first, then totals and manifest."""

    definition: Definition
    question: Question
    chinese: bool
    zone: ZoneInfo
    columns: tuple[Column, ...]
    final: bool
    made_at: datetime
    made_by: str
    names: Names
    sealing: Sealing
    totals: list[Row] = field(default_factory=list)
    adds_up: bool = True

    def manifest(self) -> Manifest:
        """Return what the report says of itself; ask when its pages are through."""
        return Manifest(
            self.definition.code,
            self.definition.version,
            self.question.told(),
            str(self.zone),
            self.sealing.rows,
            control_totals(self.columns, self.totals, self.zone),
            self.sealing.hexdigest(),
            self.final,
            self.adds_up,
            self.made_at,
            self.made_by,
        )

    @property
    def file_name(self) -> str:
        """The name of a file of it, without its end: report, scope, days and zone."""
        mids = self.question.mids
        scope = "all" if mids is None else mids[0] if len(mids) == 1 else f"{len(mids)}-merchants"
        period = self.question.period
        zone = str(self.zone).replace("/", "-")
        return f"{self.definition.code}_{scope}_{period.begin}_{period.end}_{zone}"


class Making:
    """Makes reports; `identify` writes a payment's id, `now` tells the time.

    `identify_outlet` writes an outlet's id.
    """

    def __init__(
        self,
        figures: Figures,
        identify: Identify,
        now: Callable[[], datetime],
        identify_outlet: Identify = bytes.hex,
    ) -> None:
        self._figures = figures
        self._identify = identify
        self._identify_outlet = identify_outlet
        self._now = now

    async def begin(
        self, definition: Definition, question: Question, *, chinese: bool, made_by: str
    ) -> Run:
        """Return the run of a report, its figures in place. Raises StoreUnavailableError."""
        zone, _, closed, _ = await self._figures.days()
        end = question.period.end
        await self._ready(question)
        columns = _columns(definition, question)
        return Run(
            definition,
            question,
            chinese,
            ZoneInfo(zone),
            columns,
            closed is not None and end <= closed,
            self._now(),
            made_by,
            await self._names(question),
            Sealing(definition, question, columns),
        )

    async def _names(self, question: Question) -> Names:
        mids = question.mids
        if mids is not None:
            mids = (*mids, *question.places.neighbours)
        outlets = await self._figures.outlets(mids)
        return Names(
            await self._figures.merchants(mids),
            {raw.hex(): (self._identify_outlet(raw), name) for raw, name in outlets},
        )

    async def pages(self, run: Run) -> AsyncGenerator[list[Row], None]:
        """Yield the rows of a report in order; its totals are whole when this ends."""
        match run.definition.source:
            case Source.SUMS:
                found = await self._sums(run)
            case Source.REASONS:
                found = await self._reasons(run)
            case Source.LINES | Source.TAKEN_BACK:
                sums: dict[str, dict[int, int]] = {}
                async with aclosing(self._listed(run)) as listed:
                    async for rows in listed:
                        lines.added(rows, run.columns, sums)
                        run.sealing.add(rows, run.zone)
                        yield rows
                run.totals = lines.total_rows(run.columns, sums)
                return
            case source:
                assert_never(source)
        run.sealing.add(found, run.zone)
        yield found

    async def whole(self, run: Run) -> list[Row]:
        """Return every row at once."""
        return [row async for page in self.pages(run) for row in page]

    async def sums(self, question: Question, by: str = "") -> dict[Group, Sums]:
        """Return sums by a grouping, or, without one, of everything in each currency."""
        parts = by.split("-") if by else []
        await self._ready(question)
        rows = await self._figures.figures(parts, question.values)
        return summing.groups_of(rows, len(parts))

    async def _ready(self, question: Question) -> None:
        """Add up the closed days that nobody has added up yet."""
        period = question.period
        begin = period.before.begin if question.compare else period.begin
        for day in await self._figures.unfigured(begin, period.end):
            await self._figures.figure(day)

    async def _sums(self, run: Run) -> list[Row]:
        question, definition = run.question, run.definition
        groups = await self.sums(question, question.by)
        before = await self.sums(question.of_before, question.by) if question.compare else None
        run.totals = summing.totals(definition, question.by, groups, before)
        run.adds_up = all(one.adds_up for one in groups.values())
        rows = summing.rows(definition, question.by, groups, before, run.names)
        return summing.within(rows, question.period)

    async def _reasons(self, run: Run) -> list[Row]:
        found = lines.reasons(await self.sums(run.question, "response_code"), chinese=run.chinese)
        sums: dict[str, dict[int, int]] = {}
        lines.added(found, run.columns, sums)
        run.totals = lines.total_rows(run.columns, sums)
        return found

    async def _listed(self, run: Run) -> AsyncGenerator[list[Row], None]:
        values = run.question.values
        if run.definition.source is Source.TAKEN_BACK:
            async with aclosing(self._paged(self._figures.taken_back, values, bytes(16))) as pages:
                async for page in pages:
                    yield [lines.taken_back(raw, self._identify) for raw in page]
            return
        period = run.question.period
        late = await self._figures.late(values)
        still = {raw[0]: raw for raw in await self._figures.still_open(values)}
        listed = {raw[0] for raw in late}
        of_period = {i: raw for i, raw in still.items() if raw[2] >= period.begin}
        more = {found: raw[-1] for found, raw in of_period.items()}
        late += [raw for i, raw in still.items() if i not in of_period and i not in listed]
        if late:
            yield [lines.line(raw, self._identify) for raw in late]
        first, last = await self._figures.bounds(period.begin, period.end)
        begin = _just_before(first) if first else _days_before(period)
        bounded = {**values, "most": last}
        async with aclosing(self._paged(self._figures.lines, bounded, begin)) as pages:
            async for page in pages:
                yield [lines.line(raw, self._identify, more.get(raw[0], 0)) for raw in page]

    async def _paged(
        self,
        read: Callable[[Mapping[str, object]], Awaitable[Rows]],
        values: Mapping[str, object],
        after: bytes,
    ) -> AsyncGenerator[Rows, None]:
        while True:
            page: Rows = await read({**values, "after": after, "limit": PAGE_SIZE})
            if page:
                yield page
            if len(page) < PAGE_SIZE:
                return
            after = page[-1][0]


def _columns(definition: Definition, question: Question) -> tuple[Column, ...]:
    match definition.source:
        case Source.SUMS:
            return summing.columns(definition, question.by, compare=question.compare)
        case Source.LINES:
            return lines.LINE_COLUMNS
        case Source.TAKEN_BACK:
            return lines.BACK_COLUMNS
        case Source.REASONS:
            return lines.REASON_COLUMNS
        case source:
            assert_never(source)


def _just_before(first: bytes) -> bytes:
    return (int.from_bytes(first, "big") - 1).to_bytes(len(first), "big")


def _days_before(period: Period) -> bytes:
    """Return an id older than every sale of the period: a date opens within two days of it."""
    midnight = datetime.combine(period.begin, time(), UTC) - timedelta(days=2)
    return int(midnight.timestamp() * 1000).to_bytes(6, "big") + bytes(10)
