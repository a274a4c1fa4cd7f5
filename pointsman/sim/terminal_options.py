"""How simulated terminals are set up, and how they are told to pause, settle and stop.

Values and one small owner of them, no waiting: terminal.py and fleet.py look at `Control` between
transactions. Reading options from the command line is cli/sim.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final

from pointsman.sim.flow_names import Flow
from pointsman.sim.flows import WEIGHTS
from pointsman.sim.terminal_keys import MacMethod

TEST_TMK: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TEST_PIK: Final = bytes.fromhex("526B76025B1A076DCEC16D51E932B507")
LANES_MAX: Final = 64  # the switch takes as many at a time on one connection


class Connect(Enum):
    """How a terminal uses connections."""

    STAY = "stay"
    PER_MESSAGE = "per-message"


class Dialect(StrEnum):
    """What terminals of one process speak; the values are names of formats."""

    POS = "cup-bcd"
    NII = "nii-bcd"  # at a door of its own, without keys

    @property
    def framing(self) -> str:
        """The framing that goes with it."""
        return "tpdu" if self is Dialect.NII else "tpdu-header"


@dataclass(frozen=True, slots=True)
class Identity:
    """One logical terminal and its master key (a published test key)."""

    mid: str
    tid: str
    tmk: bytes = field(default=TEST_TMK, repr=False)
    mac: MacMethod = MacMethod.CUP_ECB
    pik: bytes = field(default=b"", repr=False)  # of the international dialect, for PINs


@dataclass(frozen=True, slots=True)
class TerminalOptions:
    """What all terminals of one process have in common; times in seconds."""

    host: str = "127.0.0.1"
    port: int = 8583
    timeout_s: float = 6.0
    lanes: int = 1
    connect: Connect = Connect.STAY
    dialect: Dialect = Dialect.POS
    count: int | None = None  # transactions per terminal; None: until told to stop
    settle_at_end: bool = False
    poll_s: float = 3.0  # between two questions about an order (terminal-protocol 10.2)
    drain_s: float = 60.0  # how long owed reversals and refunds are tried at the end


@dataclass(slots=True)
class Control:
    """What the terminals of one process do at the moment; changed by commands, read by all."""

    weights: Mapping[Flow, int] = field(default_factory=lambda: dict(WEIGHTS))
    rate: float = 0.0  # transactions a second of all terminals together; 0: as fast as it goes
    paused: bool = False
    stopping: bool = False
    settlements: int = 0  # how often a settlement was asked for

    @property
    def idle(self) -> bool:
        """Whether no new transaction is to begin."""
        return self.paused or self.stopping
