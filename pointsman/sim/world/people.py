"""Two people who decide what becomes of a message that an acquirer refused for good.

A shell. They ask the acquirer by telephone: its book says whether it was done. Then they send it
again, or end it by what they heard. That two different people must say the same word is the
journal's own rule (store/parked_sql.py); here it is one act.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

import trio

from pointsman.sim.book import Book
from pointsman.sim.world.database import DatabasePort
from pointsman.sim.world.process import Process, spared
from pointsman.sim.world.witness import Witness
from pointsman.store.memory import MemoryDatabase, Row, id_of
from pointsman.store.memory_parked import carry_out_parked
from pointsman.store.memory_server import MemoryServer
from pointsman.store.records import OwedState
from pointsman.store.verbs import StoreUnavailableError

LOOK_S: Final = 10.0
CALM_S: Final = 60.0  # what an acquirer says is believed once nothing can be on its way any more
DECIDES: Final = 0.3  # at each look, of each message
RETRIES: Final = 0.3


@dataclass(slots=True)
class SimPeople:
    """The two of them; `decided` is how they ended what is owed for a transaction, by its id."""

    server: MemoryServer
    books: Callable[[], Mapping[str, Book]]
    draw: Random
    witness: Witness
    timeout_s: float
    decided: dict[bytes, str] = field(default_factory=dict)
    _since: dict[bytes, float] = field(default_factory=dict)

    async def run(self, is_open: Callable[[], bool]) -> None:
        """Look now and then, while the house is open."""
        port = DatabasePort(self.server, Process("people", spared), self.timeout_s)
        while is_open():
            await trio.sleep(LOOK_S)
            for id_ in self._ripe():
                if self.draw.random() < DECIDES and is_open():
                    await self._decide(port, id_)

    def _ripe(self) -> list[bytes]:
        """Return what has been parked for so long that it can be asked about."""
        now, owed = trio.current_time(), self.server.db.owed
        parked = [
            id_
            for (*_, kind), id_ in self.server.db.exceptions.items()
            if id_ is not None
            and kind == "owed message refused"
            and owed[id_].state is OwedState.PARKED
        ]
        self._since = {id_: self._since.get(id_, now) for id_ in parked}
        return [id_ for id_ in parked if now - self._since[id_] >= CALM_S]

    async def _decide(self, port: DatabasePort, id_: bytes) -> None:
        db = self.server.db
        action = "retry" if self.draw.random() < RETRIES else verdict(db, self.books(), id_)
        with suppress(StoreUnavailableError):  # done unheard, or not done: they look again
            await port.call("decide", lambda: carry_out_parked(db, id_, action))

    def heard(self, event: str, row: Row) -> None:
        """Hear what was committed of a decision (`carry_out_parked`)."""
        name, _, action = event.partition("-")
        if name != "parked":
            return
        self.witness.rare[f"two people said {action}"] += 1
        if action == "retry":
            self.decided.pop(id_of(row), None)
        else:
            self.decided[id_of(row)] = action


def verdict(db: MemoryDatabase, books: Mapping[str, Book], id_: bytes) -> str:
    """Return ``done`` or ``not-done``: what the acquirer's book says of this message.

    Of what it counts with another amount neither is true: that is sent again (``retry``).
    """
    row: Row = db.transactions[id_]
    details = row["details"]
    key = f"{details['host_time']}-{details['host_stan']}"
    entry = books[row["acquirer"]].entries.get(key)
    counts = entry is not None and entry.live
    if counts and entry is not None and entry.row.counted_minor != row["amount_minor"]:
        return "retry"
    is_done = counts if db.owed[id_].kind == "advice" else not counts
    return "done" if is_done else "not-done"
