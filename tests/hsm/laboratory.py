"""An HSM for tests: an engine with a clock and audit one can look at, and the published test keys.

A process of its own is started by ``process.py`` beside this; nothing here is a test.
"""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.cards import DataKeys
from pointsman.hsm.chamber import World
from pointsman.hsm.engine import Engine
from pointsman.hsm.keyblock import Wrapper
from pointsman.hsm.policy import Mode, Role
from pointsman.hsm.primitives import Algorithm

VECTORS = Path(__file__).parent.parent / "data" / "vectors"
PAN = "6216261000000000018"
OTHER_PAN = "6226388000000095"
PIK = bytes.fromhex("526B76025B1A076DCEC16D51E932B507")
MAK = bytes.fromhex("40026EB9BF15941A")
MAK_DOUBLE = bytes.fromhex("20AE4C139120DFF73B6E0EB33ED5947A")
TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
ZMK = bytes.fromhex("C2BA944007FD73CE3868F292234A5B15")
ZPK = bytes.fromhex("3B6E10E5E95DB68F08137A38671FC1BC")
ZAK = bytes.fromhex("92CBAE529E439D623885CDE64A8CA1CE")


@dataclass
class Laboratory:
    """An engine, its clock, and what it recorded."""

    mode: Mode = Mode.LABORATORY
    now_s: int = 1_700_000_000
    events: list[AuditEvent] = field(default_factory=list)
    lmk: bytes = b"\x17" * 32
    old_lmk: bytes | None = None
    pan_keys: dict[int, bytes] = field(default_factory=lambda: {1: b"\x02" * 32})

    def __post_init__(self) -> None:
        world = World(
            lambda: self.now_s,
            secrets.token_bytes,
            self.events.append,
            lambda: c.Head("audit-0", len(self.events), bytes(32)),
        )
        self.engine = Engine(
            Wrapper(self.lmk, Algorithm.AES),
            DataKeys(b"\x01" * 32, self.pan_keys),
            self.mode,
            world,
            old_lmk=Wrapper(self.old_lmk, Algorithm.AES) if self.old_lmk else None,
        )

    def ask(self, request: c.Request, role: Role = Role.SWITCH) -> c.Answer:
        """Ask in a role."""
        return self.engine.perform(role, request)

    def key(self, usage: str, clear: bytes, owner: str = "", expires_s: int = 0) -> bytes:
        """Import a clear test key; return its block."""
        request = c.ImportKey(usage, clear.hex(), owner, expires_s)
        answer = self.ask(request, Role.OPERATOR)
        assert isinstance(answer, c.KeyMade), answer
        return answer.block

    def new(self, usage: str) -> bytes:
        """Make a random key; return its block."""
        answer = self.ask(c.NewKey(usage), Role.OPERATOR)
        assert isinstance(answer, c.KeyMade), answer
        return answer.block

    def export(self, wrapping: bytes, key: bytes) -> c.Answer:
        """Let two people ask for a key; return what the second one is given."""
        first = self.ask(c.ExportUnder(wrapping, key, "A"), Role.OPERATOR)
        if not isinstance(first, c.ExportWaits):
            return first
        return self.ask(c.ExportUnder(wrapping, key, "B"), Role.OPERATOR)

    @property
    def reasons(self) -> list[str]:
        """The reasons of all refusals that were recorded."""
        return [event.reason for event in self.events if event.result == "refused"]
