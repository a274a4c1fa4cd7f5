"""What must be true at the end, worked out from what terminals and acquirers saw.

A core, and a judge that trusts nobody: it holds the terminals' ledgers, the acquirers' ledgers and
plain rows of the journal against each other (P2 to P8). It imports nothing of the switch, its store
or its settlement. Money that follows money, and settlement, are accounts.py; what must be true at
each moment is witness.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.sim.book import Book, Entry
from pointsman.sim.host_rows import (
    Effect,
    HostRequest,
    HostReversal,
    HostRow,
    Outcome,
    Work,
)
from pointsman.sim.pos_types import TYPES, Mark
from pointsman.sim.terminal_rows import (
    Asked,
    Kind,
    Repeated,
    Settled,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)
from pointsman.sim.world import totals
from pointsman.sim.world.accounts import Accounts
from pointsman.sim.world.ceilings import FREE, Ceilings, judge
from pointsman.sim.world.rules import RULES
from pointsman.sim.world.testimony import JournalRow, RequestName, Settlement, View, by_original

NO_STATEMENT: Final = frozenset({"", "96", "98", "A0", "97", "99", "30"})
FINAL: Final = frozenset({"approved", "declined", "refused", "failed"})
OPEN_DEBTS: Final = frozenset({"waiting", "due", "sent"})


@dataclass(slots=True)
class Referee:
    """Holds the witnesses against each other; `violations` are (promise, what was seen)."""

    terminals: Iterable[TerminalRow]
    acquirers: Mapping[str, Sequence[HostRow]]
    journal: Sequence[JournalRow]
    settlement: Settlement
    ceilings: Ceilings = FREE
    violations: list[tuple[str, str]] = field(default_factory=list)
    _settled: list[Settled] = field(default_factory=list)

    def judge(self) -> list[tuple[str, str]]:
        """Return everything that is wrong."""
        views = dict(self._views())
        books = {name: self._book(rows) for name, rows in self.acquirers.items()}
        follow_ups = by_original(self.journal)
        self._journal_is_final()
        self._terminals_agree(views, follow_ups)
        self._acquirers_agree(books, follow_ups)
        accounts = Accounts(self.journal, follow_ups, books, self.settlement, self._settled)
        self.violations += accounts.judge()
        self.violations += totals.judge(self.acquirers, self.journal)
        self.violations += judge(self.ceilings, self.journal, books, views)
        return self.violations

    def _violated(self, promise: str, what: str) -> None:
        self.violations.append((promise, what))

    def _views(self) -> Iterator[tuple[RequestName, View]]:
        views: dict[RequestName, View] = {}
        for row in self.terminals:
            name = (row.mid, row.tid, getattr(row, "batch", ""), getattr(row, "stan", ""))
            match row:
                case Asked():
                    views[name] = View(row)
                case Told():
                    views[name].told = row
                case UndoDue():
                    views[name].undo_due = True
                case UndoTried():
                    views[name].undone |= row.settled
                case Settled():
                    self._settled.append(row)
                case Repeated() if not row.same and row.code not in NO_STATEMENT:
                    self._violated("P5", f"a repeat got another answer: {row.code}")
                case _:
                    pass
        yield from views.items()

    def _book(self, rows: Sequence[HostRow]) -> Book:
        book = Book()
        for row in rows:
            book.apply(row)
            if (
                isinstance(row, HostReversal)
                and row.effect is Effect.AGAIN
                and not _closes(book, row)
            ):
                self._violated("P4", "an original was undone by two reversals")
            if isinstance(row, HostReversal) and row.effect is Effect.DIFFERS:
                self._violated("P8", "a reversal speaks of another amount, merchant or terminal")
            if isinstance(row, HostRequest) and row.outcome is Outcome.BAD_MAC:
                self._violated("P8", "a request with a wrong MAC")
        return book

    def _journal_is_final(self) -> None:
        for row in self.journal:
            if row.parked and not row.has_exception:
                self._violated("P3", f"a parked {row.kind} without an exception")
            final = row.state in FINAL and row.undo in {"none", "done", "closed"}
            undone = (row.state, row.undo) == ("unknown", "done")
            if not row.parked and not final and not undone:
                self._violated("P3", f"a {row.kind} is left {row.state}/{row.undo}/{row.owed}")
            if row.owed in OPEN_DEBTS:
                self._violated("P3", f"something is still owed for a {row.kind}: {row.owed}")

    def _terminals_agree(
        self, views: Mapping[RequestName, View], follow_ups: Mapping[str, Sequence[JournalRow]]
    ) -> None:
        rows = {row.name: row for row in self.journal}
        for name, view in views.items():
            row = rows.get(name)
            if view.waits:
                self._violated("P3", f"a terminal still waits for a {view.asked.what}")
            if not view.holds:
                continue
            told = view.told
            assert told is not None, "who holds an approval was told one"
            if row is None or row.state != "approved":
                self._violated("P2", f"a told {view.asked.what} is {row and row.state}")
                continue
            amount = _replaced_minor(row, follow_ups) or told.amount_minor
            if (amount, told.rrn, told.auth) != (row.approved_minor, row.rrn, row.auth):
                self._violated("P8", f"terminal and journal differ on a {row.kind}")
            elif row.undo != "none":
                self._violated(
                    "P7", f"{row.id}: a {row.kind} that its terminal holds is {row.undo}"
                )
        for name, row in rows.items():
            own = views.get(name)
            if own is None:
                self._violated("P5", f"the journal has a {row.kind} that no terminal asked for")
            elif row.stands and not own.holds and not _is_excused(row):
                self._violated(
                    "P4", f"{row.id}: a {row.kind} stands that its terminal does not hold"
                )
            elif own.asked.amount_minor != row.amount_minor:
                self._violated("P8", f"terminal and journal differ on the amount of a {row.kind}")

    def _acquirers_agree(
        self, books: Mapping[str, Book], follow_ups: Mapping[str, Sequence[JournalRow]]
    ) -> None:
        seen: set[tuple[str, str]] = set()
        for row in self.journal:
            seen.add((row.acquirer, row.host_key))
            self._acquirer_agrees(row, entry_of(books, row), follow_ups)
        for name, book in books.items():
            for key in book.entries:
                if (name, key) not in seen:
                    self._violated("P1", f"{name} has a request that the journal has not")

    def _acquirer_agrees(
        self,
        row: JournalRow,
        entry: Entry | None,
        follow_ups: Mapping[str, Sequence[JournalRow]],
    ) -> None:
        rule = RULES[row.kind]
        live = entry is not None and entry.live
        if row.state in {"failed", "refused"} and entry is not None:
            self._violated("P1", f"a {row.kind} that is {row.state} reached the acquirer")
        # What was told first and was then refused waits for people, and is posted to nobody.
        if row.stands and not live and not (rule.told_first and row.refused):
            self._violated("P2", f"{row.id}: a {row.kind} stands that the acquirer does not have")
        if entry is not None and _can_be_paid(entry) and row.state in FINAL:
            self._violated("P3", f"{row.id}: an order that can be paid is {row.state}")
        if live and not row.stands and not row.parked and not rule.inquiry:
            self._violated("P4", f"the acquirer has a {row.kind} that is {row.state}/{row.undo}")
        if entry is None or not live or not row.stands or rule.inquiry:
            return
        if _is_unproven(row, entry):
            self._violated("P8", f"a {row.kind} whose answer had a wrong MAC was believed")
        # A tip that the acquirer refused leaves its sale as it is there.
        refused = any(
            one.parked and RULES[one.kind].mark is Mark.REPLACES
            for one in follow_ups.get(row.id, ())
        )
        amount = row.approved_minor if refused else entry.amount_minor
        same = (amount, entry.row.currency, entry.row.mid, entry.row.tid)
        if same != (row.approved_minor, row.currency, row.name[0], row.name[1]):
            self._violated("P8", f"{row.id}: journal and acquirer differ on a {row.kind}")


def entry_of(books: Mapping[str, Book], row: JournalRow) -> Entry | None:
    """Return what the acquirer has of a transaction."""
    book = books.get(row.acquirer)
    return None if book is None else book.entries.get(row.host_key)


def _closes(book: Book, row: HostReversal) -> bool:
    """Tell whether a reversal closes an order: one that is closed may be closed again."""
    entry = book.entries.get(row.original)
    return entry is not None and entry.row.work is Work.ORDER


def _can_be_paid(entry: Entry) -> bool:
    """Tell whether this is an order that waits for its customer."""
    waits = entry.row.work is Work.ORDER and entry.row.outcome is Outcome.APPROVED
    return waits and not entry.undone and not entry.paid


def _replaced_minor(row: JournalRow, follow_ups: Mapping[str, Sequence[JournalRow]]) -> int:
    """Return the amount that the newest tip or adjustment put in the place of the first one."""
    found = [
        one.amount_minor
        for one in follow_ups.get(row.id, ())
        if RULES[one.kind].mark is Mark.REPLACES and one.stands and one.decided != "not-done"
    ]
    return found[-1] if found else 0


def _is_excused(row: JournalRow) -> bool:
    """Tell whether a row may stand that no terminal holds: nothing moved, or people gave up."""
    return RULES[row.kind].inquiry or row.undo == "closed"


def _is_unproven(row: JournalRow, entry: Entry) -> bool:
    """Tell whether the only answer of this request could not be believed."""
    sent_again = TYPES[Kind(row.kind)].resent
    heard = sent_again or row.decided  # again from the acquirer, or by telephone
    return not heard and entry.row.behaviour == "bad-mac"
