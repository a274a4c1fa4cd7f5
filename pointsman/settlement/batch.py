"""A terminal's totals against the journal's: equal, or different and in what (terminal-protocol 9).

The terminal counts debits and credits of domestic and foreign cards apart; a side is in balance
when all four figures of it are equal. The journal stands in any case. How item lists are compared
is in the store, which has them; sums over a day are in totals.py.
"""

from dataclasses import dataclass, fields

from pointsman.store.day import FORCED, BatchClaim
from pointsman.store.verbs import BatchTotals, SideTotals

SIDES = ("domestic", "foreign")
BALANCED, UNBALANCED, UNCLAIMED = "balanced", "unbalanced", "no claim"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure in which terminal and journal do not agree, such as ``domestic debit_minor``."""

    side: str
    figure: str
    claimed: int
    journal: int

    def __str__(self) -> str:
        return f"{self.side} {self.figure}: terminal {self.claimed}, journal {self.journal}"


def differences(claimed: BatchTotals, journal: BatchTotals) -> tuple[Difference, ...]:
    """Return every figure that differs, domestic first; empty when the batch is in balance."""
    found: list[Difference] = []
    for side in SIDES:
        theirs: SideTotals = getattr(claimed, side)
        ours: SideTotals = getattr(journal, side)
        for figure in fields(SideTotals):
            pair = (getattr(theirs, figure.name), getattr(ours, figure.name))
            if pair[0] != pair[1]:
                found.append(Difference(side, figure.name, *pair))
    return tuple(found)


def verdict(claim: BatchClaim) -> str:
    """Say how a closed batch compares: balanced, unbalanced, forced, or ended without a claim."""
    if claim.result == FORCED:
        return FORCED
    if claim.claimed is None:
        return UNCLAIMED
    return UNBALANCED if differences(claim.claimed, claim.journal) else BALANCED


def net_minor(totals: BatchTotals) -> int:
    """Return debits minus credits of both sides: what the batch brings the merchant."""
    sides = (totals.domestic, totals.foreign)
    return sum(side.debit_minor - side.credit_minor for side in sides)
