"""One request in a simulated terminal's memory and what became of it, and totals of many.

Values only. Which requests there are is device.py; how they count is pos_types.py.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

from pointsman.sim.cards import CARDS
from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_rows import Asked, Entry, Told

SHOWN: Final = "00"  # an order with its number; not approved before it was paid
NOT_YET_KNOWN: Final = "98"  # a refund so answered is asked again until its result is known
# Each says that this copy of a refund was not looked at, which tells nothing of an earlier one.
# Told so many times in a row it is the journal's own answer, and final.
UNCLEAR: Final = frozenset({"96", "97", "99", "A0"})
UNCLEAR_MAX: Final = 40

Key: TypeAlias = tuple[str, str]
"""Batch and STAN."""


@dataclass(frozen=True, slots=True)
class Item:
    """One money request and what became of it."""

    asked: Asked
    told: Told | None = None
    undo_reason: str = ""
    undo_attempts: int = 0
    undone: bool = False
    voided: bool = False
    refunded_minor: int = 0
    completed: bool = False
    held_more_minor: int = 0  # by additional pre-authorisations
    replaced_minor: int | None = None  # by a tip or an adjustment
    unclear: int = 0  # refusals in a row that tell nothing of an earlier copy

    @property
    def key(self) -> Key:
        """Batch and STAN: its name within the terminal."""
        return self.asked.batch, self.asked.stan

    @property
    def original(self) -> Key:
        """Batch and STAN of what it follows; two empty texts for a sale."""
        return self.asked.original_batch, self.asked.original_stan

    @property
    def approved(self) -> bool:
        """Whether the cashier holds an approval that the terminal did not take back."""
        return self.told is not None and self.told.approved and not self.undo_reason

    @property
    def stands(self) -> bool:
        """Whether it is approved and not voided."""
        return self.approved and not self.voided

    @property
    def amount_minor(self) -> int:
        """The approved amount: a partial approval is smaller than asked, a tip makes it more."""
        if self.replaced_minor is not None:
            return self.replaced_minor
        return self.told.amount_minor if self.told is not None else self.asked.amount_minor

    @property
    def open(self) -> bool:
        """Whether no final answer is known."""
        if self.undo_reason:
            return not self.undone
        return self.told is None or self.waits_for_host

    @property
    def waits_for_host(self) -> bool:
        """Whether a refund's or order's result is still owed, or an advice was not taken (8.7)."""
        if self.order:
            return True
        if not TYPES[self.asked.what].resent or self.told is None:
            return False
        return self.told.code == NOT_YET_KNOWN or 0 < self.unclear < UNCLEAR_MAX

    @property
    def order(self) -> str:
        """The number of an order of which it is not known whether it was paid, or nothing."""
        told = self.told
        waits = told is not None and told.code == SHOWN and not told.approved
        return told.order if told is not None and waits else ""

    @property
    def domestic(self) -> bool:
        """Whether it counts in the first block of field 48."""
        return self.asked.entry is Entry.QR or CARDS[self.asked.card].domestic


@dataclass(frozen=True, slots=True)
class Totals:
    """One block of field 48, amounts in minor units; voided and reversed requests do not count."""

    debit_minor: int = 0
    debit_count: int = 0
    credit_minor: int = 0
    credit_count: int = 0
