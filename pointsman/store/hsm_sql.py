"""What the house keeps of its HSM on PostgreSQL: the heads of its audit logs, and when keys end.

The SQL is in schema/0021_hsm_heads.sql. When a head is asked for is decided in switch/hsmwatch.py;
no key is ever opened here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pointsman.store.pool import Pool

_NEWEST = """
select distinct on (machine, log) machine, log, sequence, digest, at
from hsm_heads order by machine, log, id desc
"""
# A key block tells its end in clear: optional block 10, created and ends, nine hex digits each.
_FIRST_END = """
select coalesce(min(ends collate "C"), '') from (
    select substring(convert_from(tmk, 'LATIN1') from '1017[0-9A-F]{9}([0-9A-F]{9})[PA]') as ends
    from terminals where active
) found where ends > '000000000'
"""


class Kept(Enum):
    """How a head stands to the one that was kept before it."""

    SAME = "same"
    GROWN = "grown"
    CHANGED = "changed"  # shorter, or another digest at the same place


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The newest head of one log."""

    machine: str
    log: str
    sequence: int
    digest: bytes
    at: datetime


class HsmSql:
    """Heads and ends of keys over the pool; verbs raise StoreUnavailableError."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def keep(self, machine: str, log: str, sequence: int, digest: bytes) -> Kept:
        """Keep a head, unless it is the one that was kept last."""
        values = {"machine": machine, "log": log, "sequence": sequence, "digest": digest}
        query = "select keep_hsm_head(%(machine)s, %(log)s, %(sequence)s, %(digest)s)"
        return Kept(await self._pool.value(query, values))

    async def newest(self) -> Sequence[KeptHead]:
        """Return the newest head of each log of each machine."""
        return [KeptHead(*row) for row in await self._pool.rows(_NEWEST)]

    async def first_end_of_tmks_s(self) -> int:
        """Return the Unix time at which the first master key of a terminal ends; 0 if none does."""
        return int(await self._pool.value(_FIRST_END) or "0", 16)
