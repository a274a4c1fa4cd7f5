"""One worker process: joins store, HSM and links, and serves the terminals that it is handed.

Order of a start: end and recover the predecessor's rows, read the site, then accept. Order of an
end: take nothing new, answer what is in flight, sign off the links. A worker whose incarnation was
declared dead stops at once: its commits no longer count. What it does with a message is said in
conductor.py and errands.py.
"""

import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import prometheus_client
import trio
from prometheus_client import CollectorRegistry

from pointsman import log
from pointsman.codecs.codec import get_codec
from pointsman.codecs.framing import Framing, get_framing
from pointsman.config import Config
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import Metrics
from pointsman.store.journal import PostgresJournal
from pointsman.store.parties import Directory
from pointsman.store.pool import Pool
from pointsman.store.records_sql import PostgresRecords
from pointsman.store.verbs import StoreUnavailableError
from pointsman.switch.conductor import Conductor
from pointsman.switch.errands import Errands
from pointsman.switch.linkset import LinkSet
from pointsman.switch.lookups import Lookups
from pointsman.switch.numbers import rrn_lease
from pointsman.switch.terminals import Terminals

TERMINAL_FORMAT = "cup-bcd"
TERMINAL_FRAMING = "tpdu-header"
LABEL_SIZE_MAX = 512  # of the datagram that comes with a socket: listener, NUL, peer
SITE_POLL_S = 1.0
SWEEP_S = 0.5
OVERDUE_S = 5.0  # how often rows past every deadline are looked for
OVERDUE_MARGIN_S = 15.0  # over the switch timer: whoever still waits for them has given up
START_RETRY_S = 0.2
UNREAD = -1  # a version that no site has
LINKS_STOP_S = 3.0
DRAIN_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Start:
    """What the supervisor gives a worker: its number, where things are, its control socket."""

    number: int
    machine: str
    database_url: str
    hsm_socket: str
    control: socket.socket
    metrics_host: str
    metrics_port: int


async def run_worker(start: Start, config: Config, effects: Effects) -> int:
    """Serve until SIGTERM or the supervisor's end; return the exit code."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    if start.metrics_port:
        prometheus_client.start_http_server(start.metrics_port, start.metrics_host, registry)
    pool = Pool(start.database_url, timeout_s=config.timers.database_s)
    records = PostgresRecords(pool)
    incarnation = await _begin(records, start, metrics)
    worker = Worker(
        start,
        config,
        effects=effects,
        metrics=metrics,
        records=records,
        incarnation=incarnation,
    )
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        return await worker.run(signals)


async def _begin(records: PostgresRecords, start: Start, metrics: Metrics) -> int:
    """Recover what the predecessor left and start anew; waits for the database."""
    while True:
        began = trio.current_time()
        try:
            incarnation, in_doubt = await records.begin(start.machine, start.number)
        except StoreUnavailableError:
            await trio.sleep(START_RETRY_S)
            continue
        metrics.recovery_duration.set(trio.current_time() - began)
        metrics.recovery_actions.labels("reversal", "done").inc(in_doubt)
        log.get().info("worker_began", worker=start.number, incarnation=incarnation, count=in_doubt)
        return incarnation


class Worker:
    """The parts of one worker, and their order of starting and stopping."""

    def __init__(
        self,
        start: Start,
        config: Config,
        *,
        effects: Effects,
        metrics: Metrics,
        records: PostgresRecords,
        incarnation: int,
    ) -> None:
        self._start = start
        self._config = config
        self._metrics = metrics
        self._records = records
        self._framing: Framing = get_framing(TERMINAL_FRAMING)
        self._hsm = HsmClient(start.hsm_socket, timeout_s=config.timers.hsm_s)
        self._journal = PostgresJournal(
            start.database_url, incarnation, effects=effects, metrics=metrics
        )
        self._lookups = Lookups(records)
        self._terminals = Terminals(config.limits, metrics)
        self._rrns = rrn_lease(records, effects)
        codec = get_codec(TERMINAL_FORMAT)
        self._links = LinkSet(
            start.number,
            config.workers.count,
            records=records,
            hsm=self._hsm,
            effects=effects,
            timers=config.timers,
            metrics=metrics,
            incarnation=incarnation,
        )
        self._conductor = Conductor(
            config=config,
            effects=effects,
            clock=trio.current_time,
            metrics=metrics,
            terminal_codec=codec,
            session=start.number,
            incarnation=incarnation,
            hsm=self._hsm,
            journal=self._journal,
            lookups=self._lookups,
            links=self._links.links,
            rrns=self._rrns,
            stans=self._links.stans,
        )
        self._links.attach(self._conductor)
        self._errands = Errands(
            self._conductor,
            records=records,
            hsm=self._hsm,
            metrics=metrics,
            codec=codec,
            timers=config.timers,
            rrn_of=self._rrns.take,
            kick=self._links.kick,
        )
        self._conductor.errands = self._errands
        self._exit_code = 0

    async def run(self, signals: AsyncIterator[int]) -> int:
        """Serve until told to stop; return the exit code."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._journal.run)
            nursery.start_soon(self._until_lost, nursery.cancel_scope)
            nursery.start_soon(self._hsm.run)
            nursery.start_soon(self._lookups.run)
            nursery.start_soon(self._terminals.run)
            nursery.start_soon(self._rrns.run)
            nursery.start_soon(self._errands.run)
            nursery.start_soon(self._links.run)
            nursery.start_soon(self._sweep)
            nursery.start_soon(self._seek_overdue)
            nursery.start_soon(self._stop_on_signal, signals, nursery.cancel_scope)
            nursery.start_soon(self._watch_hsm)
            await nursery.start(self._follow_site)
            nursery.start_soon(self._accept, nursery)
            self._start.control.send(b"ready")
        return self._exit_code

    async def _until_lost(self, scope: trio.CancelScope) -> None:
        """Stop at once when this incarnation was declared dead: its commits no longer count."""
        await self._journal.incarnation_lost.wait()
        log.get().error("incarnation_lost", worker=self._start.number)
        self._exit_code = 1
        scope.cancel()

    async def _accept(self, nursery: trio.Nursery) -> None:
        """Take sockets from the supervisor; when it is gone, stop at once."""
        control = self._start.control
        control.setblocking(False)
        while True:
            await trio.lowlevel.wait_readable(control)
            try:
                label, descriptors, _, _ = socket.recv_fds(control, LABEL_SIZE_MAX, 1)
            except BlockingIOError:
                continue
            except OSError:
                label, descriptors = b"", []
            if not label and not descriptors:
                log.get().warning("supervisor_gone", worker=self._start.number)
                nursery.cancel_scope.cancel()
                return
            for descriptor in descriptors:
                nursery.start_soon(self._serve, socket.socket(fileno=descriptor), label)

    async def _serve(self, sock: socket.socket, label: bytes) -> None:
        listener = label.partition(b"\0")[0].decode("ascii", "replace")
        try:
            await self._terminals.serve(sock, listener, self._framing, self._conductor.on_frame)
        finally:
            self._tell(b"closed\0" + label)

    def _tell(self, text: bytes) -> None:
        """Tell the supervisor; where its buffer is full it counts one connection too many."""
        try:
            self._start.control.send(text)
        except OSError:
            log.get().warning("supervisor_not_told", worker=self._start.number)

    async def _follow_site(
        self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Take over each new version of the site within a second; started with the first."""
        started = False
        version = UNREAD
        while True:
            directory: Directory | None = None
            try:
                directory = await self._records.directory(version)
            except StoreUnavailableError:
                log.get().warning("site_not_read", reason="store unavailable")
            if directory is not None:
                version = directory.version
                self._conductor.update(directory)
                self._links.update(directory)
            if not started and directory is not None:
                started = True
                task_status.started()
            await trio.sleep(SITE_POLL_S)

    async def _watch_hsm(self) -> None:
        gauge = self._metrics.hsm_up.labels("hsm-0")
        while True:
            gauge.set(1 if self._hsm.is_up else 0)
            await trio.sleep(SITE_POLL_S)

    async def _sweep(self) -> None:
        while True:
            await trio.sleep(SWEEP_S)
            self._conductor.sweep(trio.current_time())

    async def _seek_overdue(self) -> None:
        """Put rows in doubt that are past every deadline, as recovery does (switch-behaviour 4)."""
        older_than_s = self._config.timers.switch_s + OVERDUE_MARGIN_S
        while True:
            await trio.sleep(OVERDUE_S)
            try:
                count = await self._records.overdue(older_than_s)
            except StoreUnavailableError:
                continue
            if count:
                self._metrics.recovery_actions.labels("reversal", "done").inc(count)
                log.get().warning("overdue_in_doubt", count=count)
                self._links.kick()

    async def _stop_on_signal(self, signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
        """Drain: refuse what is new, answer what is in flight, sign off, end."""
        async for _ in signals:
            break
        self._conductor.draining = True
        log.get().info("worker_draining", worker=self._start.number)
        with trio.move_on_after(self._config.timers.switch_s):
            while self._conductor.under_way or self._errands.busy:  # noqa: ASYNC110 (two owners)
                await trio.sleep(DRAIN_POLL_S)
        with trio.move_on_after(LINKS_STOP_S):
            await self._links.stop()
        scope.cancel()
