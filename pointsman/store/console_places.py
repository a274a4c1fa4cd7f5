"""Outlets of merchants, and which device stood for which terminal, as the back office reads them.

Bounded lists. They are written by the functions of schema/0103_acts.sql inside an act.
"""

from typing import Any, Final

from pointsman.store.pool import Pool

HISTORY_MAX: Final = 100
_BINDINGS: Final = """
select b.serial, b.mid, b.tid, o.id, o.name, b.since, b.until
from terminal_bindings b left join outlets o on o.id = b.outlet
where (b.mid = %(mid)s and b.tid = %(tid)s) or (b.serial <> '' and b.serial in (
    select serial from terminal_bindings where mid = %(mid)s and tid = %(tid)s))
order by b.id desc limit %(limit)s
"""

Rows = list[tuple[Any, ...]]  # Any: rows have the shape of their query


class Places:
    """Reads outlets and bindings."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def mid_of(self, outlet: bytes) -> str:
        """Return the merchant of an outlet, empty where there is none."""
        return str(await self._pool.value("select mid from outlets where id = %s", (outlet,)) or "")

    async def bindings(self, mid: str, tid: str) -> Rows:
        """Return where a terminal's device stood, newest first; also under other numbers."""
        return await self._pool.rows(_BINDINGS, {"mid": mid, "tid": tid, "limit": HISTORY_MAX})
