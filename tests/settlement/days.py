"""Business days in memory: `Days` as plainly as it can be said, and posted lines to test with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from hypothesis import strategies as st

from pointsman.store.day import (
    BatchClaim,
    DayState,
    FileRecord,
    OpenItem,
    OpenReason,
    PostedLine,
    PostingKind,
)
from pointsman.store.verbs import BatchTotals, SideTotals

DAY = date(2026, 11, 22)
MIDS = ("898100053310001", "898100053310002", "898100053310003")


@dataclass(frozen=True)
class Row:
    """One transaction: what settlement looks at, with the states that matter to it."""

    number: int
    mid: str = MIDS[0]
    kind: str = "sale"
    minor: int = 1000
    currency: str = "156"
    acquirer: str = "alpha"
    day: date = DAY
    state: str = "approved"  # approved, sending, unknown, declined
    undo: str = "none"  # none, owed, done, parked
    auth_code: str = "A1B2C3"

    @property
    def signed(self) -> int:
        return self.minor if self.kind == "sale" else -self.minor

    @property
    def open_reason(self) -> OpenReason | None:
        if self.state == "sending":
            return OpenReason.SENDING
        if self.undo == "parked":
            return OpenReason.PARKED
        if self.state == "unknown" and self.undo != "done":
            return OpenReason.IN_DOUBT
        return OpenReason.OWED if self.undo == "owed" else None


def line(row: Row, day: date = DAY, posting: PostingKind = PostingKind.PAYMENT) -> PostedLine:
    return PostedLine(
        transaction=row.number.to_bytes(16, "big"),
        posting=posting,
        day=day,
        business_date=row.day,
        mid=row.mid,
        tid=f"{row.number % 3:08d}",
        batch="000001",
        stan=f"{row.number:06d}",
        rrn=f"6326{row.number:08d}",
        kind=row.kind,
        method="chip",
        scheme="CUP",
        domestic=True,
        card="622609******0048",
        currency=row.currency,
        signed_minor=row.signed if posting is PostingKind.PAYMENT else -row.signed,
        auth_code=row.auth_code,
        local_date="1122",
        local_time="101112",
        acquirer=row.acquirer,
        host_rrn=f"H{row.number:011d}",
        acquirer_date="1122",
    )


def open_item(row: Row, day: date, reason: OpenReason) -> OpenItem:
    return OpenItem(
        transaction=row.number.to_bytes(16, "big"),
        reason=reason,
        day=day,
        business_date=row.day,
        mid=row.mid,
        tid=f"{row.number % 3:08d}",
        batch="000001",
        stan=f"{row.number:06d}",
        rrn=f"6326{row.number:08d}",
        kind=row.kind,
        card="622609******0048",
        currency=row.currency,
        signed_minor=row.signed,
        acquirer=row.acquirer,
    )


@dataclass
class MemoryDays:
    """The verbs over a list of rows; `asked` counts how often unfinished sales were counted."""

    rows: list[Row] = field(default_factory=list)
    states: dict[date, DayState] = field(default_factory=lambda: {DAY: DayState.OPEN})
    lines: list[PostedLine] = field(default_factory=list)
    items: list[OpenItem] = field(default_factory=list)
    batches: list[BatchClaim] = field(default_factory=list)
    files: dict[date, tuple[FileRecord, ...]] = field(default_factory=dict)
    asked: int = 0
    forgotten: int = 0

    async def open_day(self) -> date:
        return next(day for day, state in self.states.items() if state is DayState.OPEN)

    async def last_closed(self) -> date | None:
        return max((d for d, s in self.states.items() if s is DayState.CLOSED), default=None)

    async def day_state(self, day: date) -> DayState | None:
        return self.states.get(day)

    async def unwritten_days(self) -> Sequence[date]:
        closed = (day for day, state in self.states.items() if state is DayState.CLOSED)
        return sorted(day for day in closed if day not in self.files)

    async def closing_days(self) -> Sequence[date]:
        return sorted(d for d, s in self.states.items() if s is DayState.CLOSING)

    async def begin_day_close(self, day: date, following: date) -> DayState:
        if day not in self.states:
            raise LookupError(day)
        if self.states[day] is DayState.OPEN:
            self.states[day] = DayState.CLOSING
            self.states[following] = DayState.OPEN
        return self.states[day]

    async def force_batches(self, limit: int) -> int:
        forced, self.forgotten = min(self.forgotten, limit), max(self.forgotten - limit, 0)
        return forced

    async def unfinished(self, day: date) -> int:
        self.asked += 1
        return sum(row.day == day and row.state == "sending" for row in self.rows)

    async def close_day(self, day: date) -> None:
        if self.states[day] is not DayState.CLOSING:
            return
        posted = {(line.transaction, line.posting) for line in self.lines}
        for row in sorted(self.rows, key=lambda row: (row.mid, row.currency, row.number)):
            key = row.number.to_bytes(16, "big")
            paid = (key, PostingKind.PAYMENT) in posted
            if row.day > day:
                continue
            if row.open_reason is not None:
                self.items.append(open_item(row, day, row.open_reason))
            elif row.state == "approved" and row.undo == "none" and not paid:
                self.lines.append(line(row, day))
            elif row.undo == "done" and paid and (key, PostingKind.UNDO) not in posted:
                self.lines.append(line(row, day, PostingKind.UNDO))
        self.states[day] = DayState.CLOSED

    async def day_lines(self, day: date) -> Sequence[PostedLine]:
        return [line for line in self.lines if line.day == day]

    async def day_open_items(self, day: date) -> Sequence[OpenItem]:
        return [item for item in self.items if item.day == day]

    async def day_batches(self, day: date) -> Sequence[BatchClaim]:
        return self.batches if day == DAY else []

    async def day_files(self, day: date) -> Sequence[FileRecord]:
        return self.files.get(day, ())

    async def record_files(self, day: date, files: Sequence[FileRecord]) -> None:
        self.files.setdefault(day, tuple(files))

    def change(self, number: int, *, state: str | None = None, undo: str | None = None) -> None:
        """Move one row on, as the switch would after the day was closed."""
        for index, row in enumerate(self.rows):
            if row.number == number:
                self.rows[index] = replace(row, state=state or row.state, undo=undo or row.undo)


SIDE = st.builds(
    SideTotals,
    debit_minor=st.integers(0, 10**10),
    debit_count=st.integers(0, 999),
    credit_minor=st.integers(0, 10**10),
    credit_count=st.integers(0, 999),
)
TOTALS = st.builds(BatchTotals, domestic=SIDE, foreign=SIDE)


def claim(claimed: BatchTotals | None, journal: BatchTotals, tid: str = "12345678") -> BatchClaim:
    result = "balanced" if claimed == journal else "unbalanced-open"
    return BatchClaim(MIDS[0], tid, "000012", "156", claimed, journal, result)


ROWS = st.lists(
    st.builds(
        Row,
        number=st.integers(1, 99_999),
        mid=st.sampled_from(MIDS),
        kind=st.sampled_from(["sale", "void", "refund"]),
        minor=st.integers(0, 10**12 - 1),
        currency=st.sampled_from(["156", "392", "048"]),
        acquirer=st.sampled_from(["alpha", "beta"]),
        day=st.sampled_from([DAY - timedelta(days=1), DAY]),
        state=st.sampled_from(["approved", "approved", "sending", "unknown", "declined"]),
        undo=st.sampled_from(["none", "none", "none", "owed", "done", "parked"]),
    ),
    max_size=40,
    unique_by=lambda row: row.number,
)
