"""Three counts held against each other: what terminals were told, acquirers did, the journal says.

A core, and a witness of its own: terminals and acquirers speak by the rows of their own ledgers,
the journal by plain rows that are given to it. It asks for what must be true after all faults have
ended: the same money three times over. Reading the files is ledger_sums.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from pointsman.sim.book import COUNTED, Book
from pointsman.sim.findings import Findings
from pointsman.sim.host_rows import Effect, HostRequest, HostReversal, HostRow, Outcome, Work
from pointsman.sim.items import SHOWN
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

WORKS: Final[Mapping[Kind, Work]] = MappingProxyType(
    {
        Kind.SALE: Work.SALE,
        Kind.CASH: Work.SALE,
        Kind.INSTALMENT: Work.SALE,
        Kind.OFFLINE: Work.ADVICE,
        Kind.ECASH: Work.ADVICE,
        Kind.COMPLETION: Work.COMPLETION,
        Kind.COMPLETION_ADVICE: Work.COMPLETION,
        Kind.VOID: Work.VOID,
        Kind.INSTALMENT_VOID: Work.VOID,
        Kind.COMPLETION_CANCEL: Work.VOID,
        Kind.REFUND: Work.REFUND,
        Kind.REFUND_REQUEST: Work.REFUND,
        Kind.WALLET_ORDER: Work.ORDER,
        Kind.WALLET_PAY: Work.SALE,
        Kind.WALLET_REFUND: Work.REFUND,
    }
)
"""What moves money, in a terminal's word and in an acquirer's."""
IN_DOUBT: Final = "98"  # a refund so answered must be asked again
FINAL_STATES: Final = frozenset({"approved", "declined", "failed", "refused"})
FINAL_UNDOS: Final = frozenset({"none", "done"})

Request: TypeAlias = tuple[str, str, str, str]
"""MID, TID, batch, STAN: the request key."""
Reference: TypeAlias = tuple[str, str, str, str]
"""MID, TID, kind, RRN of the sale: what terminals and acquirers both know of a transaction."""
Money: TypeAlias = tuple[int, str]
"""Minor units and currency."""


class JournalRow(msgspec.Struct, frozen=True):
    """One transaction as the switch's journal has it; ``state`` and ``undo`` in its own words."""

    mid: str
    tid: str
    batch: str
    stan: str
    kind: str
    state: str
    undo: str
    amount_minor: int
    currency: str
    rrn: str = ""
    auth: str = ""
    approved_minor: int | None = None


@dataclass(slots=True)
class TerminalView:
    """One request as its terminal saw it."""

    asked: Asked
    told: Told | None = None
    undo_due: bool = False
    undone: bool = False

    @property
    def holds_approval(self) -> bool:
        """Whether the cashier holds an approval that was not taken back."""
        return self.told is not None and self.told.approved and not self.undo_due


def audit(
    terminals: Iterable[TerminalRow],
    acquirers: Mapping[str, Iterable[HostRow]],
    journal: Sequence[JournalRow],
    journal_minor: int,
) -> Findings:
    """Hold the three against each other; ``journal_minor`` is the settlement's own sum."""
    findings = Findings(journal_minor=journal_minor)
    views = _read_terminals(terminals, findings)
    books = {name: _read_acquirer(rows, findings) for name, rows in acquirers.items()}
    _terminals_and_journal(views, journal, findings)
    _terminals_and_acquirers(views, books, findings)
    findings.acquirers_minor = sum(sum(book.settled().values()) for book in books.values())
    return findings


def _read_terminals(rows: Iterable[TerminalRow], findings: Findings) -> dict[Request, TerminalView]:
    views: dict[Request, TerminalView] = {}
    for row in rows:
        match row:
            case Asked():
                views[row.mid, row.tid, row.batch, row.stan] = TerminalView(row)
            case Told():
                views[row.mid, row.tid, row.batch, row.stan].told = row
            case UndoDue():
                views[row.mid, row.tid, row.batch, row.stan].undo_due = True
            case UndoTried():
                views[row.mid, row.tid, row.batch, row.stan].undone |= row.settled
            case Repeated() if not row.same:
                findings.fault("repeats_wrong", (row.mid, row.tid, row.batch, row.stan))
            case Settled():
                findings.terminals_minor += row.debit_minor - row.credit_minor
                findings.settlements += 1
                if row.results != "11":
                    findings.fault("settlements_unequal", (row.mid, row.tid, row.batch))
            case _:
                pass
    for key, view in views.items():
        told = view.told
        kind = TYPES[view.asked.what]
        waits = told is None or (kind.resent and told.code == IN_DOUBT)
        waits |= told is not None and kind.ordered and told.code == SHOWN and not told.approved
        if kind.silent_ok:
            continue
        if (view.undo_due and not view.undone) or (waits and not view.undo_due):
            findings.fault("terminals_open", key)
    return views


def _read_acquirer(rows: Iterable[HostRow], findings: Findings) -> Book:
    book = Book()
    for row in rows:
        book.apply(row)
        # An order that was closed may be closed again, until that is heard.
        if (
            isinstance(row, HostReversal)
            and row.effect is Effect.AGAIN
            and book.entries[row.original].row.work is not Work.ORDER
        ):
            findings.fault("undone_twice", (row.mid, row.tid, row.rrn))
        if isinstance(row, HostRequest) and row.outcome is Outcome.DUPLICATE:
            findings.fault("doubled", (row.mid, row.tid, row.rrn))
    return book


def _terminals_and_journal(
    views: Mapping[Request, TerminalView], journal: Sequence[JournalRow], findings: Findings
) -> None:
    rows = {(row.mid, row.tid, row.batch, row.stan): row for row in journal}
    replaced = _replaced(views)
    for key, view in views.items():
        if not view.holds_approval:
            continue
        told, row = view.told, rows.get(key)
        assert told is not None
        if row is None or row.state != "approved" or not _same(told, row, replaced.get(key)):
            findings.fault("told_but_missing", key)
        elif row.undo != "none":
            findings.fault("wrongly_reversed", key)
    for key, row in rows.items():
        final = row.state in FINAL_STATES and row.undo in FINAL_UNDOS
        # An acquirer that declined what its terminal had cancelled meanwhile has nothing to undo.
        closed = row.undo == "closed" and row.state in FINAL_STATES - {"approved"}
        if not final and not closed and (row.state, row.undo) != ("unknown", "done"):
            findings.fault("in_limbo", key)


def _replaced(views: Mapping[Request, TerminalView]) -> dict[Request, int]:
    """Return the amounts that a tip or an adjustment put in the place of approved ones."""
    return {
        (asked.mid, asked.tid, asked.original_batch, asked.original_stan): asked.amount_minor
        for asked in (view.asked for view in views.values() if view.holds_approval)
        if TYPES[asked.what].mark is Mark.REPLACES
    }


def _same(told: Told, row: JournalRow, replaced: int | None) -> bool:
    told_minor = told.amount_minor if replaced is None else replaced
    amount = row.amount_minor if row.approved_minor is None else row.approved_minor
    return (told_minor, told.rrn, told.auth) == (amount, row.rrn, row.auth)


def _terminals_and_acquirers(
    views: Mapping[Request, TerminalView], books: Mapping[str, Book], findings: Findings
) -> None:
    held: dict[Reference, list[Money]] = {}
    replaced = _replaced(views)
    for key, view in views.items():
        told, asked = view.told, view.asked
        if told is not None and view.holds_approval and asked.what in WORKS:
            work = WORKS[asked.what].value
            reference = (asked.mid, asked.tid, work, _first_rrn(view, views))
            amount = replaced.get(key, told.amount_minor)
            held.setdefault(reference, []).append((amount, asked.currency))
    done: dict[Reference, list[Money]] = {}
    for book in books.values():
        for reference, money in _live(book):
            done.setdefault(reference, []).append(money)
    for reference in held.keys() | done.keys():
        _compare(reference, held.get(reference, []), done.get(reference, []), findings)


def _first_rrn(view: TerminalView, views: Mapping[Request, TerminalView]) -> str:
    """Return the RRN under which acquirers know it: that of the first of its line."""
    asked = view.asked
    original = views.get((asked.mid, asked.tid, asked.original_batch, asked.original_stan))
    if original is not None and original.asked.original_rrn:
        return original.asked.original_rrn
    assert view.told is not None, "only what was answered is compared"
    return asked.original_rrn or view.told.rrn


def _live(book: Book) -> Iterator[tuple[Reference, Money]]:
    """Yield what counts as money at one acquirer; a follow-up goes by its original's RRN."""
    for entry in book.entries.values():
        row = entry.row
        if entry.live and row.work in COUNTED:
            original = book.entries.get(row.original)
            rrn = row.rrn if original is None else original.row.rrn
            yield (row.mid, row.tid, row.work.value, rrn), (entry.amount_minor, row.currency)


def _compare(
    reference: Reference, held: Sequence[Money], done: Sequence[Money], findings: Findings
) -> None:
    more_at_host = len(done) - len(held)
    # One sale and one void there may be, refunds of one sale may be several.
    twice = held and more_at_host > 0 and reference[2] != Kind.REFUND.value
    for _ in range(more_at_host):
        findings.fault("doubled" if twice else "in_doubt_unreversed", reference)
    for _ in range(-more_at_host):
        findings.fault("told_without_host", reference)
    if not more_at_host and sorted(held) != sorted(done):
        findings.fault("crossed", reference)
