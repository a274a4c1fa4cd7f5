"""What an audit found: faults by name with some of their places, and the three sums.

A core. Each number but the counts must be 0 and the sums must be equal; finding them is audit.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

NAMES_MAX: Final = 20  # of each fault, in the report


@dataclass(slots=True)
class Findings:
    """What was found; every number but the counts must be 0, the three sums must be equal."""

    told_but_missing: int = 0  # approvals in T that J has not, or has otherwise
    wrongly_reversed: int = 0  # approvals in T that J reversed though nobody asked
    told_without_host: int = 0  # approvals in T that no acquirer holds
    in_doubt_unreversed: int = 0  # money at A that no terminal holds an approval for
    in_limbo: int = 0  # rows in J that are not final
    crossed: int = 0  # amount or currency differ between T and A
    doubled: int = 0  # one transaction twice at A
    undone_twice: int = 0  # reversals at A that met an original already undone
    repeats_wrong: int = 0  # second copies that got another answer
    terminals_open: int = 0  # requests that a terminal still waits for or reverses
    terminals_minor: int = 0
    journal_minor: int = 0
    acquirers_minor: int = 0
    settlements: int = 0
    settlements_unequal: int = 0
    names: dict[str, list[str]] = field(default_factory=dict)

    @property
    def faults(self) -> dict[str, int]:
        """Return the figures that must be 0."""
        return {
            name: getattr(self, name)
            for name in (
                "told_but_missing",
                "wrongly_reversed",
                "told_without_host",
                "in_doubt_unreversed",
                "in_limbo",
                "crossed",
                "doubled",
                "undone_twice",
                "repeats_wrong",
                "terminals_open",
                "settlements_unequal",
            )
        }

    @property
    def balanced(self) -> bool:
        """Whether the three sums are one."""
        return self.terminals_minor == self.journal_minor == self.acquirers_minor

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.balanced and not any(self.faults.values())

    def fault(self, name: str, where: Sequence[str]) -> None:
        """Count one fault and keep where it is."""
        setattr(self, name, getattr(self, name) + 1)
        kept = self.names.setdefault(name, [])
        if len(kept) < NAMES_MAX:
            kept.append("/".join(where))
