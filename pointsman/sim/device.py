"""What a simulated terminal remembers: its numbers, its batch, and what it still owes.

A core. ``apply`` takes rows, from the running terminal and from the file after a restart alike,
so that a power cut changes nothing. Messages are made in pos_messages.py, flows are chosen in
flows.py, waiting and sending is terminal.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final, assert_never

from pointsman.sim.items import UNCLEAR, Item, Key, Totals
from pointsman.sim.pos_types import TYPES, Count, Mark
from pointsman.sim.terminal_rows import (
    Asked,
    Kind,
    Repeated,
    Settled,
    Settling,
    SignedIn,
    Started,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)

STAN_MAX: Final = 999_999
REFUNDABLE_MAX: Final = 500  # sales remembered beyond their batch
REFUNDABLE: Final = (
    *(Kind.SALE, Kind.CASH, Kind.INSTALMENT, Kind.OFFLINE),
    *(Kind.ECASH, Kind.COMPLETION, Kind.COMPLETION_ADVICE),
)
PAID_BY_WALLET: Final = (Kind.WALLET_ORDER, Kind.WALLET_PAY)
CANDIDATES_MAX: Final = 20  # from which the next void or refund is drawn


@dataclass(slots=True)
class Device:
    """One logical terminal's memory; one owner, changed by ``apply`` alone."""

    mid: str
    tid: str
    stan: int = 0
    batch: str = "000000"
    settling: bool = False  # totals were sent, and what became of the batch was not heard
    left: str = ""  # a batch that the switch has replaced, of which no end was heard
    items: dict[Key, Item] = field(default_factory=dict)
    _open: dict[Key, None] = field(default_factory=dict)  # a set that keeps its order
    _followed: set[Key] = field(default_factory=set)  # originals whose follow-up is open
    _ended: str = ""  # the newest batch whose end was heard

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
                unclear = item.unclear + 1 if row.code in UNCLEAR else 0
                self._store(replace(item, told=row, unclear=unclear))
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
                    self._begin(row.batch)
            case Settling():
                self.settling = True
            case Settled():
                self._ended = row.batch
                self.left = "" if row.batch == self.left else self.left
            case Repeated() | Started():
                pass
            case _:
                assert_never(row)

    def _begin(self, batch: str) -> None:
        """Take another batch; remember the one before it, if it was used and its end not heard."""
        used = any(item.asked.batch == self.batch for item in self.items.values())
        if used and self.batch != self._ended:
            self.left = self.batch
        self.batch, self.settling = batch, False
        self._forget()

    def owed_reversals(self) -> list[Item]:
        """Return requests that are to be reversed before anything else, oldest first."""
        return [item for item in self._open_items() if item.undo_reason]

    def unanswered(self) -> list[Item]:
        """Return requests that neither were answered nor are being reversed."""
        return [i for i in self._open_items() if i.told is None and not i.undo_reason]

    def refunds_to_repeat(self) -> list[Item]:
        """Return refunds and advices without a known result: sent again, never reversed."""
        return [i for i in self._open_items() if TYPES[i.asked.what].resent and not i.order]

    def orders_to_ask(self) -> list[Item]:
        """Return orders whose number is known, but not whether they were paid."""
        return [item for item in self._open_items() if item.order]

    def of_batch(self, batch: str = "") -> Iterator[Item]:
        """Yield approved requests that count in the totals of a batch, else of the open one."""
        batch = batch or self.batch
        for item in self.items.values():
            count = TYPES[item.asked.what].count
            counts = item.asked.batch == batch and count is not Count.NOTHING
            if counts and item.approved and not item.voided:
                yield item

    def totals(self, *, domestic: bool, batch: str = "") -> Totals:
        """Return the terminal's own figures of a batch, one side (terminal-protocol 9)."""
        debit = debit_count = credit = credit_count = 0
        for item in self.of_batch(batch):
            if item.domestic is not domestic:
                continue
            if TYPES[item.asked.what].count is Count.CREDIT:
                credit += item.amount_minor
                credit_count += 1
            else:
                debit += item.amount_minor
                debit_count += 1
        return Totals(debit, debit_count, credit, credit_count)

    def voidable(self, *kinds: Kind) -> list[Item]:
        """Return the newest requests of these types in the open batch that may be voided."""
        fit = (
            item
            for item in self._standing(*(kinds or (Kind.SALE,)))
            if item.asked.batch == self.batch and not item.refunded_minor
        )
        return list(islice(fit, CANDIDATES_MAX))

    def in_closed(self) -> list[Item]:
        """Return the newest sales of earlier batches: a void of them comes too late."""
        fit = (item for item in self._standing(Kind.SALE) if item.asked.batch != self.batch)
        return list(islice(fit, CANDIDATES_MAX))

    def held(self) -> list[Item]:
        """Return the newest pre-authorisations that may be completed or cancelled."""
        fit = (item for item in self._standing(Kind.PREAUTH) if not item.completed)
        return list(islice(fit, CANDIDATES_MAX))

    def refundable(self, *kinds: Kind) -> list[Item]:
        """Return the newest approved sales that have something left to give back."""
        standing = self._standing(*(kinds or REFUNDABLE))
        fit = (item for item in standing if item.refunded_minor < item.amount_minor)
        return list(islice(fit, CANDIDATES_MAX))

    def _standing(self, *kinds: Kind) -> Iterator[Item]:
        """Yield what is approved and not voided, newest first, where no follow-up is open."""
        for key, item in reversed(self.items.items()):
            if key not in self._followed and item.stands and item.asked.what in kinds:
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
        change = -asked.amount_minor if undo else asked.amount_minor
        match TYPES[asked.what].mark:
            case Mark.VOIDS:
                self.items[key] = replace(original, voided=not undo)
                self._mark_completed(original, completed=undo)
            case Mark.REFUNDS:
                self.items[key] = replace(original, refunded_minor=original.refunded_minor + change)
            case Mark.COMPLETES:
                self.items[key] = replace(original, completed=not undo)
            case Mark.EXTENDS:
                more = original.held_more_minor + change
                self.items[key] = replace(original, held_more_minor=more)
            case Mark.REPLACES:
                self.items[key] = replace(original, replaced_minor=asked.amount_minor)
            case Mark.NONE:
                pass
            case _ as unknown:
                assert_never(unknown)

    def _mark_completed(self, completion: Item, *, completed: bool) -> None:
        """Free what a completion had taken, since it was voided; or take it again."""
        held = self.items.get(completion.original)
        if TYPES[completion.asked.what].mark is Mark.COMPLETES and held is not None:
            self.items[completion.original] = replace(held, completed=completed)

    def _forget(self) -> None:
        """Drop what closed batches no longer need: keep what is open and the newest sales."""
        sales = [
            key
            for key, item in self.items.items()
            if item.stands and item.asked.what in (*REFUNDABLE, *PAID_BY_WALLET, Kind.PREAUTH)
        ]
        left = {key for key in self.items if key[0] == self.left}
        kept = set(sales[-REFUNDABLE_MAX:]) | set(self._open) | left
        self.items = {key: item for key, item in self.items.items() if key in kept}
