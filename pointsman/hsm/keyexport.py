"""Letting a key out, wrapped: two people ask for the same export within a quarter of an hour.

The first one's request opens it and gets nothing but the check value; the second one's, by another
name, gets the key under the ZMK or KBPK. Both stand in the log. Other acts are in ``keyservice``.
"""

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.chamber import Chamber, Waiting
from pointsman.hsm.keyblock import OpenedBlock
from pointsman.hsm.keyheader import pad_size
from pointsman.hsm.keyring import block_digest
from pointsman.hsm.keys import INTERNAL, KeyLife, Kind, State, header_of
from pointsman.hsm.policy import NotAllowed
from pointsman.hsm.primitives import Algorithm

EXPORTS_MAX = 8  # exports that wait for their second person
EXPORT_LIFE_S = 900
CUSTODIAN_SIZE_MAX = 40


def export_under(chamber: Chamber, request: c.ExportUnder) -> c.Exported | c.ExportWaits:
    """Wrap one of our keys for a partner, for two people: block under a KBPK, ECB under a ZMK."""
    life, opened = chamber.keys.open(request.key)
    if life.kind in INTERNAL or life.kind.row.usage in ("K0", "K1"):
        raise NotAllowed("this kind is not exported")
    if life.state in (State.DESTROYED, State.RETIRED):
        raise NotAllowed("state")
    wrapped = _wrap(chamber, request, life, opened)  # what cannot be wrapped troubles nobody else
    who = request.custodian
    if not who or len(who) > CUSTODIAN_SIZE_MAX or not who.isprintable():
        raise NotAllowed("an export names its custodian")
    now_s, waiting = chamber.world.clock(), chamber.exports
    for key, found in list(waiting.items()):
        if now_s >= found.opened_s + EXPORT_LIFE_S:
            del waiting[key]
    digest = block_digest(block_digest(request.wrapping) + block_digest(request.key))
    first = waiting.get(digest)
    if first is None:
        if len(waiting) >= EXPORTS_MAX:
            raise NotAllowed("too many exports wait")
        waiting[digest] = Waiting(who, now_s)
        _note(chamber, life, "1 of 2", who)
        return c.ExportWaits(life.kcv, EXPORT_LIFE_S)
    if first.custodian == who:
        raise NotAllowed("one person, both halves of an export")
    del waiting[digest]
    _note(chamber, life, "2 of 2", who)
    return c.Exported(wrapped, life.kcv)


def _wrap(chamber: Chamber, request: c.ExportUnder, life: KeyLife, opened: OpenedBlock) -> bytes:
    wrapping_life, _ = chamber.keys.open(request.wrapping)
    if wrapping_life.kind is Kind.KBPK:
        wrapper = chamber.keys.wrap_block.get(request.wrapping, chamber.world.clock())
        header = header_of(life, Algorithm(opened.header.algorithm))
        pad = chamber.world.random(pad_size(header, len(opened.key)))
        return wrapper.seal(header, opened.key, pad)
    _, wrap = chamber.keys.wrap.get(request.wrapping, chamber.world.clock())
    if life.kind.row.algorithm not in (Algorithm.DES, Algorithm.TDES):
        raise NotAllowed("a TDES key wraps nothing stronger")
    return wrap(opened.key)


def _note(chamber: Chamber, life: KeyLife, step: str, custodian: str) -> None:
    chamber.world.record(
        AuditEvent("ExportUnder", "ok", step, life.kind.name, life.kcv, life.owner, custodian)
    )
