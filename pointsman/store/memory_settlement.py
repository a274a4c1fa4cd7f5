"""Business days in memory as settlement reads them: the twin of settlement_sql.py.

A shell over memory_days.py, which closes a day; here are the questions of `day.Days`, each one call
of the database (memory_leases.Call). What settlement makes of the answers is its own affair.
"""

from collections.abc import Sequence
from datetime import date

from pointsman.store import memory_batches, memory_days
from pointsman.store.day import (
    BatchClaim,
    DayState,
    FileRecord,
    OpenItem,
    OpenReason,
    PostedLine,
    PostingKind,
)
from pointsman.store.memory import MemoryDatabase, Row
from pointsman.store.memory_leases import Call
from pointsman.store.verbs import BatchTotals, SideTotals

_NOTHING = BatchTotals(SideTotals(), SideTotals())


class MemoryDays:
    """`day.Days` on the tables in memory."""

    def __init__(self, db: MemoryDatabase, call: Call) -> None:
        self._db = db
        self._call = call

    async def open_day(self) -> date:
        """See day.Days."""
        return await self._call("open_day", self._db.open_day)

    async def last_closed(self) -> date | None:
        """See day.Days."""
        return await self._call("last_closed", lambda: max(self._in(DayState.CLOSED), default=None))

    async def day_state(self, day: date) -> DayState | None:
        """See day.Days."""
        state = await self._call("day_state", lambda: self._db.days.get(day))
        return None if state is None else DayState(state)

    async def closing_days(self) -> Sequence[date]:
        """See day.Days."""
        return await self._call("closing_days", lambda: sorted(self._in(DayState.CLOSING)))

    async def unwritten_days(self) -> Sequence[date]:
        """See day.Days."""
        return await self._call(
            "unwritten_days",
            lambda: sorted(day for day in self._in(DayState.CLOSED) if day not in self._db.files),
        )

    async def begin_day_close(self, day: date, following: date) -> DayState:
        """See day.Days."""
        state = await self._call(
            "begin_day_close", lambda: memory_days.begin_day_close(self._db, day, following)
        )
        if state is None:
            raise LookupError(f"{day} was never a business day")
        return DayState(state)

    async def force_batches(self, limit: int) -> int:
        """See day.Days."""
        return await self._call(
            "force_batches", lambda: memory_batches.force_batches(self._db, limit)
        )

    async def unfinished(self, day: date) -> int:
        """See day.Days."""
        return await self._call("unfinished", lambda: memory_days.unfinished(self._db, day))

    async def close_day(self, day: date) -> None:
        """See day.Days. Raises `LookupError` where the day, or an earlier one, is open."""
        state = await self._call("close_day", lambda: memory_days.close_day(self._db, day))
        if state != DayState.CLOSED:
            raise LookupError(f"{day} cannot be closed")

    async def day_lines(self, day: date) -> Sequence[PostedLine]:
        """See day.Days."""
        return await self._call("day_lines", lambda: self._lines(day))

    async def day_open_items(self, day: date) -> Sequence[OpenItem]:
        """See day.Days."""
        return await self._call("day_open_items", lambda: self._open_items(day))

    async def day_batches(self, day: date) -> Sequence[BatchClaim]:
        """See day.Days."""
        return await self._call("day_batches", lambda: self._batches(day))

    async def day_files(self, day: date) -> Sequence[FileRecord]:
        """See day.Days."""
        found = await self._call("day_files", lambda: list(self._db.files.get(day, ())))
        return [FileRecord(*one) for one in sorted(found)]

    async def record_files(self, day: date, files: Sequence[FileRecord]) -> None:
        """See day.Days."""
        made = [(one.name, one.sha256, one.size_bytes) for one in files]
        await self._call("record_files", lambda: self._db.files.setdefault(day, made))

    def _in(self, state: DayState) -> list[date]:
        return [day for day, one in self._db.days.items() if one == state]

    def _lines(self, day: date) -> list[PostedLine]:
        found = [
            PostedLine(
                transaction=id_,
                posting=PostingKind(kind),
                day=day,
                business_date=date.fromisoformat(row["business_date"]),
                mid=row["mid"],
                tid=row["tid"],
                batch=row["batch"],
                stan=row["stan"],
                rrn=row["rrn"],
                kind=row["kind"],
                method=row["method"],
                scheme=row["scheme"],
                domestic=row["domestic"],
                card=_card(row),
                currency=posting.currency,
                signed_minor=posting.signed_minor,
                auth_code=row["auth_code"],
                local_date=row["details"]["local_date"],
                local_time=row["details"]["local_time"],
                acquirer=row["acquirer"],
                host_rrn=row["host_rrn"],
                acquirer_date=row["host_date"],
            )
            for (id_, kind), posting in self._db.postings.items()
            if posting.day == day
            for row in (self._db.transactions[id_],)
        ]
        return sorted(found, key=lambda one: (*_place(one), one.posting.value, one.transaction))

    def _open_items(self, day: date) -> list[OpenItem]:
        found = [
            OpenItem(
                transaction=id_,
                reason=OpenReason(reason),
                day=day,
                business_date=date.fromisoformat(row["business_date"]),
                mid=row["mid"],
                tid=row["tid"],
                batch=row["batch"],
                stan=row["stan"],
                rrn=row["rrn"],
                kind=row["kind"],
                card=_card(row),
                currency=row["currency"],
                signed_minor=signed_minor,
                acquirer=row["acquirer"],
            )
            for id_, (reason, signed_minor) in self._db.open_items.get(day, {}).items()
            for row in (self._db.transactions[id_],)
        ]
        return sorted(found, key=lambda one: (*_place(one), one.transaction))

    def _batches(self, day: date) -> list[BatchClaim]:
        return [
            BatchClaim(
                mid=mid,
                tid=tid,
                batch=batch,
                currency=self._db.merchants[mid].currency,
                claimed=row.claimed,
                journal=row.journal or _NOTHING,
                result=row.result or "",
            )
            for (mid, tid, batch), row in sorted(self._db.batches.items())
            if row.listed == day
        ]


def _place(one: PostedLine | OpenItem) -> tuple[str, ...]:
    return one.mid, one.currency, one.tid, one.batch, one.stan


def _card(row: Row) -> str:
    if row["card_token"] is None:
        return ""
    first6, last4 = row["first6"] or "", row["last4"]
    return f"{first6}******{last4}"
