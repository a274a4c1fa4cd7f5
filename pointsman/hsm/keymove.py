"""Moving keys under a new LMK and card numbers under a new data key, a batch at a time.

What cannot be opened comes back empty and stops nothing. Batches are put together by the caller
(``pointsman hsm rewrap``); the store's own change of LMK is in ``storage``.
"""

from typing import TYPE_CHECKING

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.keyheader import KeyBlockError
from pointsman.hsm.policy import NotAllowed

if TYPE_CHECKING:
    from pointsman.hsm.engine import Engine

BATCH_MAX = 2_000  # blocks or cipher texts in one re-wrap request


def rewrap(engine: "Engine", request: c.Rewrap) -> c.Rewrapped:
    """Move blocks from the LMK before to the current one; those already moved stay as they are."""
    if engine.old_keys is None:
        raise NotAllowed("no old LMK is loaded")
    if len(request.blocks) > BATCH_MAX:
        raise ValueError("too many blocks")
    made = tuple(_moved(engine, block) for block in request.blocks)
    engine.world.record(AuditEvent("Rewrap", "ok", f"{sum(map(bool, made))} of {len(made)}"))
    return c.Rewrapped(made)


def reseal(engine: "Engine", request: c.Reseal) -> c.Resealed:
    """Encipher card numbers anew under the newest data key; the row binds both."""
    if len(request.items) > BATCH_MAX:
        raise ValueError("too many cipher texts")
    made = []
    for cipher, row in request.items:
        try:
            made.append(engine.cards.seal(engine.cards.open(cipher, row), row))
        except NotAllowed:
            made.append(b"")
    engine.world.record(AuditEvent("Reseal", "ok", f"{sum(map(bool, made))} of {len(made)}"))
    return c.Resealed(tuple(made))


def _moved(engine: "Engine", block: bytes) -> bytes:
    assert engine.old_keys is not None
    try:
        _, opened = engine.old_keys.open(block)
    except KeyBlockError:
        try:
            engine.keys.open(block)
        except KeyBlockError:
            return b""
        return block
    return engine.keys.seal_as(opened.header, opened.key, engine.world.random)
