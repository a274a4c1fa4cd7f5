"""Closing a business day: the two steps in the store, then the files, each harmless to repeat.

A shell: it waits for sales that still have no outcome, asks the store, and hands bytes to the disk.
Which day is meant is decided in end_of_day.py, what belongs to it by the store, what the files say
in files.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import assert_never
from zoneinfo import ZoneInfo

import trio

from pointsman import log
from pointsman.settlement import batch, disk, end_of_day, summary
from pointsman.settlement.end_of_day import Close, Nothing, WriteAgain
from pointsman.settlement.files import ClosedDay, day_files, records
from pointsman.settlement.totals import day_totals
from pointsman.store.day import Days, DayState, FileRecord

Publish = Callable[[Path, date, Mapping[str, bytes]], Awaitable[Path]]
POLL_S = 0.2
"""How often sales without an outcome are counted while a day is closing."""
FORCED_AT_ONCE = 200
"""Terminal batches that one transaction closes by force: some milliseconds each."""


class NoSuchDayError(Exception):
    """There is nothing to close or to write; the text says why."""


class FilesDifferError(Exception):
    """A day's files would not be what they were when they were first written; none was written."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run did: the day, whether it was closed now, its files and its summary."""

    day: date
    closed_now: bool
    directory: Path
    files: tuple[FileRecord, ...]
    lines: int
    open_items: int
    balanced: bool
    summary: dict[str, object]
    text: str


async def settle(
    days: Days,
    root: Path,
    *,
    asked: date | None,
    now: datetime,
    cutoff: time,
    zone: ZoneInfo,
    wait_s: float,
    publish: Publish = disk.publish_aside,
) -> Settled:
    """Close the day that `end_of_day.choose` names, or write its files again.

    At most `wait_s` are given to sales that have no outcome yet; what has none then is an open
    item. Raises `NoSuchDayError`, `FilesDifferError`, StoreUnavailableError and OSError.
    """
    decision = end_of_day.choose(
        asked,
        open_day=await days.open_day(),
        closing=await days.closing_days(),
        last_closed=await days.last_closed(),
        now=now,
        cutoff=cutoff,
        zone=zone,
    )
    match decision:
        case Close():
            closed_now = await close(days, decision, wait_s)
        case WriteAgain():
            if await days.day_state(decision.day) is not DayState.CLOSED:
                raise NoSuchDayError(f"there is no business day {decision.day}")
            closed_now = False
        case Nothing():
            raise NoSuchDayError(decision.reason)
        case _:
            assert_never(decision)
    return await write(days, root, decision.day, closed_now=closed_now, publish=publish)


async def close(days: Days, decision: Close, wait_s: float) -> bool:
    """Take a day through both steps; true if it was not closed before."""
    state = await days.begin_day_close(decision.day, decision.following)
    if state is DayState.CLOSED:
        return False
    deadline = trio.current_time() + wait_s
    # No cancel scope around a question to the store: a cancelled one costs its connection.
    while trio.current_time() < deadline and await days.unfinished(decision.day):  # noqa: ASYNC110 (sales end in other processes)
        await trio.sleep(POLL_S)
    await force_batches(days)
    await days.close_day(decision.day)
    return True


async def force_batches(days: Days) -> None:
    """Close the terminal batches that were not ended with their day and are not waited for."""
    count = FORCED_AT_ONCE
    while count == FORCED_AT_ONCE:
        count = await days.force_batches(FORCED_AT_ONCE)
        if count:
            log.get().info("batches_forced", count=count)


async def write(
    days: Days,
    root: Path,
    day: date,
    *,
    closed_now: bool,
    publish: Publish = disk.publish_aside,
) -> Settled:
    """Write the files of a closed day, the same as ever; `publish` puts them onto the disk."""
    closed = ClosedDay(
        day=day,
        lines=await days.day_lines(day),
        open_items=await days.day_open_items(day),
        batches=await days.day_batches(day),
    )
    files = day_files(closed)
    made = records(files)
    recorded = tuple(await days.day_files(day))
    if recorded and recorded != made:
        names = sorted({one.name for one in set(recorded) ^ set(made)})
        raise FilesDifferError(f"files of {day} would differ: {', '.join(names)}")
    directory = await publish(root, day, files)
    if not recorded:
        await days.record_files(day, made)
    totals = day_totals(closed.lines, closed.open_items)
    return Settled(
        day=day,
        closed_now=closed_now,
        directory=directory,
        files=made,
        lines=len(closed.lines),
        open_items=len(closed.open_items),
        balanced=all(batch.verdict(claim) != batch.UNBALANCED for claim in closed.batches),
        summary=summary.summary(day, totals, closed.batches),
        text=summary.as_text(day, totals, closed.batches),
    )
