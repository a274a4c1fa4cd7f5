"""What a proxy can do to a line: values only. How it is done is proxy.py.

Which fault comes when is draw.py, what counts as its effect network_faults.py.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias


class Way(Enum):
    """Which direction of a connection."""

    ASKING = auto()  # from the side that dialled
    ANSWERING = auto()


@dataclass(frozen=True, slots=True)
class Delay:
    """Every piece waits, each for its own time; their order stays."""

    mean_s: float
    jitter_s: float


@dataclass(frozen=True, slots=True)
class SingleBytes:
    """Every piece goes out byte by byte, each in a segment of its own."""


@dataclass(frozen=True, slots=True)
class Together:
    """Pieces are collected and sent in one write, frames in one segment."""


@dataclass(frozen=True, slots=True)
class BlackHole:
    """Everything of one direction vanishes; the connection stays."""

    way: Way


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing of one direction is read any more; all of it arrives when the fault ends."""

    way: Way


@dataclass(frozen=True, slots=True)
class Refuse:
    """Connections that stand are cut, and each new one ends as soon as it is made."""


@dataclass(frozen=True, slots=True)
class Reset:
    """A connection is reset, by this chance for each piece, before the piece is passed on."""

    chance: float


@dataclass(frozen=True, slots=True)
class CutAfterRequest:
    """The connection ends after a piece of the asking side was passed on, before its answer."""

    chance: float


@dataclass(frozen=True, slots=True)
class SwapAnswers:
    """Two whole frames of the answering side change places."""


@dataclass(frozen=True, slots=True)
class Doubled:
    """What the asking side says is said on a second connection too; its answers are dropped."""


Fault: TypeAlias = (
    Delay
    | SingleBytes
    | Together
    | BlackHole
    | Stall
    | Refuse
    | Reset
    | CutAfterRequest
    | SwapAnswers
    | Doubled
)
