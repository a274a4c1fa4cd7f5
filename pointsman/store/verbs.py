"""What can be written to the store and asked of it: the seam between the switch and PostgreSQL.

`Journal` is the hot path: two group commits a sale, results by callback, no task per sale.
`Records` is for what is rare: sign-in, reversals that arrive, batches, what is owed, recovery.
journal.py and records_sql.py implement them on PostgreSQL. A write is done, failed or unknown;
unknown is settled by the store before it gives a result, and never by a plain read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pointsman.store.leases import SessionLeases
from pointsman.store.parties import Directory, KeySet, RefusedCard, Terminal
from pointsman.store.reconciliations import Reconciliations
from pointsman.store.records import (
    Intent,
    IntentResult,
    Outcome,
    OutcomeResult,
    Owed,
    RequestKey,
    ReversalArrival,
    Transaction,
)


class StoreUnavailableError(Exception):
    """The database cannot be reached, or did not answer in time; nothing is promised."""


class Journal(Protocol):
    """The two group commits. `done` is called once, in the Trio thread, outside any commit."""

    def intend(self, intent: Intent, deadline: float, done: Callable[[IntentResult], None]) -> None:
        """Commit 1. At `deadline` (Trio time) the wait ends with `NotDurable`, never the commit.

        An intent that was given up at its deadline and committed later is found by the writer's
        own bookkeeping and concluded as failed, since it was never sent.
        """

    def conclude(
        self, outcome: Outcome, deadline: float, done: Callable[[OutcomeResult], None]
    ) -> None:
        """Commit 2, for a transaction of this incarnation that is in state sending."""

    def taken(self, id: bytes) -> None:  # noqa: A002
        """Note that a connection took a byte of the answer; rides in the next group commit."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in gave: a key set that is stored as pending, and the terminal's open batch."""

    batch: str
    key_set: KeySet


@dataclass(frozen=True, slots=True)
class SideTotals:
    """Sums of one side (domestic or foreign) of a terminal batch; minor units."""

    debit_minor: int = 0
    debit_count: int = 0
    credit_minor: int = 0
    credit_count: int = 0


@dataclass(frozen=True, slots=True)
class BatchTotals:
    """Journal totals of one terminal batch: voids netted, reversed and owed not counted."""

    domestic: SideTotals
    foreign: SideTotals


@dataclass(frozen=True, slots=True)
class UploadItem:
    """One line of a terminal's batch upload (terminal-protocol 9, code 201)."""

    stan: str
    amount_minor: int
    foreign: bool
    last4: str


class Records(SessionLeases, Reconciliations, Protocol):
    """Everything rare. All methods raise `StoreUnavailableError` when the database is away.

    What is written about owed messages (`owed_…`) names the lease of our session (leases.py).
    """

    async def directory(self, known_version: int) -> Directory | None:
        """Return the site as it is now, or None when `known_version` is still the newest."""

    async def terminal(self, mid: str, tid: str) -> Terminal | None:
        """Read one terminal with its key sets and open batch; None where there is none."""

    async def sign_in(self, mid: str, tid: str, tpk: bytes, tak: bytes) -> SignedIn | None:
        """Store a pending key set and give the open batch, opening the next one if it is closed.

        The last three pending sets are kept. More than six sign-ins in an hour do not rotate
        further: the newest existing set is returned (`key_set` differs from what was given).
        """

    async def sign_off(self, mid: str, tid: str) -> None:
        """End the operator session; keys stay valid."""

    async def promote(self, mid: str, tid: str, number: int) -> None:
        """Make this pending set current, since a MAC verified under it; the old one retires."""

    async def by_key(self, key: RequestKey) -> Transaction | None:
        """Return the transaction that holds this request key."""

    async def by_rrn(self, mid: str, rrn: str) -> Transaction | None:
        """Return the merchant's transaction with this RRN (ours or the acquirer's)."""

    async def by_invoice(self, mid: str, tid: str, batch: str, invoice: str) -> Transaction | None:
        """Return the payment of a batch with this invoice number, an approved one before others."""

    async def refused_cards(self, after: int, count: int) -> Sequence[RefusedCard]:
        """Return so many cards of the black list after the first ones, oldest first."""

    async def by_hold(
        self, mid: str, token: bytes, auth_code: str, local_date: str
    ) -> Transaction | None:
        """Return the amount held for this card under this approval code since this date (MMDD).

        Of any terminal of the merchant; the newest, an approved one before others.
        """

    async def by_id(self, id: bytes) -> Transaction | None:  # noqa: A002
        """Return one transaction."""

    async def reversal_arrived(
        self, key: RequestKey, amount_minor: int, reason: str
    ) -> ReversalArrival:
        """Write the owed row, or the tombstone, for a terminal's reversal; in its own commit."""

    async def reversal_told(self, key: RequestKey, answer: Mapping[str, str]) -> Mapping[str, str]:
        """Keep what a reversal is about to be told; return what its first copy was told.

        `answer` are fields by number; with another code than the first it is the one that counts.
        """

    async def owe(self, id: bytes, reason: str) -> bool:  # noqa: A002
        """Owe a reversal of a transaction of ours (nobody took the approval; own failure)."""

    async def claim(self, id: bytes) -> bool:  # noqa: A002
        """Note, before it is told, that a further copy is told an approval; it is not owed then.

        False where it does not stand approved any more: nothing may be told.
        """

    async def due(self, acquirer: str, sessions: Sequence[int], limit: int) -> Sequence[Owed]:
        """Return what may be sent now on these sessions of this acquirer, oldest first."""

    async def owed_numbers(self, id: bytes, host_stan: str, host_time: str) -> bool:  # noqa: A002
        """Fix fields 11 and 7 of an owed message before its first byte, and count the attempt.

        False where others were fixed before, perhaps by a call of ours that was given up and came
        late: nothing may be sent under these.
        """

    async def owed_attempt(self, id: bytes) -> None:  # noqa: A002
        """Count one more attempt, before its first byte."""

    async def owed_later(self, id: bytes, after_s: float) -> None:  # noqa: A002
        """Try again in `after_s` seconds (silence, or a code that says so)."""

    async def owed_soon(self, acquirer: str, session: int) -> None:
        """Bring what was put off on this session to leases.QUIET_S from now: its link signed on."""

    async def owed_done(self, id: bytes, code: str) -> None:  # noqa: A002
        """Record the acknowledgement: the original is undone; a reversed void frees its sale."""

    async def owed_answered(self, id: bytes, outcome: Outcome) -> None:  # noqa: A002
        """Record the result of a repeated advice: the row in doubt gets its real outcome."""

    async def owed_parked(self, id: bytes, code: str) -> None:  # noqa: A002
        """Record a refusal for good: a person must look; the money stays in doubt."""

    async def late_answer(self, id: bytes, code: str, reason: str, *, approves: bool) -> bool:  # noqa: A002
        """Note an acquirer's answer that came when nobody could be told it any more.

        An approval of what stands as declined is owed its reversal: True then.
        """

    async def cut_over(self, acquirer: str, settlement_date: str) -> None:
        """Note that an acquirer began its next settlement date (MMDD)."""

    async def settlement_dates(self) -> Mapping[str, str]:
        """Return the settlement date (MMDD) that each acquirer began last, where it said one."""

    async def zone_keys(
        self, acquirer: str, zpk: tuple[bytes, str] | None, zak: tuple[bytes, str] | None
    ) -> None:
        """Put an acquirer's new keys in place: key block and check value; None leaves one alone."""

    async def lease_numbers(self, name: str, period: str, count: int) -> int:
        """Return the first of `count` numbers that nobody else will ever get in `period`."""

    async def batch_totals(self, mid: str, tid: str, batch: str) -> BatchTotals:
        """Add up one terminal batch from the journal."""

    async def settle_batch(
        self, mid: str, tid: str, batch: str, claimed: BatchTotals
    ) -> BatchTotals | None:
        """Move an open batch to closing and keep the terminal's claim; None where there is none."""

    async def upload(self, mid: str, tid: str, batch: str, items: Sequence[UploadItem]) -> int:
        """Keep uploaded items (a second copy is recognised by STAN); return how many are new."""

    async def close_batch(self, mid: str, tid: str, batch: str, uploaded: int) -> str | None:
        """Fix the batch: compare items with the journal; return its final state.

        ``balanced``, ``unbalanced-explained`` or ``unbalanced-open``; None where there is none.
        """

    async def begin(self, machine: str, worker: int) -> tuple[int, int]:
        """Mark this worker's dead incarnations, recover their rows, start a new one.

        Returns the new incarnation and how many rows were found in doubt. The caller's supervisor
        has killed and reaped the predecessor before.
        """

    async def retire(self, machine: str, workers: range) -> int:
        """Recover the rows of a house's workers that are not in `workers`: they no longer exist.

        For the first worker of a house that was started with fewer or others than before.
        """

    async def overdue(self, older_than_s: float) -> int:
        """Put this incarnation's rows that are past every deadline in doubt; return how many."""
