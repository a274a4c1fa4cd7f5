"""Connections are accepted and handed to workers, or refused in plain words (listeners.py)."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
from prometheus_client import CollectorRegistry
from trio.testing import MockClock, wait_all_tasks_blocked

from pointsman.metrics import SupervisorMetrics
from pointsman.switch.balance import Connections
from pointsman.switch.listeners import (
    FULL_PAUSE_S,
    FULL_TRIES,
    Listener,
    PortBusyError,
    check_free,
    host_of,
    listen,
    peer_text,
)

BOUND_S = 20.0  # for a broken machine, not a measurement


class Hall:
    """A listener on a free port with stand-in workers: the far ends of their control sockets."""

    def __init__(self, workers: int, *, total_max: int = 100, per_address_max: int = 100) -> None:
        self.registry = CollectorRegistry()
        self.table = Connections(total_max=total_max, per_address_max=per_address_max)
        self.near: dict[str, socket.socket] = {}
        self.far: dict[str, socket.socket] = {}
        for number in range(workers):
            near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            near.setblocking(False)
            far.setblocking(False)
            self.near[f"worker-{number}"], self.far[f"worker-{number}"] = near, far
        self.ready = trio.Event()
        if workers:
            self.ready.set()
        self.listener = Listener(
            "terminals",
            listen("127.0.0.1", 0, key="terminals.port"),
            self.table,
            lambda: self.near,
            SupervisorMetrics(self.registry),
        )

    def dial(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.listener.port), timeout=BOUND_S)
        client.setblocking(False)
        return client

    async def take(self, worker: str) -> tuple[bytes, socket.socket]:
        with trio.fail_after(BOUND_S):
            await trio.lowlevel.wait_readable(self.far[worker])
        data, descriptors, _, _ = socket.recv_fds(self.far[worker], 512, 1)
        return data, socket.socket(fileno=descriptors[0])

    def refused(self, reason: str) -> float | None:
        labels = {"listener": "terminals", "reason": reason}
        return self.registry.get_sample_value("pointsman_connections_refused_total", labels)


@asynccontextmanager
async def open_hall(hall: Hall) -> AsyncIterator[Hall]:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(hall.listener.run, lambda: hall.ready)
        yield hall
        nursery.cancel_scope.cancel()
    for control in (*hall.near.values(), *hall.far.values()):
        control.close()


async def closed_by_peer(client: socket.socket) -> bool:
    with trio.fail_after(BOUND_S):
        await trio.lowlevel.wait_readable(client)
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


async def test_connections_go_round_and_carry_bytes_without_us() -> None:
    async with open_hall(Hall(2)) as hall:
        for worker in ("worker-0", "worker-1", "worker-0", "worker-1"):
            with hall.dial() as client:
                label, taken = await hall.take(worker)
                with taken:
                    peer = peer_text(client.getsockname())
                    assert label == f"terminals\0{peer}".encode()
                    taken.setblocking(True)
                    taken.sendall(b"hello")
                    await trio.lowlevel.wait_readable(client)
                    assert client.recv(9) == b"hello"
                # Both of its ends are closed now: the supervisor kept no copy.
                assert await closed_by_peer(client)
        assert hall.table.total == 4


async def test_connection_over_the_limit_is_closed_and_counted() -> None:
    async with open_hall(Hall(1, total_max=2)) as hall:
        clients = [hall.dial() for _ in range(3)]
        assert await closed_by_peer(clients[2])
        assert hall.refused("connections_max") == 1
        hall.table.closed("worker-0", "terminals", "127.0.0.1")
        clients.append(hall.dial())
        taken = [await hall.take("worker-0") for _ in range(3)]
        for connection in (*clients, *(pair[1] for pair in taken)):
            connection.close()


async def test_one_address_cannot_take_all_connections() -> None:
    async with open_hall(Hall(1, per_address_max=1)) as hall:
        with hall.dial() as first, hall.dial() as second:
            assert await closed_by_peer(second)
            assert hall.refused("connections_per_address_max") == 1
            _, taken = await hall.take("worker-0")
            taken.close()
            assert await closed_by_peer(first)


async def test_connections_wait_while_no_worker_is_ready() -> None:
    hall = Hall(1)
    hall.ready = trio.Event()
    async with open_hall(hall):
        with hall.dial():
            await wait_all_tasks_blocked(0.01)
            assert hall.table.total == 0
            hall.ready.set()
            _, taken = await hall.take("worker-0")
            taken.close()


async def test_dead_worker_is_passed_over() -> None:
    async with open_hall(Hall(2)) as hall:
        hall.far["worker-0"].close()  # it ended; the supervisor has not reaped it yet
        with hall.dial():
            _, taken = await hall.take("worker-1")
            taken.close()


async def test_connection_that_no_worker_takes_is_refused(
    autojump_clock: MockClock,
) -> None:
    async with open_hall(Hall(1)) as hall:
        hall.far["worker-0"].close()
        with hall.dial() as client:
            started_at = trio.current_time()
            while hall.refused("no_worker") == 0:  # noqa: ASYNC110 - a counter, not an event
                await trio.sleep(0.01)
            assert trio.current_time() - started_at <= FULL_PAUSE_S * FULL_TRIES + 0.1
            client.close()


def test_busy_port_is_told_with_the_key_that_changes_it() -> None:
    with listen("127.0.0.1", 0, key="terminals.port") as taken:
        port = taken.getsockname()[1]
        words = f"cannot listen on 127.0.0.1 port {port}: .*; change metrics.clerk"
        with pytest.raises(PortBusyError, match=words):
            check_free("127.0.0.1", port, key="metrics.clerk")
    check_free("127.0.0.1", port, key="metrics.clerk")


def test_peer_is_told_in_the_usual_way() -> None:
    assert peer_text(("127.0.0.1", 80)) == "127.0.0.1:80"
    assert peer_text(("::1", 80, 0, 0)) == "[::1]:80"
    assert host_of("[::1]:80") == "[::1]"
    assert host_of("127.0.0.1:80") == "127.0.0.1"
