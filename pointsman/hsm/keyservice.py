"""Management of keys: make, import, export, describe, change state; and the counters.

Every act leaves an audit record. Blocks are opened and sealed by ``keyring``; random bytes and time
come from the chamber's world. Component entry is in ``keyentry``, moving in ``keymove``.
"""

from typing import assert_never

from pointsman.hsm import commands as c
from pointsman.hsm import keyexport
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.chamber import Chamber
from pointsman.hsm.keys import (
    INTERNAL,
    TEST_KEY_KCVS,
    Kind,
    State,
    check_value,
    check_zeros,
    fit_parity,
    has_equal_parts,
    odd_parity,
)
from pointsman.hsm.policy import Mode, NotAllowed
from pointsman.hsm.primitives import Algorithm, same

WRAPPED_SIZE_MAX = 32
_PIN_KINDS = frozenset(kind for kind in Kind if kind.row.usage == "P0")


Managed = (
    c.NewKey
    | c.ImportKey
    | c.ImportUnder
    | c.ImportBlock
    | c.ExportUnder
    | c.SetState
    | c.Describe
    | c.AskCounters
    | c.AskHead
)


def perform(chamber: Chamber, request: Managed) -> c.Answer:
    """Do one management request; raises NotAllowed, KeyBlockError and ValueError."""
    match request:
        case c.NewKey():
            return new_key(chamber, request)
        case c.ImportKey():
            return import_key(chamber, request)
        case c.ImportUnder():
            return import_under(chamber, request)
        case c.ImportBlock():
            return import_block(chamber, request)
        case c.ExportUnder():
            return keyexport.export_under(chamber, request)
        case c.SetState():
            return set_state(chamber, request)
        case c.Describe():
            return describe(chamber, request)
        case c.AskCounters():
            return chamber.counters()
        case c.AskHead():
            return chamber.head()
        case _:
            assert_never(request)


def random_key(chamber: Chamber, kind: Kind, size: int = 0) -> bytes:
    """Return fresh key bytes for a kind, parity set, never with equal parts."""
    row = kind.row
    size = size or row.sizes[0]
    if size not in row.sizes:
        raise NotAllowed("key length")
    while True:
        key = fit_parity(row.algorithm, chamber.world.random(size))
        if row.algorithm is not Algorithm.TDES or not has_equal_parts(key):
            return key


def new_key(chamber: Chamber, request: c.NewKey) -> c.KeyMade:
    """Make a random key; a TMK is told under a ZMK too, which two people had to load."""
    kind = kind_of(request.usage)
    key = random_key(chamber, kind, request.size)
    wrapped = _under_zmk(chamber, request.under, kind, key) if request.under else b""
    made = make_block(chamber, request, kind, key)
    if wrapped:
        chamber.world.record(
            AuditEvent("NewKey", "ok", "under a ZMK", kind.name, made.kcv, request.owner)
        )
    return c.KeyMade(made.block, made.kcv, wrapped)


def _under_zmk(chamber: Chamber, zmk: bytes, kind: Kind, key: bytes) -> bytes:
    if kind is not Kind.TMK:
        raise NotAllowed("a TMK alone is told under a ZMK")
    life, opened = chamber.keys.open(zmk)
    if life.kind is not Kind.ZMK:
        raise NotAllowed("not a ZMK")
    if len(opened.key) < len(key):
        raise NotAllowed("a key wraps nothing stronger")
    _, wrap = chamber.keys.wrap.get(zmk, chamber.world.clock())
    return wrap(key)


def import_key(chamber: Chamber, request: c.ImportKey) -> c.KeyMade:
    """Take a clear key: laboratory only."""
    if chamber.mode is not Mode.LABORATORY:
        raise NotAllowed("clear keys in laboratory mode only")
    kind = kind_of(request.usage)
    return make_block(chamber, request, kind, bytes.fromhex(request.clear_hex))


def import_under(chamber: Chamber, request: c.ImportUnder) -> c.KeyMade:
    """Take a partner's key under the ZMK; the check value must agree."""
    kind = kind_of(request.usage)
    if not 0 < len(request.wrapped) <= WRAPPED_SIZE_MAX or len(request.wrapped) % 8:
        raise ValueError("a wrapped key is one to four blocks")
    _, decrypt = chamber.keys.unwrap.get(request.zmk, chamber.world.clock())
    key = decrypt(request.wrapped)
    if kind.row.algorithm not in (Algorithm.DES, Algorithm.TDES):
        raise NotAllowed("a TDES key wraps nothing stronger")
    zeros = check_zeros(Algorithm.DES if len(key) == 8 else Algorithm.TDES, key)  # noqa: PLR2004
    if not 2 <= len(request.kcv) <= 8 or not same(zeros[: len(request.kcv)], request.kcv):  # noqa: PLR2004
        raise NotAllowed("check value")
    if odd_parity(key) != key:  # its check value is right: set right, as A6 does with its 01
        chamber.world.record(AuditEvent("ImportUnder", "ok", "parity set right", kind=kind.name))
    return make_block(chamber, request, kind, odd_parity(key))


def import_block(chamber: Chamber, request: c.ImportBlock) -> c.KeyMade:
    """Take a partner's X9.143 block; its usage must be that of the kind asked for."""
    kind = kind_of(request.usage)
    wrapper = chamber.keys.unwrap_block.get(request.kbpk, chamber.world.clock())
    opened = wrapper.open(request.block)
    header, row = opened.header, kind.row
    if header.usage != row.usage and not (row.usage == "10" and header.usage.startswith("M")):
        raise NotAllowed("usage")
    if header.algorithm not in (row.algorithm.value, "T" if row.algorithm is Algorithm.DES else ""):
        raise NotAllowed("algorithm")
    if header.mode not in (row.mode, "B", "N", "C"):
        raise NotAllowed("mode")
    return make_block(chamber, request, kind, opened.key)


def set_state(chamber: Chamber, request: c.SetState) -> c.KeyMade:
    """Give a key another state; a destroyed key stays so."""
    state = State[request.state.upper()]
    block, value = chamber.keys.in_state(request.block, state, chamber.world.random)
    chamber.world.record(AuditEvent("SetState", "ok", state.name.lower(), kcv=value))
    return c.KeyMade(block, value)


def describe(chamber: Chamber, request: c.Describe) -> c.Described:
    """Say what a block says of its key, after its MAC proved right."""
    life, opened = chamber.keys.open(request.block)
    return c.Described(
        life.kind.name,
        Algorithm(opened.header.algorithm).name,
        life.owner,
        life.kcv,
        life.state.name.lower(),
        life.created_s,
        life.expires_s,
    )


def kind_of(name: str) -> Kind:
    """Return a kind that a caller may name; raises NotAllowed."""
    kind = Kind.__members__.get(name)
    if kind is None or kind in INTERNAL:
        raise NotAllowed("kind of key")
    return kind


def check_kind(chamber: Chamber, kind: Kind, key: bytes) -> None:
    """Refuse a key of the wrong length, and in live mode test keys, equal halves and PIN keys."""
    if len(key) not in kind.row.sizes:
        raise NotAllowed("key length")
    live = chamber.mode is Mode.LIVE
    if live and kind in _PIN_KINDS:
        raise NotAllowed("live mode: PIN keys need an external HSM")
    if live and kind is Kind.TPK_SINGLE:
        raise NotAllowed("single length")
    if live and kind.row.algorithm is Algorithm.TDES and has_equal_parts(key):
        raise NotAllowed("equal halves")
    if live and check_value(kind.row.algorithm, key)[:6] in TEST_KEY_KCVS:
        raise NotAllowed("published test key")


def make_block(chamber: Chamber, request: "_Making", kind: Kind, key: bytes) -> c.KeyMade:
    """Seal a key that passed the rules of its kind, and record it; raises NotAllowed."""
    check_kind(chamber, kind, key)
    expires_s = 0 if isinstance(request, c.Component) else request.expires_s
    block, value = chamber.keys.seal(kind, key, request.owner, expires_s, chamber.world.random)
    note(chamber, request, kind, value, request.owner)
    return c.KeyMade(block, value)


_Making = c.NewKey | c.ImportKey | c.ImportUnder | c.ImportBlock | c.Component


def note(
    chamber: Chamber,
    request: "Managed | c.NewTerminalKeys | c.Component",
    kind: Kind,
    value: str,
    owner: str,
) -> None:
    """Record an act that was done."""
    chamber.world.record(
        AuditEvent(type(request).__name__, "ok", kind=kind.name, kcv=value, owner=owner)
    )
