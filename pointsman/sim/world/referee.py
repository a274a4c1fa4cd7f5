"""What must be true at the end, worked out from what terminals and acquirers saw.

A core, and a judge that trusts nobody: it holds the terminals' ledgers, the acquirers' ledgers and
plain rows of the journal against each other (P2 to P8, P10, P24). It imports nothing of the switch,
its store or its settlement. What must be true at each moment is witness.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.sim.book import Book, Entry
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostRow, Outcome
from pointsman.sim.terminal_rows import (
    Asked,
    Repeated,
    TerminalRow,
    Told,
    UndoDue,
    UndoTried,
)
from pointsman.sim.world.testimony import JournalRow, PostedRow, RequestName, View

NO_STATEMENT: Final = frozenset({"", "96", "98", "A0", "97", "99", "30"})
APPROVALS: Final = frozenset({"00", "10", "11"})
SIGNS: Final = {"sale": 1, "void": -1, "refund": -1}


@dataclass(slots=True)
class Referee:
    """Holds the witnesses against each other; `violations` are (promise, what was seen)."""

    terminals: Iterable[TerminalRow]
    acquirers: Mapping[str, Sequence[HostRow]]
    journal: Sequence[JournalRow]
    posted: Sequence[PostedRow]
    violations: list[tuple[str, str]] = field(default_factory=list)

    def judge(self) -> list[tuple[str, str]]:
        """Return everything that is wrong."""
        views = dict(self._views())
        books = {name: self._book(rows) for name, rows in self.acquirers.items()}
        self._journal_is_final()
        self._terminals_agree(views)
        self._acquirers_agree(books)
        self._follow_ups_agree()
        self._postings_agree(books)
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
                case Repeated() if not row.same and row.code not in NO_STATEMENT:
                    self._violated("P5", f"a repeat got another answer: {row.code}")
                case _:
                    pass
        yield from views.items()

    def _book(self, rows: Sequence[HostRow]) -> Book:
        book = Book()
        for row in rows:
            book.apply(row)
            if isinstance(row, HostReversal) and row.effect is Effect.AGAIN:
                self._violated("P4", "an original was undone by two reversals")
            if isinstance(row, HostReversal) and row.effect is Effect.DIFFERS:
                self._violated("P8", "a reversal speaks of another amount, merchant or terminal")
            if isinstance(row, HostRequest) and row.outcome is Outcome.BAD_MAC:
                self._violated("P8", "a request with a wrong MAC")
        return book

    def _journal_is_final(self) -> None:
        for row in self.journal:
            parked = row.owed == "parked"
            if parked and not row.has_exception:
                self._violated("P3", f"a parked {row.kind} without an exception")
            final = row.state in {"approved", "declined", "refused", "failed"}
            settled = row.undo in {"none", "done", "closed"}
            if (
                not parked
                and not (final and settled)
                and (row.state, row.undo)
                != (
                    "unknown",
                    "done",
                )
            ):
                self._violated("P3", f"a {row.kind} is left {row.state}/{row.undo}/{row.owed}")
            if row.owed in {"waiting", "due", "sent"}:
                self._violated("P3", f"something is still owed for a {row.kind}: {row.owed}")

    def _terminals_agree(self, views: Mapping[RequestName, View]) -> None:
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
            elif (told.amount_minor, told.rrn, told.auth) != (
                row.approved_minor,
                row.rrn,
                row.auth,
            ):
                self._violated("P8", f"terminal and journal differ on a {row.kind}")
            elif row.undo != "none":
                self._violated(
                    "P7", f"{row.id}: a {row.kind} that its terminal holds is {row.undo}"
                )
        for name, row in rows.items():
            own = views.get(name)
            if own is None:
                self._violated("P5", f"the journal has a {row.kind} that no terminal asked for")
            elif (row.state, row.undo) == ("approved", "none") and not own.holds:
                self._violated(
                    "P4", f"{row.id}: a {row.kind} stands that its terminal does not hold"
                )
            elif own.asked.amount_minor != row.amount_minor:
                self._violated("P8", f"terminal and journal differ on the amount of a {row.kind}")

    def _acquirers_agree(self, books: Mapping[str, Book]) -> None:
        seen: set[tuple[str, str]] = set()
        for row in self.journal:
            seen.add((row.acquirer, row.host_key))
            entry = self._entry(books, row)
            live = entry is not None and entry.live
            stands = (row.state, row.undo) == ("approved", "none")
            if row.state in {"failed", "refused"} and entry is not None:
                self._violated("P1", f"a {row.kind} that is {row.state} reached the acquirer")
            if stands and not live:
                self._violated("P2", f"a {row.kind} stands that the acquirer does not have")
            if live and not stands and row.owed != "parked":
                self._violated(
                    "P4", f"the acquirer has a {row.kind} that is {row.state}/{row.undo}"
                )
            if live and stands and entry is not None and _is_unproven(row, entry):
                self._violated("P8", f"a {row.kind} whose answer had a wrong MAC was believed")
            if live and stands and entry is not None:
                same = (entry.row.counted_minor, entry.row.currency, entry.row.mid, entry.row.tid)
                if same != (row.approved_minor, row.currency, row.name[0], row.name[1]):
                    self._violated("P8", f"journal and acquirer differ on a {row.kind}")
        for name, book in books.items():
            for key in book.entries:
                if (name, key) not in seen:
                    self._violated("P1", f"{name} has a request that the journal has not")

    def _entry(self, books: Mapping[str, Book], row: JournalRow) -> Entry | None:
        book = books.get(row.acquirer)
        return None if book is None else book.entries.get(row.host_key)

    def _follow_ups_agree(self) -> None:
        """Judge whether what is reserved on sales is what voids and refunds made of them."""
        follow_ups: dict[str, list[JournalRow]] = {}
        for row in self.journal:
            if row.original:
                follow_ups.setdefault(row.original, []).append(row)
        for row in self.journal:
            own = follow_ups.get(row.id, [])
            standing = [one for one in own if (one.state, one.undo) == ("approved", "none")]
            voids = [one for one in standing if one.kind == "void"]
            refunded = sum(one.approved_minor for one in standing if one.kind == "refund")
            in_doubt = [one for one in own if one.owed == "parked"]
            if len(voids) > 1 or (voids and refunded):
                self._violated("P8", "a sale was voided twice, or voided and refunded")
            if refunded > row.approved_minor and row.kind == "sale":
                self._violated("P8", "more was refunded than was approved")
            if in_doubt:
                continue
            if (row.voiding == "done") is not bool(voids):
                self._violated("P8", f"a sale's void is {row.voiding}, and {len(voids)} stand")
            if row.refunded_minor != refunded:
                self._violated("P8", "what is noted as refunded is not what was refunded")

    def _postings_agree(self, books: Mapping[str, Book]) -> None:
        """Settlement's postings are what the journal and the acquirers hold, each once."""
        sums: dict[str, int] = {}
        kinds: set[tuple[str, str]] = set()
        for posting in self.posted:
            if (posting.id, posting.kind) in kinds:
                self._violated("P10", "a transaction was posted twice")
            kinds.add((posting.id, posting.kind))
            sums[posting.id] = sums.get(posting.id, 0) + posting.signed_minor
        parked = False
        for row in self.journal:
            stands = (row.state, row.undo) == ("approved", "none")
            parked |= row.owed == "parked"
            right = SIGNS[row.kind] * row.approved_minor if stands else 0
            if row.owed != "parked" and sums.get(row.id, 0) != right:
                self._violated("P10", f"a {row.kind} is posted with another amount than it has")
        settled = sum(sum(book.settled().values()) for book in books.values())
        if not parked and sum(sums.values()) != settled:
            self._violated("P24", f"postings {sum(sums.values())}, acquirers {settled}")


def _is_unproven(row: JournalRow, entry: Entry) -> bool:
    """Tell whether the only answer of this request could not be believed."""
    return row.kind != "refund" and entry.row.behaviour == "bad-mac"
