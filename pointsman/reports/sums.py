"""Sums of business facts in one currency: what every measure is computed from.

Rates are computed from sums and never averaged, so sums can be added and measures cannot. Where
they are read is store/console_figures.py; what they are divided by, measures.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts, and minor units of one currency; the fields are SUMS of store/figure_sums.py."""

    gross_minor: int = 0
    sales: int = 0
    voids_minor: int = 0
    voids: int = 0
    refunds_minor: int = 0
    refunds: int = 0
    approved: int = 0
    declined: int = 0
    unknown: int = 0
    failed: int = 0
    refused: int = 0
    in_progress: int = 0
    intents: int = 0
    first_intents: int = 0
    won_intents: int = 0
    declined_minor: int = 0
    net_minor: int = 0  # of every posting, whatever its kind
    last_at: datetime | None = None

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """Return the sums of a row's last columns. Any: each column has its own type."""
        return cls(*row)

    def plus(self, other: Self) -> Self:
        """Return both together."""
        last = max((at for at in (self.last_at, other.last_at) if at), default=None)
        numbers = (getattr(self, name) + getattr(other, name) for name in _NUMBERS)
        return type(self).of([*numbers, last])

    @property
    def attempts(self) -> int:
        """Requests for sales and completions, whatever came of them."""
        return sum((self.answered, self.unknown, self.failed, self.refused, self.in_progress))

    @property
    def answered(self) -> int:
        """Requests that were approved or declined."""
        return self.approved + self.declined

    @property
    def adds_up(self) -> bool:
        """Whether gross less voids and refunds is what the postings add up to."""
        return self.gross_minor - self.voids_minor - self.refunds_minor == self.net_minor


_NUMBERS = tuple(field.name for field in fields(Sums) if field.name != "last_at")


def total(parts: Iterable[Sums]) -> Sums:
    """Return the sum of sums."""
    found = Sums()
    for part in parts:
        found = found.plus(part)
    return found
