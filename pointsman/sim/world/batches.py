"""What must be true of terminals' batches, above all of those that the switch closes by force.

A core, and a witness of its own: it hears when a batch is closed by force, what a terminal has
counted in it at that moment, and what comes afterwards. A batch so closed has the payments of its
day and no later one, takes nothing more, allows no void, and is listed once with what its terminal
counted (P8 to P10). Who forgets a batch, and remembers it late, is terminals.py.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.sim.items import Totals
from pointsman.sim.pos_types import TYPES, Mark
from pointsman.sim.terminal_rows import Asked, Settled, TerminalRow, Told
from pointsman.sim.world.testimony import JournalRow, RequestName
from pointsman.sim.world.witness import Witness

BatchName = tuple[str, str, str]
"""MID, TID, batch."""
Sides = tuple[Totals, Totals]
"""Domestic and foreign."""
WAITS_S: Final = 600.0  # so long a batch waits for what is under way in it
OFFICE: Final = "CONSOLE0"
FORCED: Final = "forced"
Violation = tuple[str, str]


@dataclass(frozen=True, slots=True)
class BatchEnd:
    """One batch as the journal has it at the end; `figures` are its own, None while it is open."""

    name: BatchName
    result: str
    figures: Sides | None


@dataclass(slots=True)
class Batches:
    """Hears of batches; `counted` asks a terminal, which is silent while it waits for something."""

    witness: Witness
    counted: Callable[[BatchName], Sides | None]
    own_numbers: frozenset[str] = frozenset()
    """Terminals that number their batches themselves: theirs are not closed by force."""
    jumped: bool = False  # the wall clock, by which a batch waits; it may have waited enough then
    forced: dict[BatchName, Sides | None] = field(default_factory=dict)
    _ended: dict[BatchName, None] = field(default_factory=dict)
    _known: dict[str, None] = field(default_factory=dict)
    _late_voids: dict[RequestName, None] = field(default_factory=dict)

    def force(self, name: BatchName) -> None:
        """Hear that a batch is closed by force, at that very moment."""
        witness = self.witness
        witness.rare["a batch was closed by force"] += 1
        if name in self._ended or name in self.forced:
            witness.violated("P10", "a batch was closed by force that was closed before")
        self.forced[name] = self.counted(name)
        self._ended[name] = None
        for known in witness.by_id.values():
            young = witness.clock() - known.since < WAITS_S and not self.jumped
            if known.name[:3] == name and known.state == "sending" and young:
                witness.violated("P10", f"a batch was closed over a {known.kind} under way")

    def committed(self, row: Mapping[str, object]) -> None:
        """Hear of a row of the journal; what is refused comes into no batch."""
        id_ = str(row.get("id", ""))
        if not id_ or id_ in self._known:
            return
        self._known[id_] = None
        name = (str(row["mid"]), str(row["tid"]), str(row["batch"]))
        if name in self.forced and row["state"] != "refused":
            self.witness.violated("P10", f"a {row['kind']} came into a batch closed by force")

    def told(self, row: TerminalRow) -> None:
        """Hear what a terminal wrote down."""
        match row:
            case Asked() if _is_void(row):
                if (row.mid, row.tid, row.original_batch) in self._ended:
                    self._late_voids[row.mid, row.tid, row.batch, row.stan] = None
            case Told() if (row.mid, row.tid, row.batch, row.stan) in self._late_voids:
                self.witness.rare["a void came after its batch was closed"] += 1
                if row.approved:
                    self.witness.violated("P8", "a void was approved after its batch was closed")
            case Settled():
                name = (row.mid, row.tid, row.batch)
                self.witness.rare["a forgotten batch was ended late"] += name in self.forced
                self._ended[name] = None
            case _:
                pass

    def judge(
        self,
        ends: Sequence[BatchEnd],
        journal: Sequence[JournalRow],
        closed: frozenset[str],
        files: Mapping[str, Mapping[str, bytes]],
    ) -> Iterator[Violation]:
        """Yield what is wrong at the end; `closed` are the days that are over."""
        days: dict[BatchName, list[str]] = {}
        doubtful: set[BatchName] = set()
        for row in journal:
            if row.state != "refused":
                days.setdefault(row.name[:3], []).append(row.day)
            if row.parked or row.decided:
                doubtful.add(row.name[:3])  # its terminal counted before people decided
        lists = Counter(one for found in files.values() for one in _listed(found))
        for end in ends:
            name, used = end.name, days.get(end.name, [])
            if name[1] in (OFFICE, *self.own_numbers):
                continue
            if end.figures is None:
                if closed.intersection(used):
                    yield "P10", f"{name} is open, and has payments of a day that is closed"
                continue
            if lists[name, end.result] != 1:
                yield "P10", f"{name} is listed {lists[name, end.result]} times as {end.result}"
            if (end.result == FORCED) is not (name in self.forced):
                yield "P10", f"{name} is {end.result}"
            counted = self.forced.get(name)
            if counted is not None and name not in doubtful and counted != end.figures:
                yield "P9", f"{name}: its terminal counted {counted}, closed with {end.figures}"
            on = [day for day, found in files.items() if (name, end.result) in _listed(found)]
            if name in self.forced and on and max(used, default="") > on[0]:
                yield "P10", f"{name} of {on[0]} has a payment of {max(used)}"


def _is_void(asked: Asked) -> bool:
    """Tell whether it voids what is in a batch; what is held may be let go in any."""
    one = TYPES[asked.what]
    return one.mark is Mark.VOIDS and not one.by_card


def _listed(files: Mapping[str, bytes]) -> list[tuple[BatchName, str]]:
    """Return the batches that a day's files list, each with its result."""
    lines = csv.DictReader(files.get("batches.csv", b"").decode().splitlines())
    return [((one["merchant"], one["terminal"], one["batch"]), one["result"]) for one in lines]
