"""A made report as values: its columns, rows in one currency each, totals, notes and identity.

Cells are text, whole numbers, fractions, dates or moments; None is a dash. How they are written is
in text.py and the as_*.py files; which columns a report has, in catalogue.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from pointsman.reports.measures import MEASURES, Kind

Cell = str | int | Fraction | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how its cells are written, and the formula behind them."""

    code: str
    kind: Kind
    en: str
    zh: str
    formula_en: str = ""
    formula_zh: str = ""
    missing_en: str = ""  # why no cell has a value
    missing_zh: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # of codes, for people

    def named(self, cell: Cell, *, chinese: bool) -> Cell:
        """Return a code in words where there are some, else the cell as it is."""
        found = self.words.get(cell) if isinstance(cell, str) else None
        return cell if found is None else found[int(chinese)]

    def title(self, *, chinese: bool) -> str:
        """Return its name."""
        return self.zh if chinese else self.en

    def formula(self, *, chinese: bool) -> str:
        """Return its formula in words, empty where it is no figure."""
        return self.formula_zh if chinese else self.formula_en

    def missing(self, *, chinese: bool) -> str:
        """Return why it has no value, empty where it has."""
        return self.missing_zh if chinese else self.missing_en


def column_of(code: str) -> Column:
    """Return the column of a measure."""
    found = MEASURES[code]
    return Column(
        code,
        found.kind,
        found.en,
        found.zh,
        found.formula_en,
        found.formula_zh,
        found.missing_en,
        found.missing_zh,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `key` are the parameters that lead to what is behind it."""

    currency: str  # letters of ISO 4217; empty where the row holds no money
    cells: Sequence[Cell]
    key: Sequence[tuple[str, str]] = ()


CURRENCY = Column("currency", Kind.CODE, "Currency", "币种")
