"""What the witnesses say, in plain values: rows of journal and postings, and a terminal's view.

A core, and the referee's only language (referee.py): who fills these in is outcome.py.
"""

from dataclasses import dataclass

from pointsman.sim.terminal_rows import Asked, Kind, Told

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


@dataclass(frozen=True, slots=True)
class PostedRow:
    """One posting of settlement: transaction, ``payment`` or ``undo``, signed minor units."""

    id: str
    kind: str
    signed_minor: int


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
        if self.undo_due:
            return not self.undone
        if self.told is None:
            return True
        return self.asked.what is Kind.REFUND and self.told.code == "98"
