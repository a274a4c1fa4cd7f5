"""What a simulated terminal remembers: its numbers, its batch, and what it still owes.

A core. ``apply`` takes rows, from the running terminal and from the file after a restart alike,
so that a power cut changes nothing. Messages are made in pos_messages.py, flows are chosen in
flows.py, waiting and sending is terminal.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, TypeAlias, assert_never

from pointsman.sim.cards import CARDS
from pointsman.sim.terminal_rows import (
    Asked,
    Entry,
    Kind,
    Repeated,
    Settled,
    SignedIn,
    Started,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)

STAN_MAX: Final = 999_999
# A refund so answered is asked again until its result is known: 98 says that an earlier copy is
# still in doubt, the others that this copy was not looked at and tell nothing of an earlier one.
NOT_YET_KNOWN: Final = frozenset({"98", "96", "97", "99", "A0"})
REFUNDABLE_MAX: Final = 500  # sales remembered beyond their batch
CANDIDATES_MAX: Final = 20  # from which the next void or refund is drawn

Key: TypeAlias = tuple[str, str]


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
    def amount_minor(self) -> int:
        """The approved amount: a partial approval is smaller than what was asked."""
        return self.told.amount_minor if self.told is not None else self.asked.amount_minor

    @property
    def open(self) -> bool:
        """Whether no final answer is known."""
        if self.undo_reason:
            return not self.undone
        return self.told is None or self.waits_for_host

    @property
    def waits_for_host(self) -> bool:
        """Whether this is a refund whose result the host still owes (pos-protocol 8.7)."""
        return (
            self.asked.what is Kind.REFUND
            and self.told is not None
            and self.told.code in NOT_YET_KNOWN
        )

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


@dataclass(slots=True)
class Device:
    """One logical terminal's memory; one owner, changed by ``apply`` alone."""

    mid: str
    tid: str
    stan: int = 0
    batch: str = "000000"
    items: dict[Key, Item] = field(default_factory=dict)
    _open: dict[Key, None] = field(default_factory=dict)  # a set that keeps its order
    _followed: set[Key] = field(default_factory=set)  # originals whose follow-up is open

    def next_stan(self) -> str:
        """Take the next running number: 000001 to 999999, then over."""
        self.stan = self.stan % STAN_MAX + 1
        return f"{self.stan:06d}"

    def apply(self, row: TerminalRow) -> None:
        """Take one row of this terminal into the memory."""
        match row:
            case Asked():
                self.stan = int(row.stan)
                self._store(Item(row))
            case Told():
                item = self.items[row.batch, row.stan]
                self._store(replace(item, told=row))
                if row.approved:
                    self._mark(item.asked, undo=False)
            case UndoDue():
                item = self.items[row.batch, row.stan]
                if item.approved:
                    self._mark(item.asked, undo=True)
                self._store(replace(item, undo_reason=row.reason))
            case UndoTried():
                item = self.items[row.batch, row.stan]
                undone = item.undone or row.settled
                self._store(replace(item, undo_attempts=row.attempt, undone=undone))
            case SignedIn():
                if row.batch and row.batch != self.batch:
                    self.batch = row.batch
                    self._forget()
            case Repeated() | Settled() | Started():
                pass
            case _:
                assert_never(row)

    def owed_reversals(self) -> list[Item]:
        """Return requests that are to be reversed before anything else, oldest first."""
        return [item for item in self._open_items() if item.undo_reason]

    def unanswered(self) -> list[Item]:
        """Return requests that neither were answered nor are being reversed."""
        return [i for i in self._open_items() if i.told is None and not i.undo_reason]

    def refunds_to_repeat(self) -> list[Item]:
        """Return refunds without a known result: they are sent again, never reversed."""
        return [i for i in self._open_items() if i.asked.what is Kind.REFUND]

    def of_batch(self) -> Iterator[Item]:
        """Yield approved sales and refunds that count in the open batch, in order."""
        for item in self.items.values():
            counts = item.asked.batch == self.batch and item.asked.what is not Kind.VOID
            if counts and item.approved and not item.voided:
                yield item

    def totals(self, *, domestic: bool) -> Totals:
        """Return the terminal's own figures of the open batch for one side (pos-protocol 9)."""
        debit = debit_count = credit = credit_count = 0
        for item in self.of_batch():
            if item.domestic is not domestic:
                continue
            if item.asked.what is Kind.REFUND:
                credit += item.amount_minor
                credit_count += 1
            else:
                debit += item.amount_minor
                debit_count += 1
        return Totals(debit, debit_count, credit, credit_count)

    def voidable(self) -> list[Item]:
        """Return the newest sales of the open batch that may be voided."""
        fit = (i for i in self._sales() if i.asked.batch == self.batch and not i.refunded_minor)
        return list(islice(fit, CANDIDATES_MAX))

    def refundable(self) -> list[Item]:
        """Return the newest approved sales that have something left to give back."""
        return list(islice(self._sales(), CANDIDATES_MAX))

    def _sales(self) -> Iterator[Item]:
        for key, item in reversed(self.items.items()):
            if key not in self._followed and _refundable(item):
                yield item

    def _open_items(self) -> Iterator[Item]:
        return (self.items[key] for key in self._open)

    def _store(self, item: Item) -> None:
        key, original = item.key, item.original
        self.items[key] = item
        if item.open:
            self._open[key] = None
            self._followed.add(original)
        else:
            self._open.pop(key, None)
            self._followed.discard(original)

    def _mark(self, asked: Asked, *, undo: bool) -> None:
        key = (asked.original_batch, asked.original_stan)
        original = self.items.get(key)
        if original is None:
            return
        if asked.what is Kind.VOID:
            self.items[key] = replace(original, voided=not undo)
        elif asked.what is Kind.REFUND:
            change = -asked.amount_minor if undo else asked.amount_minor
            self.items[key] = replace(original, refunded_minor=original.refunded_minor + change)

    def _forget(self) -> None:
        """Drop what closed batches no longer need: keep what is open and the newest sales."""
        sales = [key for key, item in self.items.items() if _refundable(item)]
        kept = set(sales[-REFUNDABLE_MAX:]) | set(self._open)
        self.items = {key: item for key, item in self.items.items() if key in kept}


def _refundable(item: Item) -> bool:
    if item.asked.what is not Kind.SALE or not item.approved or item.voided:
        return False
    return item.refunded_minor < item.amount_minor
