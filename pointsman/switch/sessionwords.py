"""What an acquirer session is told and what it commands: values only.

The session that takes the events is session.py; acquirers.py makes the events of what happened and
does what the commands say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Opened:
    """The connection stands."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network message arrived (x8xx or x6xx)."""

    mti: str
    fields: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Somebody doubts that the peer is there."""


@dataclass(frozen=True, slots=True)
class SignOff:
    """We stop; nothing is in flight any more."""


Event = Opened | Network | Tick | Probe | SignOff


@dataclass(frozen=True, slots=True)
class Say:
    """Write this network message."""

    mti: str
    fields: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Payments may be carried from now on."""


@dataclass(frozen=True, slots=True)
class SignedOff:
    """No payments from now on; the connection stays."""


@dataclass(frozen=True, slots=True)
class Echoed:
    """Our echo was answered after `took_s`."""

    took_s: float


@dataclass(frozen=True, slots=True)
class EchoMissed:
    """Our echo was not answered in time."""


@dataclass(frozen=True, slots=True)
class DayChanged:
    """New transactions get this settlement date (MMDD)."""

    settlement_date: str


@dataclass(frozen=True, slots=True)
class ChangeKeys:
    """New zone keys under the ZMK, each with its check value; `fields` is the answer without 39."""

    mti: str
    fields: Mapping[int, str]
    zpk: tuple[bytes, bytes] = field(repr=False)
    zak: tuple[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """The message answers nothing that we asked."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection: it is of no use, or the session ended cleanly."""

    reason: str


Command = Say | SignedOn | SignedOff | Echoed | EchoMissed | DayChanged | ChangeKeys | Stray | Drop
