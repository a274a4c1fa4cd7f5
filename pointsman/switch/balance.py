"""Which worker gets the next connection, and which connection is one too many.

A core: a table of open connections by worker and by address, with named limits. Accepting and
handing over sockets is listeners.py; the worker processes are child.py.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Refusal(StrEnum):
    """Why a connection is closed at once; the text is a metric's label."""

    TOTAL = "connections_max"
    ADDRESS = "connections_per_address_max"
    NO_WORKER = "no_worker"


@dataclass(frozen=True, slots=True)
class _Held:
    """One connection as it is counted: which listener it came in by, from which host."""

    listener: str
    host: str


class Connections:
    """The open connections of one house: who holds them, and from where they came."""

    def __init__(self, *, total_max: int, per_address_max: int) -> None:
        self._total_max = total_max
        self._per_address_max = per_address_max
        self._by_worker: dict[str, Counter[_Held]] = {}
        self._loads: Counter[str] = Counter()
        self._turns: dict[str, int] = {}  # by worker: which connection was its last
        self._given = 0
        self._by_host: Counter[str] = Counter()
        self._by_listener: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many connections are open."""
        return self._loads.total()

    def of_listener(self, listener: str) -> int:
        """Return how many connections came in by `listener` and are open."""
        return self._by_listener[listener]

    def of_worker(self, worker: str) -> int:
        """Return how many connections `worker` holds."""
        return self._loads[worker]

    def refusal(self, host: str) -> Refusal | None:
        """Return why a connection from `host` must be closed, or None where it may stay."""
        if self.total >= self._total_max:
            return Refusal.TOTAL
        if self._by_host[host] >= self._per_address_max:
            return Refusal.ADDRESS
        return None

    def order(self, workers: Iterable[str]) -> list[str]:
        """Return `workers`, the least loaded first; of equal ones who waited longest for its last.

        Terminals that connect for each message find all workers idle: they must go round, too.
        """
        return sorted(workers, key=lambda name: (self._loads[name], self._turns.get(name, 0), name))

    def opened(self, worker: str, listener: str, host: str) -> None:
        """Count a connection that was handed to `worker`."""
        self._by_worker.setdefault(worker, Counter())[_Held(listener, host)] += 1
        self._loads[worker] += 1
        self._given += 1
        self._turns[worker] = self._given
        self._by_host[host] += 1
        self._by_listener[listener] += 1

    def closed(self, worker: str, listener: str, host: str) -> None:
        """Take back one connection; one that `worker` does not hold changes nothing."""
        held = self._by_worker.get(worker, Counter())
        if held[_Held(listener, host)]:
            self._drop(worker, _Held(listener, host), 1)

    def worker_gone(self, worker: str) -> None:
        """Take back all connections of a worker that ended."""
        for held, count in list(self._by_worker.get(worker, Counter()).items()):
            self._drop(worker, held, count)
        self._by_worker.pop(worker, None)

    def _drop(self, worker: str, held: _Held, count: int) -> None:
        for table, key in (
            (self._loads, worker),
            (self._by_host, held.host),
            (self._by_listener, held.listener),
        ):
            table[key] -= count
            if not table[key]:
                del table[key]  # addresses come and go: the table must not grow for ever
        rows = self._by_worker[worker]
        rows[held] -= count
        if not rows[held]:
            del rows[held]
