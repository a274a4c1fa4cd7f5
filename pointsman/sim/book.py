"""The book of a simulated host: what was approved, voided, refunded, undone, and what must not be.

A core. ``request`` and ``reversal`` decide and give the row to be written; ``apply`` changes the
state, at start too, when the rows of the file are read again. Amounts, cards and PIN are judged in
issuer.py, the line's behaviour in moods.py.
"""

from dataclasses import dataclass, field, replace
from typing import Final, assert_never

import msgspec

from pointsman.sim.host_rows import (
    UNCONFIRMED,
    Effect,
    HostNetwork,
    HostRequest,
    HostReversal,
    HostRow,
    HostStarted,
    HostTotals,
    Outcome,
    Work,
)
from pointsman.sim.issuer import APPROVED
from pointsman.sim.questions import Question, UndoQuestion

FIRST_SEEN: Final = frozenset({Outcome.APPROVED, Outcome.DECLINED, Outcome.REFUSED})
COUNTED: Final = {
    Work.SALE: 1,
    Work.ORDER: 1,
    Work.ADVICE: 1,
    Work.COMPLETION: 1,
    Work.VOID: -1,
    Work.REFUND: -1,
}
EARNING: Final = frozenset({Work.SALE, Work.ADVICE, Work.COMPLETION, Work.ORDER})
FOLLOWING: Final = frozenset({Work.VOID, Work.REFUND, Work.CANCEL, Work.COMPLETION, Work.REPLACE})
COMPLETION_PERCENT: Final = 115  # of what is held (terminal-protocol 8.4)
NOT_YET: Final = "09"
# Last two digits of an order's amount: nobody pays it; it is paid while it is being closed.
NEVER_PAID, PAID_AT_CLOSING = 80, 70
QUERIES_UNTIL_PAID: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that was carried out or declined, and what became of it."""

    row: HostRequest
    undone: bool = False
    voided: bool = False
    refunded_minor: int = 0
    completed: bool = False
    more_minor: int = 0  # held in addition
    replaced_minor: int | None = None  # by a tip or an adjustment
    queries: int = 0  # about an order
    paid: bool = False  # an order, by its customer

    @property
    def amount_minor(self) -> int:
        """The amount that counts now."""
        return self.row.counted_minor if self.replaced_minor is None else self.replaced_minor

    @property
    def live(self) -> bool:
        """Whether it still counts as money."""
        done = self.row.outcome is Outcome.APPROVED and not self.undone
        return done and (self.paid or not self.row.waits)

    @property
    def customer(self) -> int:
        """What the customer of an order does; one who never saw its code does not pay."""
        shown = self.row.behaviour == "answer" or self.row.work is not Work.ORDER
        return self.row.amount_minor % 100 if shown else NEVER_PAID


@dataclass(slots=True)
class Book:
    """The host's memory; one owner, changed by ``apply`` alone."""

    entries: dict[str, Entry] = field(default_factory=dict)
    reversals: dict[str, HostReversal] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)
    by_rrn: dict[tuple[str, str], str] = field(default_factory=dict)

    def request(self, question: Question) -> HostRequest:
        """Decide a request and return its row, not yet applied."""
        known = self.entries.get(question.key)
        if known is not None:
            return self._known(question, known.row)
        if question.key in self.tombstones:
            # Its reversal overtook it: carrying it out now would leave money nobody wants.
            return question.judged(Outcome.REFUSED, "12")
        if question.work is Work.QUERY:
            return self._query(question)
        if question.work in FOLLOWING:
            code = self._follow_up(question)
            outcome = Outcome.APPROVED if code == APPROVED else Outcome.REFUSED
            return question.judged(outcome, code)
        outcome = Outcome.APPROVED if question.code == APPROVED else Outcome.DECLINED
        return question.judged(outcome, question.code)

    def reversal(self, question: UndoQuestion) -> HostReversal:
        """Decide a reversal and return its row, not yet applied."""
        before = self.reversals.get(question.key)
        if before is not None:
            return question.judged(Effect.REPEAT, before.code)
        entry = self.entries.get(question.original)
        if entry is None:
            return question.judged(Effect.UNKNOWN, "25")
        row = entry.row
        told = (question.amount_minor, question.mid, question.tid)
        if told != (row.amount_minor, row.mid, row.tid):
            return question.judged(Effect.DIFFERS, "25")
        if entry.undone:
            return question.judged(Effect.AGAIN, APPROVED)
        if row.outcome is not Outcome.APPROVED:
            return question.judged(Effect.NOTHING, APPROVED)
        if row.work is Work.ORDER and (entry.paid or entry.customer == PAID_AT_CLOSING):
            return question.judged(Effect.PAID, "12")
        if entry.voided or entry.refunded_minor or entry.completed:
            return question.judged(Effect.REFUSED, "12")
        return question.judged(Effect.UNDONE, APPROVED)

    def apply(self, row: HostRow) -> None:
        """Take a decided row into the state."""
        match row:
            case HostRequest():
                self._apply_request(row)
            case HostReversal():
                self._apply_reversal(row)
            case HostNetwork() | HostTotals() | HostStarted():
                pass
            case _:
                assert_never(row)

    def find(self, key: str, mid: str, rrn: str) -> str:
        """Return the key of an original: by field 90's key if it is known, else by its RRN."""
        return key if key in self.entries else self.by_rrn.get((mid, rrn), key)

    def settled(self) -> dict[tuple[str, str], int]:
        """Return minor units per (MID, currency): what counts, less what was given back."""
        sums: dict[tuple[str, str], int] = {}
        for entry in self.entries.values():
            if entry.live and entry.row.work in COUNTED:
                key = (entry.row.mid, entry.row.currency)
                amount = COUNTED[entry.row.work] * entry.amount_minor
                sums[key] = sums.get(key, 0) + amount
        return sums

    def _query(self, question: Question) -> HostRequest:
        entry = self.entries.get(question.original)
        if entry is None or not entry.row.waits or entry.row.mid != question.mid:
            return question.judged(Outcome.REFUSED, "25")
        if entry.undone or entry.row.outcome is not Outcome.APPROVED:
            return question.judged(Outcome.REFUSED, "12")
        waits = entry.customer in (NEVER_PAID, PAID_AT_CLOSING)
        waits |= entry.row.behaviour == UNCONFIRMED
        if entry.paid or (not waits and entry.queries + 1 >= QUERIES_UNTIL_PAID):
            return question.judged(Outcome.APPROVED, APPROVED)
        return question.judged(Outcome.DECLINED, NOT_YET)

    def _known(self, question: Question, first: HostRequest) -> HostRequest:
        same = (question.amount_minor, question.mid, question.tid, question.work)
        if question.flagged and same == (first.amount_minor, first.mid, first.tid, first.work):
            told = question.judged(Outcome.REPEAT, first.code)
            return msgspec.structs.replace(told, auth=first.auth, voucher=first.voucher)
        return question.judged(Outcome.DUPLICATE, "94")

    def _follow_up(self, question: Question) -> str:
        entry = self.entries.get(question.original)
        if entry is None or entry.row.mid != question.mid:
            return "25"
        if not entry.live or entry.voided or entry.completed:
            return "12"
        held = question.work in {Work.CANCEL, Work.COMPLETION}
        if entry.row.work not in ({Work.PREAUTH} if held else EARNING):
            return "12"
        asked, whole = question.amount_minor, entry.amount_minor
        match question.work:
            case Work.CANCEL:
                return APPROVED if asked == whole + entry.more_minor else "64"
            case Work.COMPLETION:
                most = (whole + entry.more_minor) * COMPLETION_PERCENT
                return APPROVED if asked * 100 <= most else "61"
            case Work.REFUND:
                return APPROVED if asked <= whole - entry.refunded_minor else "61"
            case Work.VOID if not entry.refunded_minor:
                return APPROVED if asked == whole else "64"
            case Work.REPLACE if not entry.refunded_minor:
                return APPROVED
            case _:
                return "12"

    def _apply_request(self, row: HostRequest) -> None:
        if row.outcome not in FIRST_SEEN:
            return
        if row.work is Work.QUERY:
            self._mark_asked(row)
            return
        self.entries[row.key] = Entry(row)
        self.by_rrn[row.mid, row.rrn] = row.key
        if row.outcome is Outcome.APPROVED:
            self._mark_original(row, undo=False)

    def _apply_reversal(self, row: HostReversal) -> None:
        if row.effect in {Effect.REPEAT, Effect.BAD_MAC, Effect.LOST}:
            return
        self.reversals[row.key] = row
        if row.effect is Effect.UNKNOWN:
            self.tombstones.add(row.original)
        elif row.effect is Effect.PAID:
            self.entries[row.original] = replace(self.entries[row.original], paid=True)
        elif row.effect is Effect.UNDONE:
            entry = self.entries[row.original]
            self.entries[row.original] = replace(entry, undone=True)
            self._mark_original(entry.row, undo=True)

    def _mark_asked(self, row: HostRequest) -> None:
        entry = self.entries.get(row.original)
        if entry is not None:
            paid = entry.paid or row.outcome is Outcome.APPROVED
            self.entries[row.original] = replace(entry, queries=entry.queries + 1, paid=paid)

    def _mark_original(self, row: HostRequest, *, undo: bool) -> None:
        entry = self.entries.get(row.original)
        if entry is None:
            return
        change = -row.amount_minor if undo else row.amount_minor
        changed = entry
        match row.work:
            case Work.VOID | Work.CANCEL:
                changed = replace(entry, voided=not undo)
                held = self.entries.get(entry.row.original)
                if entry.row.work is Work.COMPLETION and held is not None:
                    self.entries[entry.row.original] = replace(held, completed=undo)
            case Work.REFUND:
                changed = replace(entry, refunded_minor=entry.refunded_minor + change)
            case Work.COMPLETION:
                changed = replace(entry, completed=not undo)
            case Work.PREAUTH:
                changed = replace(entry, more_minor=entry.more_minor + change)
            case Work.REPLACE:
                changed = replace(entry, replaced_minor=row.amount_minor)
            case _:
                pass
        self.entries[row.original] = changed
