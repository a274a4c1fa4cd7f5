"""What the witnesses say, in plain values: rows of journal and settlement, and a terminal's view.

A core, and the referee's only language (referee.py, accounts.py): who fills these in is outcome.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pointsman.sim.pos_types import TYPES
from pointsman.sim.terminal_rows import Asked, Told

RequestName = tuple[str, str, str, str]
"""MID, TID, batch, STAN."""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One transaction of the journal in plain words; `owed` is the state of what is owed for it."""

    id: str
    name: RequestName
    kind: str
    state: str
    undo: str
    voiding: str
    amount_minor: int
    approved_minor: int
    refunded_minor: int
    currency: str
    rrn: str
    auth: str
    acquirer: str
    host_key: str
    original: str
    owed: str
    has_exception: bool
    day: str = ""
    decided: str = ""  # how two people ended what was parked: ``done`` or ``not-done``

    @property
    def stands(self) -> bool:
        """Whether it is approved, and nothing undoes it; or it could not be undone."""
        return self.state == "approved" and self.undo in {"none", "closed"}

    @property
    def refused(self) -> bool:
        """Whether an acquirer refused what is owed, and nobody has found that it did it."""
        return self.parked or self.decided == "not-done"

    @property
    def parked(self) -> bool:
        """Whether a person must decide what becomes of it."""
        return self.owed == "parked"


@dataclass(frozen=True, slots=True)
class PostedRow:
    """One posting of settlement: transaction, ``payment`` or ``undo``, signed minor units."""

    id: str
    kind: str
    signed_minor: int
    currency: str = "156"
    day: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of the days: postings, what the last closed day left open, the files' lines."""

    posted: tuple[PostedRow, ...] = ()
    open_ids: frozenset[str] = frozenset()
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    """By day: the files by name."""


@dataclass(slots=True)
class View:
    """One request as its terminal knows it."""

    asked: Asked
    told: Told | None = None
    undo_due: bool = False
    undone: bool = False

    @property
    def holds(self) -> bool:
        """Whether the cashier holds an approval that was not taken back."""
        return self.told is not None and self.told.approved and not self.undo_due

    @property
    def waits(self) -> bool:
        """Whether something is still open at the terminal."""
        kind = TYPES[self.asked.what]
        if kind.silent_ok:
            return False
        if self.undo_due:
            return not self.undone
        if self.told is None:
            return True
        shown = kind.ordered and self.told.code == "00" and not self.told.approved
        return shown or (kind.resent and self.told.code == "98")


def by_original(journal: Iterable[JournalRow]) -> dict[str, list[JournalRow]]:
    """Return what follows each transaction, in the journal's order."""
    found: dict[str, list[JournalRow]] = {}
    for row in journal:
        if row.original:
            found.setdefault(row.original, []).append(row)
    return found
