"""Who may ask what, and which key may do it: the tables of the HSM.

Roles and requests, operation x usage x mode x kind, PIN formats from and to. Nothing is best
effort: what no row allows raises ``NotAllowed``, whose reason goes to the audit log only. What the
requests look like is in ``commands``.
"""

from dataclasses import dataclass
from enum import Enum

from pointsman.hsm import commands as c
from pointsman.hsm.keys import USAGE_CUP_MAC, USAGE_TOKEN, KeyLife, Kind, State
from pointsman.hsm.pinblock import PinFormat
from pointsman.hsm.primitives import Algorithm


class Role(Enum):
    """Who sits on the other side of a socket."""

    SWITCH = "switch"
    OPERATOR = "operator"
    SIMULATOR = "simulator"

    __hash__ = object.__hash__  # an Enum's own is computed in Python, at every look into a table


class Mode(Enum):
    """Where the HSM runs; ``LIVE`` demands an external HSM for PIN keys."""

    LABORATORY = "laboratory"
    LIVE = "live"


class NotAllowed(Exception):  # noqa: N818  (the word that the audit log shows)
    """A key, usage, format, role or PAN that no rule allows."""

    def __init__(self, reason: str) -> None:
        super().__init__("not allowed")
        self.reason = reason


class Operation(Enum):
    """What is done with a key."""

    PIN_IN = "pin-in"
    PIN_OUT = "pin-out"
    MAC_CUP = "mac-cup"
    MAC_CBC = "mac-cbc"
    MAC_RETAIL = "mac-retail"
    MAC_CMAC = "mac-cmac"
    WRAP = "wrap"
    UNWRAP = "unwrap"
    WRAP_BLOCK = "wrap-block"
    UNWRAP_BLOCK = "unwrap-block"
    DERIVE = "derive"
    TRACK_OPEN = "track-open"
    CARD_VALUE = "card-value"
    PIN_VALUE = "pin-value"
    PIN_OFFSET = "pin-offset"
    CRYPTOGRAM = "cryptogram"
    TOKEN = "token"  # noqa: S105  (a word)
    PAN_SEAL = "pan-seal"
    PAN_OPEN = "pan-open"

    __hash__ = object.__hash__  # an Enum's own is computed in Python, at every look into a table


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the usage and modes that an operation takes, and the kinds it must not meet."""

    usage: str
    modes: str
    algorithms: frozenset[Algorithm]
    not_for: frozenset[Kind] = frozenset()


_DES = frozenset({Algorithm.DES})
_TDES = frozenset({Algorithm.TDES})
_AES = frozenset({Algorithm.AES})
_PIN = frozenset({Algorithm.TDES, Algorithm.AES, Algorithm.SM4})
_PIN_IN = _PIN | _DES
_DATA_KEYS = frozenset({Kind.PAN_DATA})

RULES: dict[Operation, Rule] = {
    Operation.PIN_IN: Rule("P0", "DB", _PIN_IN),
    Operation.PIN_OUT: Rule("P0", "EB", _PIN),
    Operation.MAC_CUP: Rule(USAGE_CUP_MAC, "C", _DES | _TDES | {Algorithm.SM4}),
    Operation.MAC_CBC: Rule("M1", "C", _DES | {Algorithm.SM4}),
    Operation.MAC_RETAIL: Rule("M3", "C", _TDES),
    Operation.MAC_CMAC: Rule("M6", "C", _AES | _TDES),
    # A TMK enciphers, a ZMK does both: the modes keep one from serving as the other's way in.
    Operation.WRAP: Rule("K0", "EB", _TDES),
    Operation.UNWRAP: Rule("K0", "DB", _TDES, frozenset({Kind.TMK})),
    Operation.WRAP_BLOCK: Rule("K1", "EB", _AES | _TDES),
    Operation.UNWRAP_BLOCK: Rule("K1", "DB", _AES | _TDES),
    Operation.DERIVE: Rule("B0", "X", _TDES | _AES),
    Operation.TRACK_OPEN: Rule("D0", "DB", _TDES, _DATA_KEYS),
    Operation.CARD_VALUE: Rule("C0", "C", _TDES),
    Operation.PIN_VALUE: Rule("V2", "C", _TDES),
    Operation.PIN_OFFSET: Rule("V1", "C", _TDES),
    Operation.CRYPTOGRAM: Rule("E0", "X", _TDES),
    Operation.TOKEN: Rule(USAGE_TOKEN, "G", _AES),
    Operation.PAN_SEAL: Rule("D0", "B", _AES),
    Operation.PAN_OPEN: Rule("D0", "B", _AES),
}
# What a retired key may still do: a rotation's grace time reads and verifies, and writes nothing.
READS = frozenset(
    {
        Operation.PIN_IN,
        Operation.MAC_CUP,
        Operation.MAC_CBC,
        Operation.MAC_RETAIL,
        Operation.MAC_CMAC,
        Operation.UNWRAP,
        Operation.UNWRAP_BLOCK,
        Operation.DERIVE,
        Operation.TRACK_OPEN,
        Operation.PAN_OPEN,
    }
)


def check_use(operation: Operation, life: KeyLife, algorithm: Algorithm, now_s: int) -> None:
    """Raise NotAllowed unless this key may do this operation now."""
    row, rule = life.kind.row, RULES[operation]
    if row.usage != rule.usage or row.mode not in rule.modes or life.kind in rule.not_for:
        raise NotAllowed("usage")
    if algorithm not in rule.algorithms or algorithm is not row.algorithm:
        raise NotAllowed("algorithm")
    if life.expires_s and now_s >= life.expires_s:
        raise NotAllowed("expired")
    # A pending key becomes current by its first use; that it does is the owner's to record.
    if life.state is State.DESTROYED or (life.state is State.RETIRED and operation not in READS):
        raise NotAllowed("state")


_PIN_FORMATS = frozenset(map(int, PinFormat))


def pin_format(number: int) -> PinFormat:
    """Return a format by the number that a request tells; raises NotAllowed."""
    if number not in _PIN_FORMATS:
        raise NotAllowed("format")
    return PinFormat(number)


_BOUND_TO_PAN = (PinFormat.ISO_0, PinFormat.ISO_3, PinFormat.ISO_4)


@dataclass(frozen=True, slots=True)
class PinRules:
    """What this installation adds to the table: format 1 in by link, no-account by mode."""

    laboratory: bool
    format_1_in: bool = False

    def check(self, source: PinFormat, target: PinFormat) -> None:
        """Raise NotAllowed unless a block of ``source`` may become one of ``target``."""
        if not self.allows(source, target):
            raise NotAllowed("format")

    def allows(self, source: PinFormat, target: PinFormat) -> bool:
        """Tell it: PCI PIN 3-3 and, more strictly, our own rows."""
        if source in _BOUND_TO_PAN and target in _BOUND_TO_PAN:
            return True
        if source is PinFormat.SM4 and target is PinFormat.SM4:
            return True
        if source is PinFormat.ISO_1 and target in _BOUND_TO_PAN:
            return self.format_1_in
        if source is PinFormat.ISO_0_NO_ACCOUNT and target is PinFormat.ISO_0_NO_ACCOUNT:
            return self.laboratory
        return False


# Which request may come from which socket. PIN verification and issuer work are the simulators'.
_SALE = frozenset({c.Outbound, c.Inbound, c.OpenPan, c.TokenOf, c.OpenTrack})
_WATCH = frozenset({c.AskCounters, c.AskHead, c.Describe})
_OPERATOR = frozenset(
    {
        c.NewKey,
        c.ImportKey,
        c.ImportUnder,
        c.ImportBlock,
        c.ExportUnder,
        c.SetState,
        c.Component,
        c.Rewrap,
        c.Reseal,
        c.TokenOf,
    }
)
ALLOWED: dict[Role, frozenset[type]] = {
    Role.SWITCH: _SALE | _WATCH | {c.NewTerminalKeys, c.NewKey, c.ImportUnder, c.SetState},
    Role.OPERATOR: _OPERATOR | _WATCH,
    Role.SIMULATOR: _SALE
    | _WATCH
    | {c.NewKey, c.ImportKey, c.ImportUnder, c.VerifyPin, c.VerifyCryptogram, c.VerifyCardValue},
}


def is_allowed(role: Role, request: c.Request) -> bool:
    """Tell whether a role may ask this; a master key is told under a ZMK to operators alone."""
    if isinstance(request, c.NewKey) and request.under and role is not Role.OPERATOR:
        return False
    return type(request) in ALLOWED[role]


CIPHERS: dict[PinFormat, frozenset[Algorithm]] = {
    kind: frozenset({Algorithm.TDES, Algorithm.DES})
    for kind in (PinFormat.ISO_0, PinFormat.ISO_1, PinFormat.ISO_2, PinFormat.ISO_3)
} | {
    PinFormat.ISO_0_NO_ACCOUNT: frozenset({Algorithm.TDES}),
    PinFormat.ISO_4: frozenset({Algorithm.AES}),
    PinFormat.SM4: frozenset({Algorithm.SM4}),
}


def check_cipher(kind: PinFormat, algorithm: Algorithm) -> None:
    """Raise NotAllowed unless blocks of this format are enciphered with this algorithm."""
    if algorithm not in CIPHERS[kind]:
        raise NotAllowed("format and algorithm")
