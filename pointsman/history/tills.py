"""The town's terminals as the history goes on: signed in each morning, settled each evening.

A shell. Many sign-ins or closings are one statement, each at its own moment (clock.sql): the
same functions that workers call one by one (store/terminals_sql.py). Payments are filling.py's.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pointsman.history.calendar import Closes, Opens
from pointsman.history.town import Place
from pointsman.store.parties import BatchState, KeySet, KeySetState, Terminal
from pointsman.store.pool import Pool
from pointsman.store.terminals_sql import TerminalsSql

NewKeys = Callable[[Terminal], Awaitable[tuple[bytes, bytes]]]
"""Gives working keys (PIN, MAC) of a terminal as key blocks."""
STAN_FIRST: Final = 500_001
"""The history's terminals count from here: what a simulator begins with is free."""

_OPEN_UP: Final = """
select o.tid, o.given ->> 'batch', (o.given ->> 'number')::bigint from (
    select t.tid, past.open_up(to_timestamp(t.ms / 1000.0), t.mid, t.tid, t.tpk, t.tak) as given
    from unnest(%s::bigint[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
        t(ms, mid, tid, tpk, tak)
    offset 0) o
"""
_CLOSE_UP: Final = """
select past.close_up(to_timestamp(t.ms / 1000.0), t.mid, t.tid, t.batch)
from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) t(ms, mid, tid, batch)
"""


@dataclass(slots=True)
class _Till:
    terminal: Terminal
    keys: tuple[bytes, bytes]
    stan: int = STAN_FIRST - 1


class Tills:
    """All terminals that have signed in so far; `pool` has the history's clock."""

    def __init__(self, pool: Pool, new_keys: NewKeys) -> None:
        self._pool = pool
        self._new_keys = new_keys
        self._tills: dict[str, _Till] = {}

    def next(self, place: Place) -> tuple[Terminal, str]:
        """Return a terminal that is signed in, and the number of its next request."""
        till = self._tills[place.tid]
        till.stan += 1
        return till.terminal, f"{till.stan:06d}"

    async def open(self, due: Sequence[Opens]) -> None:
        """Sign terminals in."""
        if not due:
            return
        rows = []
        for one in due:
            till = await self._till(one.place)
            rows.append((one.at_ms, one.place.mid, one.place.tid, *till.keys))
        for tid, batch, number in await self._pool.rows(_OPEN_UP, _columns(rows)):
            till = self._tills[tid]
            till.terminal = replace(
                till.terminal,
                key_sets=(KeySet(number, *till.keys, KeySetState.CURRENT),),
                signed_in=True,
                batch=batch,
                batch_state=BatchState.OPEN,
            )

    async def close(self, due: Sequence[Closes]) -> None:
        """Close the batches of terminals, which claim what the journal has."""
        if not due:
            return
        rows = [
            (one.at_ms, one.place.mid, one.place.tid, self._tills[one.place.tid].terminal.batch)
            for one in due
        ]
        await self._pool.rows(_CLOSE_UP, _columns(rows))

    async def _till(self, place: Place) -> _Till:
        found = self._tills.get(place.tid)
        if found is None:
            terminal = await TerminalsSql(self._pool).terminal(place.mid, place.tid)
            assert terminal is not None, "the site has the town's terminals"
            keys = await self._new_keys(terminal)
            found = self._tills[place.tid] = _Till(terminal, keys)
        return found


def _columns(rows: Sequence[tuple[object, ...]]) -> tuple[list[object], ...]:
    return tuple(list(column) for column in zip(*rows, strict=True))
