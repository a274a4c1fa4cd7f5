"""One worker process: its start, its control socket, its end.

Order of a start: end and recover the predecessor's rows, read the site, then accept. Order of an
end: take nothing new, answer what is in flight, sign off the links. A worker whose incarnation was
declared dead stops at once: its commits no longer count. What serves the frames is switchboard.py.
"""

import signal
import socket
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import prometheus_client
import trio
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.codecs.framing import get_framing
from pointsman.config import Config
from pointsman.config import Terminals as Doors
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import Metrics
from pointsman.store.journal import PostgresJournal
from pointsman.store.pool import Pool
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch import officeline
from pointsman.switch.gathering import GATHER_S, Gathering
from pointsman.switch.hsmbackend import hsm_client
from pointsman.switch.switchboard import Switchboard
from pointsman.switch.terminals import Terminals
from pointsman.switch.wire import dial

NII_LISTENER = "nii"
LABEL_SIZE_MAX = 512  # of the datagram that comes with a socket: listener, NUL, peer
START_RETRY_S = 0.2
HSM_LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Start:
    """What a worker is given: its number, where things are, its control socket."""

    number: int
    numbers: range  # of all workers of this house
    machine: str
    database_url: str
    hsm_sockets: tuple[str, ...]
    control: socket.socket
    metrics_host: str
    metrics_port: int
    office_socket: Path


async def run_worker(start: Start, config: Config, effects: Effects) -> int:
    """Serve until SIGTERM or the supervisor's end; return the exit code."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    if start.metrics_port:
        prometheus_client.start_http_server(start.metrics_port, start.metrics_host, registry)
    records = PostgresRecords(Pool(start.database_url, timeout_s=config.timers.database_s))
    incarnation = await _begin(records, start, metrics)
    journal = PostgresJournal(start.database_url, incarnation, effects=effects, metrics=metrics)
    hsm = hsm_client(config.hsm, start.hsm_sockets, timeout_s=config.timers.hsm_s)
    gathering = Gathering(_offset_s(start))
    board = Switchboard(
        start.number,
        incarnation,
        config=config,
        effects=effects,
        metrics=metrics,
        records=records,
        journal=journal,
        hsm=hsm,
        dial=partial(dial, gathering=gathering),
    )
    terminals = Terminals(config.limits, metrics, gathering)
    worker = _Worker(start, board, terminals, config.terminals)
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(worker.stop_on_signal, signals, nursery.cancel_scope)
            nursery.start_soon(worker.stop_when_lost, journal.incarnation_lost, nursery)
            nursery.start_soon(worker.stop_when_lost, board.lease_lost, nursery)
            nursery.start_soon(journal.run)
            nursery.start_soon(hsm.run)
            nursery.start_soon(_watch_hsm, hsm, metrics)
            await nursery.start(board.run)
            nursery.start_soon(officeline.serve, start.office_socket, board.refunds.refund)
            nursery.start_soon(worker.serve, nursery)
    return worker.exit_code


def _offset_s(start: Start) -> float:
    """Return what spreads the workers' common moments, so that they take turns at HSM and disk."""
    since_boot = time.monotonic() - trio.current_time()  # Trio's clock begins anywhere
    return since_boot + GATHER_S * (start.number - start.numbers.start) / len(start.numbers)


async def _begin(records: PostgresRecords, start: Start, metrics: Metrics) -> int:
    """Recover what the predecessor left and start anew; waits for the database.

    The first worker also recovers what workers left that are no longer configured.
    """
    while True:
        began = trio.current_time()
        try:
            incarnation, in_doubt = await records.begin(start.machine, start.number)
            if start.number == start.numbers.start:
                in_doubt += await records.retire(start.machine, start.numbers)
        except StoreUnavailableError:
            await trio.sleep(START_RETRY_S)
            continue
        metrics.recovery_duration.set(trio.current_time() - began)
        metrics.recovery_actions.labels("reversal", "done").inc(in_doubt)
        log.get().info("worker_began", worker=start.number, incarnation=incarnation, count=in_doubt)
        return incarnation


async def _watch_hsm(hsm: HsmClient, metrics: Metrics) -> None:
    gauge = metrics.hsm_up.labels("hsm-0")
    while True:
        gauge.set(1 if hsm.is_up else 0)
        await trio.sleep(HSM_LOOK_S)


class _Worker:
    """The process around a switchboard."""

    def __init__(
        self, start: Start, board: Switchboard, terminals: Terminals, doors: Doors
    ) -> None:
        self.exit_code = 0
        self._number = start.number
        self._control = start.control
        self._board = board
        self._terminals = terminals
        self._framing = get_framing(doors.framing)
        self._nii_framing = get_framing(doors.nii_framing)
        self._untold: deque[bytes] = deque()  # bounded by the connections that we hold
        self._news = trio.Event()

    async def serve(self, nursery: trio.Nursery) -> None:
        """Say that we are ready, then take sockets; when the supervisor is gone, stop at once."""
        nursery.start_soon(self._terminals.run)
        nursery.start_soon(self._tell_all)
        self._control.setblocking(False)
        self._tell(b"ready")
        while True:
            await trio.lowlevel.wait_readable(self._control)
            try:
                label, descriptors, _, _ = socket.recv_fds(self._control, LABEL_SIZE_MAX, 1)
            except BlockingIOError:
                continue
            except OSError:
                label, descriptors = b"", []
            if not label and not descriptors:
                log.get().warning("supervisor_gone", worker=self._number)
                nursery.cancel_scope.cancel()
                return
            for descriptor in descriptors:
                self._serve_one(socket.socket(fileno=descriptor), label)

    async def stop_on_signal(self, signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
        """Drain at the first signal, then end."""
        async for _ in signals:
            break
        log.get().info("worker_draining", worker=self._number)
        await self._board.drain()
        scope.cancel()

    async def stop_when_lost(self, lost: trio.Event, nursery: trio.Nursery) -> None:
        """Stop at once when this incarnation was declared dead."""
        await lost.wait()
        log.get().error("incarnation_lost", worker=self._number)
        self.exit_code = 1
        nursery.cancel_scope.cancel()

    def _serve_one(self, sock: socket.socket, label: bytes) -> None:
        listener = label.partition(b"\0")[0].decode("ascii", "replace")
        ended = partial(self._tell, b"closed\0" + label)
        framing = self._nii_framing if listener == NII_LISTENER else self._framing
        self._terminals.serve(sock, listener, framing, self._board.on_frame, ended)

    def _tell(self, text: bytes) -> None:
        self._untold.append(text)
        self._news.set()

    async def _tell_all(self) -> None:
        """Tell the supervisor, in order; it counts connections by what it hears."""
        while True:
            await self._news.wait()
            self._news = trio.Event()
            while self._untold:
                try:
                    self._control.send(self._untold[0])
                except BlockingIOError:
                    await trio.lowlevel.wait_writable(self._control)
                    continue
                except OSError:
                    return  # it is gone, and so are we
                self._untold.popleft()
