"""Closing a day: twice, killed on the way, with sales in flight, the bytes are the same (P10)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
import trio
from hypothesis import given, settings
from trio.testing import MockClock

from pointsman.settlement.closing import (
    FORCED_AT_ONCE,
    FilesDifferError,
    NoSuchDayError,
    Settled,
    settle,
)
from pointsman.store.day import DayState, FileRecord
from tests.settlement.days import DAY, ROWS, MemoryDays, Row

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


async def run(
    days: MemoryDays, root: Path, *, asked: date | None = None, later: int = 0, wait_s: float = 0
) -> Settled:
    return await settle(
        days,
        root,
        asked=asked,
        now=NOON + timedelta(days=later),
        cutoff=time(0, 0),
        zone=ZoneInfo("Asia/Shanghai"),
        wait_s=wait_s,
    )


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


async def test_second_run_gives_the_same_bytes_with_a_sale_in_flight_and_a_reversal_owed(
    tmp_path: Path,
) -> None:
    days = MemoryDays([Row(1), Row(2, state="sending"), Row(3, undo="owed")])
    first = await run(days, tmp_path)
    before = contents(first.directory)
    days.change(2, state="approved")
    days.change(3, undo="done")
    again = await run(days, tmp_path)
    assert (first.closed_now, again.closed_now) == (True, False)
    assert again.day == first.day == DAY
    assert contents(again.directory) == before
    assert (first.lines, first.open_items) == (1, 2)
    assert b"000002" in before["open-items.csv"]
    assert b"000003" in before["open-items.csv"]


async def test_what_was_in_flight_posts_to_the_day_that_is_open_when_it_is_known(
    tmp_path: Path,
) -> None:
    days = MemoryDays([Row(1), Row(2, minor=700, state="sending"), Row(3, undo="owed")])
    await run(days, tmp_path)
    days.change(2, state="approved")
    days.change(3, undo="done")
    days.change(1, undo="done")
    second = await run(days, tmp_path, later=1)
    assert second.day == DAY + timedelta(days=1)
    posted = [(line.stan, line.signed_minor) for line in await days.day_lines(second.day)]
    assert posted == [("000001", -1000), ("000002", 700)]


async def test_all_forgotten_batches_are_closed_before_their_day(tmp_path: Path) -> None:
    days = MemoryDays([Row(1)], forgotten=2 * FORCED_AT_ONCE + 1)
    await run(days, tmp_path)
    assert days.forgotten == 0


async def test_sales_without_an_outcome_are_waited_for(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    days = MemoryDays([Row(1, state="sending")])

    async def answer() -> None:
        await trio.sleep(3)
        days.change(1, state="approved")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        settled = await run(days, tmp_path, wait_s=45)
        assert trio.current_time() < 45
    assert (settled.lines, settled.open_items) == (1, 0)


async def test_wait_ends_and_the_sale_is_an_open_item(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    days = MemoryDays([Row(1, state="sending")])
    started = trio.current_time()
    settled = await run(days, tmp_path, wait_s=45)
    assert 45 <= trio.current_time() - started < 46
    assert (settled.lines, settled.open_items) == (0, 1)


class Death(BaseException):
    """Ends a run as a kill would."""


class MortalDays(MemoryDays):
    """Dies before or after its n-th verb has done its work."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(rows)
        self.calls = 0
        self.dies_at: int | None = None

    def __getattribute__(self, name: str) -> object:
        found = super().__getattribute__(name)
        if name not in VERBS:
            return found
        return self._mortal(found)

    def _mortal(self, verb: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def call(*args: object) -> object:
            self._count()
            result = await verb(*args)
            self._count()
            return result

        return call

    def _count(self) -> None:
        self.calls += 1
        if self.calls == self.dies_at:
            raise Death


VERBS = frozenset(
    {
        "open_day",
        "closing_days",
        "last_closed",
        "begin_day_close",
        "unfinished",
        "close_day",
        "day_lines",
        "day_open_items",
        "day_batches",
        "day_files",
        "record_files",
    }
)

SOME_ROWS = [Row(1), Row(2, state="sending"), Row(3, undo="owed"), Row(4, kind="refund")]


async def test_run_that_dies_at_any_verb_is_completed_by_the_next_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    whole = MortalDays(list(SOME_ROWS))
    expected = contents((await run(whole, tmp_path / "whole", asked=DAY)).directory)
    postings = len(whole.lines)
    steps = whole.calls
    assert steps == 2 * 10
    for dies_at in range(1, steps + 1):
        days = MortalDays(list(SOME_ROWS))
        days.dies_at = dies_at
        root = tmp_path / str(dies_at)
        with pytest.raises(Death):
            await run(days, root, asked=DAY)
        days.dies_at = None
        again = await run(days, root, asked=DAY)
        assert contents(again.directory) == expected
        assert len(days.lines) == postings


async def test_day_whose_files_would_differ_is_not_written(tmp_path: Path) -> None:
    days = MemoryDays([Row(1)])
    settled = await run(days, tmp_path)
    before = contents(settled.directory)
    days.lines.append(days.lines[0])
    with pytest.raises(FilesDifferError, match="merchant-898100053310001"):
        await run(days, tmp_path)
    assert contents(settled.directory) == before


async def test_day_that_never_was_or_has_not_come_is_refused(tmp_path: Path) -> None:
    days = MemoryDays()
    for asked in (date(2020, 1, 1), DAY + timedelta(days=1)):
        with pytest.raises(NoSuchDayError):
            await run(days, tmp_path, asked=asked)
    assert days.states == {DAY: DayState.OPEN}


async def test_files_are_recorded_once_with_their_hashes(tmp_path: Path) -> None:
    days = MemoryDays([Row(1)])
    settled = await run(days, tmp_path)
    recorded: Sequence[FileRecord] = await days.day_files(DAY)
    assert tuple(recorded) == settled.files
    assert {one.name for one in recorded} == set(contents(settled.directory))


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_each_amount_is_settled_exactly_once_over_days(rows: list[Row]) -> None:
    async def two_days() -> tuple[MemoryDays, list[dict[str, object]]]:
        days = MemoryDays(list(rows))
        with TemporaryDirectory() as directory:
            root = Path(directory)
            first = await run(days, root)
            for row in rows:
                if row.state == "sending":
                    days.change(row.number, state="approved")
                elif row.undo == "owed":
                    days.change(row.number, undo="done")
            second = await run(days, root, later=1)
            assert (await run(days, root, later=1)).files == second.files
        return days, [first.summary, second.summary]

    days, summaries = trio.run(two_days)
    expected: dict[str, int] = {}
    for row in days.rows:
        counts = row.state == "approved" and row.undo == "none"
        code = {"156": "CNY", "392": "JPY", "048": "BHD"}[row.currency]
        expected[code] = expected.get(code, 0) + (row.signed if counts else 0)
    settled: dict[str, int] = dict.fromkeys(expected, 0)
    for found in summaries:
        for one in found["currencies"]:  # type: ignore[attr-defined] # as JSON would give it
            settled[one["currency"]] += one["net_minor"]
    assert settled == expected
