"""Moving keys under a new LMK and card numbers under a new data key, a batch at a time.

What cannot be opened comes back empty and stops nothing. Batches are put together by the caller
(``pointsman hsm rewrap``); the store's own change of LMK is in ``storage``.
"""

from pointsman.hsm import commands as c
from pointsman.hsm.audit import AuditEvent
from pointsman.hsm.chamber import Chamber
from pointsman.hsm.keyheader import KeyBlockError
from pointsman.hsm.policy import NotAllowed

BATCH_MAX = 2_000  # blocks or cipher texts in one re-wrap request


def rewrap(chamber: Chamber, request: c.Rewrap) -> c.Rewrapped:
    """Move blocks from the LMK before to the current one; those already moved stay as they are."""
    if chamber.old_keys is None:
        raise NotAllowed("no old LMK is loaded")
    if len(request.blocks) > BATCH_MAX:
        raise ValueError("too many blocks")
    made = tuple(_moved(chamber, block) for block in request.blocks)
    chamber.world.record(AuditEvent("Rewrap", "ok", f"{sum(map(bool, made))} of {len(made)}"))
    return c.Rewrapped(made)


def reseal(chamber: Chamber, request: c.Reseal) -> c.Resealed:
    """Encipher card numbers anew under the newest data key; the row binds both."""
    if len(request.items) > BATCH_MAX:
        raise ValueError("too many cipher texts")
    made = []
    for cipher, row in request.items:
        try:
            made.append(chamber.cards.seal(chamber.cards.open(cipher, row), row))
        except NotAllowed:
            made.append(b"")
    chamber.world.record(AuditEvent("Reseal", "ok", f"{sum(map(bool, made))} of {len(made)}"))
    return c.Resealed(tuple(made))


def _moved(chamber: Chamber, block: bytes) -> bytes:
    assert chamber.old_keys is not None
    try:
        _, opened = chamber.old_keys.open(block)
    except KeyBlockError:
        try:
            chamber.keys.open(block)
        except KeyBlockError:
            return b""
        return block
    return chamber.keys.seal_as(opened.header, opened.key, chamber.world.random)
