"""What one HSM holds while it runs: its keys ready, what waits for a second person, its counters.

State and the rules that every act shares; the acts themselves are in ``engine`` (the sale's two
trips), ``keyservice``, ``keyentry``, ``keyexport``, ``keymove``, ``terminalkeys`` and ``issuer``.
No clock, no file: ``server`` gives what the world gives.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.cards import CardVault, DataKeys
from pointsman.hsm.dukpt import DukptKeys
from pointsman.hsm.faults import FaultLimit
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.keyring import GENERATION_MAX, Keyring
from pointsman.hsm.pinblock import Fill
from pointsman.hsm.policy import Mode, NotAllowed


@dataclass(frozen=True, slots=True)
class World:
    """What the engine needs of the world: whole seconds, random bytes, a place for the audit."""

    clock: Callable[[], int]
    random: Fill
    record: Callable[[AuditEvent], None]
    head: Callable[[], c.Head]


@dataclass(slots=True)
class Entry:
    """A key under entry by components: nothing of it outlives its quarter of an hour."""

    usage: str
    of: int
    owner: str
    opened_s: int
    parts: dict[int, bytes] = field(default_factory=dict, repr=False)
    people: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An export that one person has asked for."""

    custodian: str
    opened_s: int


class Chamber:
    """The keys and records that every act of one HSM works on; ``engine.Engine`` is its door."""

    def __init__(
        self,
        lmk: Wrapper,
        data: DataKeys,
        mode: Mode,
        world: World,
        *,
        lmk_kcv: str = "",
        old_lmk: Wrapper | None = None,
        generation_max: int = GENERATION_MAX,
    ) -> None:
        self.mode = mode
        self.world = world
        self.lmk_kcv = lmk_kcv
        self.started_s = world.clock()
        self.keys = Keyring(lmk, world.clock, generation_max)
        self.old_keys = Keyring(old_lmk, world.clock, 1) if old_lmk else None
        self.dukpt = DukptKeys()
        self.entries: dict[str, Entry] = {}
        self.exports: dict[bytes, Waiting] = {}
        self.calls: dict[tuple[str, str], int] = {}
        self.faults = FaultLimit()
        self.cards = CardVault(data, world.random)

    def count(self, operation: str, result: str) -> None:
        """Add one to a counter."""
        self.calls[operation, result] = self.calls.get((operation, result), 0) + 1

    def counters(self) -> c.Counters:
        """Return all counters and what the status shows."""
        calls = tuple((name, result, count) for (name, result), count in self.calls.items())
        return c.Counters(calls, len(self.keys), self.mode.value, self.started_s, self.lmk_kcv)

    def head(self) -> c.Head:
        """Return the head of the audit chain."""
        return self.world.head()

    def demand_pin_keys_allowed(self) -> None:
        """Refuse PIN keys in live mode: PCI PIN wants them in a certified device."""
        if self.mode is Mode.LIVE:
            raise NotAllowed("live mode: PIN keys need an external HSM")
