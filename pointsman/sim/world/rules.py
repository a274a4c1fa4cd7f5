"""What the referee knows of each type of request: its sign, and what it does to what it follows.

A core, and on purpose worked out from the terminal's side (pos_types.py): the switch's own table is
not read here, so that two readings of one page must agree. Who judges by it is referee.py and
accounts.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pointsman.sim import nii_messages
from pointsman.sim.pos_types import TYPES, Count, Mark
from pointsman.sim.terminal_rows import Kind

COMPLETION_PERCENT: Final = 115  # of what is held (terminal-protocol 8.4)


@dataclass(frozen=True, slots=True)
class Rule:
    """One type. `sign` is +1 where the merchant earns, -1 where it gives back, 0 without money."""

    sign: int
    mark: Mark
    told_first: bool  # approved by the terminal or its till; the acquirer hears of it afterwards
    inquiry: bool  # nothing moves: an answer that is lost is nobody's harm


def _sign(kind: Kind) -> int:
    match TYPES[kind].count:
        case Count.DEBIT:
            return 1
        case Count.CREDIT:
            return -1
        case Count.NOTHING:
            return -1 if kind in _VOIDS_OF_MONEY else 0


_ASKED_FIRST: Final = (Kind.REFUND, Kind.WALLET_ORDER, Kind.WALLET_REFUND)
_VOIDS_OF_MONEY: Final = (Kind.VOID, Kind.INSTALMENT_VOID, Kind.COMPLETION_CANCEL)
RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        kind.value: Rule(
            sign=_sign(kind),
            mark=one.mark,
            told_first=one.resent and kind not in _ASKED_FIRST,
            inquiry=one.silent_ok,
        )
        for kind, one in TYPES.items()
    }
)
"""By the word that terminals, journal and this house use for a type."""

UNDONE: Final = ", undone"


def row_name(kind: str, *, international: bool) -> str:
    """Return how a campaign names a row of the table of types."""
    return f"international {kind}" if international else kind


def _every_row() -> Iterator[str]:
    for kind, one in TYPES.items():
        for names, international in ((TYPES, False), (nii_messages.TYPES, True)):
            if kind in names:
                name = row_name(kind, international=international)
                yield name
                if not one.resent and not one.silent_ok:
                    yield name + UNDONE


ROWS: Final = tuple(_every_row())
"""What a campaign must have met: every type of both dialects, and the undoing of what is undone."""
