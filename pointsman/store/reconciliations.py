"""What we and an acquirer counted of one of its settlement dates, and the verbs that keep it.

Values and a protocol, a part of `verbs.Records`: reconciliations_sql.py and
memory_reconciliations.py implement it. How it is said to an acquirer is switch/reconciling.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol


class Reconciled(StrEnum):
    """Where a reconciliation stands; the last three are final."""

    DUE = "due"
    SENT = "sent"
    BALANCED = "balanced"
    DIFFERS = "differs"  # the acquirer counts something else: for a person, blocks no money
    REFUSED = "refused"  # the acquirer would not reconcile: for a person


@dataclass(frozen=True, slots=True)
class AcquirerTotals:
    """Our figures of one settlement date in minor units; a void counts as a reversed debit."""

    debit_count: int = 0
    debit_minor: int = 0
    void_count: int = 0
    void_minor: int = 0
    credit_count: int = 0
    credit_minor: int = 0
    inquiry_count: int = 0
    hold_count: int = 0

    @property
    def net_minor(self) -> int:
        """What the acquirer owes for the date: debits less voids and credits."""
        return self.debit_minor - self.void_minor - self.credit_minor


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One settlement date of an acquirer in one currency (ISO 4217 numeric).

    `totals` are those of the first attempt: a repeat says the same, under the same fields 11 and 7
    (`host_stan`, `host_time`; empty before the first). `theirs` are the acquirer's own figures
    where its answer told them, by field number.
    """

    acquirer: str
    settlement_date: date
    currency: str
    state: Reconciled
    totals: AcquirerTotals
    attempts: int
    host_stan: str = ""
    host_time: str = ""
    code: str = ""
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ReconciliationRow:
    """One as the tables in memory keep it; `said` is whether its totals were taken."""

    value: Reconciliation
    opened_at: float
    due_at: float
    said: bool = False


class Reconciliations(Protocol):
    """Verbs; all raise `StoreUnavailableError` when the database is away."""

    async def reconciliation_due(
        self, acquirer: str, today: date, again_s: float
    ) -> Reconciliation | None:
        """Return one that is to be said now, and keep it from others for `again_s`.

        Settlement dates before `today` are over. Of what was never said the totals are taken here,
        once nothing of the acquirer is on its way or owed, or an hour has passed.
        """

    async def reconciliation_numbers(
        self, one: Reconciliation, host_stan: str, host_time: str
    ) -> bool:
        """Give a reconciliation its fields 11 and 7, once; False where it has some."""

    async def reconciliation_answered(
        self, one: Reconciliation, state: Reconciled, code: str, theirs: Mapping[str, str]
    ) -> bool:
        """End it with what the acquirer said; False where it had ended."""

    async def reconciliations(self, limit: int) -> Sequence[Reconciliation]:
        """Return the newest, by date and acquirer; those never said have no totals (all 0)."""
