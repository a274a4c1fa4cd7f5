"""The back office's virtual terminals on the tables in memory: what schema/0105_refunds.sql does.

A core. A refund's request key, and batches that are closed with their business day. What else the
back office keeps stands in PostgreSQL alone; the group commit that takes the refund is
memory_round.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pointsman.store.memory import BatchRow, MemoryDatabase
from pointsman.store.memory_batches import batch_totals, close_batch, settle_batch
from pointsman.store.parties import BatchState
from pointsman.store.records import RequestKey

VIRTUAL_TID: Final = "CONSOLE0"
STAN_MAX: Final = 999_999


@dataclass(slots=True)
class VirtualTerminal:
    """The last numbers that a merchant's virtual terminal gave."""

    batch: int = 1
    stan: int = 0


def order_refund(
    db: MemoryDatabase,
    terminals: dict[str, VirtualTerminal],
    orders: dict[bytes, RequestKey],
    refund: bytes,
    mid: str,
) -> RequestKey:
    """Return a refund's request key: told again the same, unless its batch closed without it."""
    terminal = terminals.setdefault(mid, VirtualTerminal())
    name = (mid, VIRTUAL_TID, f"{terminal.batch:06d}")
    batch = db.batches.get(name)
    is_open = batch is not None and batch.state is BatchState.OPEN
    known = orders.get(refund)
    if known is not None and (known in db.request_keys or (known.batch == name[2] and is_open)):
        return known
    if (batch is not None and not is_open) or terminal.stan >= STAN_MAX:
        terminal.batch, terminal.stan = terminal.batch % STAN_MAX + 1, 0
    terminal.stan += 1
    key = RequestKey(mid, VIRTUAL_TID, f"{terminal.batch:06d}", f"{terminal.stan:06d}")
    db.batches.setdefault((mid, VIRTUAL_TID, key.batch), BatchRow())
    orders[refund] = key
    return key


def close_virtual_batches(db: MemoryDatabase) -> None:
    """Close the open batches of virtual terminals in which there is something."""
    used = {(key.mid, key.batch) for key in db.request_keys if key.tid == VIRTUAL_TID}
    for name in _open_batches(db.batches):
        if (name[0], name[2]) in used:
            settle_batch(db, *name, batch_totals(db, *name))
            close_batch(db, *name, 0)


def _open_batches(batches: Mapping[tuple[str, str, str], BatchRow]) -> list[tuple[str, str, str]]:
    return sorted(
        name
        for name, row in batches.items()
        if name[1] == VIRTUAL_TID and row.state is BatchState.OPEN
    )
