"""Which worker gets a connection, and which connection is refused (switch/balance.py).

An independent idea of the table, a plain list of open connections, is compared with it.
"""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pointsman.switch.balance import Connections, Refusal

WORKERS = ("worker-0", "worker-1", "worker-2")
HOSTS = ("10.0.0.1", "10.0.0.2", "[::1]")
TOTAL_MAX, ADDRESS_MAX = 12, 6


class ConnectionsAgainstAList(RuleBasedStateMachine):
    """The list knows the right answer."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Connections(total_max=TOTAL_MAX, per_address_max=ADDRESS_MAX)
        self.open: list[tuple[str, str]] = []

    @rule(host=st.sampled_from(HOSTS))
    def arrives(self, host: str) -> None:
        refusal = self.table.refusal(host)
        if len(self.open) >= TOTAL_MAX:
            assert refusal is Refusal.TOTAL
        elif sum(1 for _, other in self.open if other == host) >= ADDRESS_MAX:
            assert refusal is Refusal.ADDRESS
        else:
            assert refusal is None
            worker = self.table.order(WORKERS)[0]
            loads = Counter(name for name, _ in self.open)
            assert loads[worker] == min(loads[name] for name in WORKERS)
            self.table.opened(worker, "terminals", host)
            self.open.append((worker, host))

    @rule(index=st.integers(0, TOTAL_MAX))
    def closes(self, index: int) -> None:
        if index < len(self.open):
            worker, host = self.open.pop(index)
            self.table.closed(worker, "terminals", host)

    @rule(worker=st.sampled_from(WORKERS))
    def worker_ends(self, worker: str) -> None:
        self.table.worker_gone(worker)
        self.open = [pair for pair in self.open if pair[0] != worker]

    @rule(worker=st.sampled_from(WORKERS), host=st.sampled_from(HOSTS))
    def worker_tells_of_a_connection_it_does_not_hold(self, worker: str, host: str) -> None:
        if (worker, host) not in self.open:
            self.table.closed(worker, "terminals", host)

    @invariant()
    def counts_agree(self) -> None:
        assert self.table.total == len(self.open)
        assert self.table.of_listener("terminals") == len(self.open)
        for worker in WORKERS:
            held = sum(1 for name, _ in self.open if name == worker)
            assert self.table.of_worker(worker) == held


TestConnections = ConnectionsAgainstAList.TestCase
TestConnections.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_eight_connections_are_spread_evenly_over_four_workers() -> None:
    table = Connections(total_max=100, per_address_max=100)
    workers = [f"worker-{number}" for number in range(4)]
    for _ in range(8):
        table.opened(table.order(workers)[0], "terminals", "10.0.0.1")
    assert [table.of_worker(name) for name in workers] == [2, 2, 2, 2]


def test_short_connections_go_round_although_every_worker_is_idle() -> None:
    table = Connections(total_max=100, per_address_max=100)
    given = []
    for _ in range(6):
        given.append(table.order(WORKERS)[0])
        table.opened(given[-1], "terminals", "10.0.0.1")
        table.closed(given[-1], "terminals", "10.0.0.1")
    assert given == [*WORKERS, *WORKERS]


def test_only_the_asked_workers_are_ordered() -> None:
    table = Connections(total_max=100, per_address_max=100)
    table.opened("worker-1", "terminals", "10.0.0.1")
    assert table.order(["worker-1"]) == ["worker-1"]
    assert table.order([]) == []
