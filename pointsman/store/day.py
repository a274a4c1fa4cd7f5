"""A business day as settlement sees it: what was posted, what stayed open, what terminals claimed.

Values, and the verbs `Days`, `Watch` (settlement_sql.py), `Census` (watch_sql.py) and `Upkeep`
(upkeep_sql.py). What is added up and written to files is in settlement/. A day that is closed never
changes again: files are derived from it and come out byte for byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Protocol

from pointsman.store.verbs import BatchTotals

KEYS_KEPT: Final = timedelta(days=180)
"""Request keys and notes of delivery stay this long after their batch: no terminal repeats or
reverses what is older, its batch was closed long ago (a repeat is 77 before its key is asked)."""


FORCED: Final = "forced"
"""The result of a batch that its terminal forgot: closed by the switch, by its journal."""


class DayState(StrEnum):
    """The two steps in which a day closes: no new sales, then nothing changes any more."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class PostingKind(StrEnum):
    """Why an amount was posted; a transaction is posted at most once for each kind."""

    PAYMENT = "payment"
    UNDO = "undo"  # reversed after it had been posted: the negative, on the day then open


class OpenReason(StrEnum):
    """Why a transaction was not posted when its day closed."""

    SENDING = "sending"  # no outcome yet
    IN_DOUBT = "in doubt"  # no valid answer; its reversal or repeat is owed
    OWED = "reversal owed"  # approved, and an acquirer must still undo it
    PARKED = "parked"  # the acquirer refused to undo it: a person must look
    ADVICE_OWED = "advice owed"  # told as approved, and the acquirer does not have it yet
    ADVICE_REFUSED = "advice refused"  # the acquirer refused to take it: a person must look
    GIVEN_UP = "given up"  # refused, and two users say that it will never be paid: listed once


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One posting of one day with what the files show of its transaction.

    `signed_minor` is positive where the merchant earns (a sale), negative for void, refund and for
    the undoing of a sale. Every value was final when it was posted; none is read from rows that
    may still change. `acquirer_date` is field 15 of the acquirer's answer (MMDD, may be empty).
    """

    transaction: bytes
    posting: PostingKind
    day: date
    business_date: date
    mid: str
    tid: str
    batch: str
    stan: str
    rrn: str
    kind: str
    method: str
    scheme: str
    domestic: bool
    card: str  # masked
    currency: str  # ISO 4217 numeric
    signed_minor: int
    auth_code: str
    local_date: str
    local_time: str
    acquirer: str
    host_rrn: str
    acquirer_date: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A transaction that was in no file when the day closed; listed with the amount at stake."""

    transaction: bytes
    reason: OpenReason
    day: date
    business_date: date
    mid: str
    tid: str
    batch: str
    stan: str
    rrn: str
    kind: str
    card: str  # masked
    currency: str
    signed_minor: int
    acquirer: str


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """A terminal batch that was closed since the day before closed, as it stood at closing.

    `claimed` are the terminal's own totals (None: it told none), `journal` ours when it closed;
    `result` is ``balanced``, ``unbalanced-explained`` or ``unbalanced-open``, or ``forced`` where
    the switch closed it.
    """

    mid: str
    tid: str
    batch: str
    currency: str
    claimed: BatchTotals | None
    journal: BatchTotals
    result: str


@dataclass(frozen=True, slots=True, order=True)
class FileRecord:
    """One file of a day: its name below the day's directory, SHA-256 (hex) and size."""

    name: str
    sha256: str
    size_bytes: int


class Days(Protocol):
    """Business days. All methods raise `StoreUnavailableError` when the database is away."""

    async def open_day(self) -> date:
        """Return the business date that new transactions get."""

    async def last_closed(self) -> date | None:
        """Return the newest day in state closed; None before the first."""

    async def day_state(self, day: date) -> DayState | None:
        """Return where this day stands; None where there never was such a day."""

    async def closing_days(self) -> Sequence[date]:
        """Return the days in state closing, oldest first: a close was begun and not finished."""

    async def unwritten_days(self) -> Sequence[date]:
        """Return the closed days whose files were never recorded, oldest first."""

    async def begin_day_close(self, day: date, following: date) -> DayState:
        """Move `day` from open to closing and open `following`, in one transaction.

        Takes the day's lock exclusively, so that no commit is between two dates. Does nothing when
        the day is closing or closed already; returns the state that holds afterwards. A day that
        was never opened raises `LookupError`.
        """

    async def force_batches(self, limit: int) -> int:
        """Close at most so many terminal batches that were not ended with their day; say how many.

        `begin_day_close` lets nothing new into a batch that its terminal has not ended. It is due
        when nothing in it is before an outcome; after ten minutes in any case, and only then where
        its terminal was sending its batch.
        """

    async def unfinished(self, day: date) -> int:
        """Count transactions of this business date that are in state sending."""

    async def close_day(self, day: date) -> None:
        """Fix what belongs to the day and move it from closing to closed, in one transaction.

        Posts every transaction that counts, of this or an earlier business date, and has no posting
        yet; posts the negative of what was undone after its posting; writes the open items (of this
        or an earlier date) and the batches closed since. Does nothing when the day is closed.
        """

    async def day_lines(self, day: date) -> Sequence[PostedLine]:
        """Return the postings of a closed day, by MID, currency, TID, batch, STAN, posting, id."""

    async def day_open_items(self, day: date) -> Sequence[OpenItem]:
        """Return what was open when the day closed, in the order of `day_lines`."""

    async def day_batches(self, day: date) -> Sequence[BatchClaim]:
        """Return the terminal batches of a closed day, by MID, TID, batch."""

    async def day_files(self, day: date) -> Sequence[FileRecord]:
        """Return the files recorded for this day, by name."""

    async def record_files(self, day: date, files: Sequence[FileRecord]) -> None:
        """Record the day's files once; later calls change nothing."""


@dataclass(frozen=True, slots=True)
class OwedAge:
    """What one acquirer still owes an answer to: how many messages of a kind, the oldest's age."""

    acquirer: str
    kind: str  # "reversal" or "advice"
    depth: int
    parked: int
    oldest_age_s: float


class Watch(Protocol):
    """What the clerk looks at from time to time; none of it is on a sale's way."""

    async def owed_ages(self) -> Sequence[OwedAge]:
        """Return depth and oldest age of what is owed, by acquirer and kind; empty when nothing."""

    async def anchor_heads(self) -> int:
        """Store the present head of every journal chain; return how many heads moved."""


class Upkeep(Protocol):
    """What keeps the journal's tables fit; upkeep_sql.py implements it."""

    async def prepare_days(self, count: int) -> int | None:
        """Make places for the events of `count` days after the open one; None without a site.

        Returns how many of the days to come are ready, without a gap.
        """

    async def purge_keys(self, before: date, batches: int) -> int:
        """Take away request keys of at most so many terminal batches; return how many went.

        Of batches that a day before `before` lists and whose events were purged, with their notes
        of delivery and uploaded items; and tombstones of that age.
        """

    async def fold_limits(self, count: int) -> int:
        """Add at most so many changes to the sums that limits are held against; return how many."""


class Census(Protocol):
    """Figures of what is open in the whole house, for gauges; watch_sql.py implements it."""

    async def unknown_outcomes(self) -> Mapping[str, int]:
        """Count by acquirer the transactions whose outcome is unknown and not undone."""

    async def batch_states(self) -> Mapping[str, int]:
        """Count by state the terminal batches that no closed day lists yet; ``forced`` apart."""
