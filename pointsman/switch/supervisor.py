"""The supervisor: keeps the children of one house running and hands them terminals.

A shell. It starts what it is given (roster.py says what), stops it in the order in which nothing
is lost, and tells of it in supervisor.json and on its own /metrics. It reads no message and knows
no payment.
"""

import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import trio

from pointsman import __version__, log
from pointsman.config import Config
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.hsm.client import HsmClient
from pointsman.metrics import SupervisorMetrics
from pointsman.switch import logfiles, status, systemd
from pointsman.switch.balance import Connections
from pointsman.switch.child import Child, ChildSpec
from pointsman.switch.database_child import DatabaseChild
from pointsman.switch.hsmcounters import HsmCounters
from pointsman.switch.listeners import Listener, host_of
from pointsman.switch.roster import House
from pointsman.switch.status import HouseState, ProcessState, ProcessStatus, Status

DRAIN_MARGIN_S = 5.0  # over the switch timer: the longest a request may still need
STOP_S = 5.0  # for children that hold no request
STATUS_EVERY_S = 1.0


class Watched(Protocol):
    """A child that watches over itself: `Child` or `DatabaseChild`."""

    state: ProcessState

    @property
    def name(self) -> str: ...  # noqa: D102 - told by the class
    def status(self, connections: int = 0) -> ProcessStatus: ...  # noqa: D102
    async def run(self) -> None: ...  # noqa: D102
    async def stop(self, within_s: float) -> None: ...  # noqa: D102
    def kill(self) -> None: ...  # noqa: D102


class Supervisor:
    """Runs one `House` until SIGTERM or SIGINT; a second signal hurries."""

    def __init__(
        self,
        house: House,
        listening: Mapping[str, socket.socket],
        *,
        config: Config,
        directory: DataDirectory,
        metrics: SupervisorMetrics,
        effects: Effects,
        metrics_port: int = 0,
        hsm_clients: Sequence[HsmClient] = (),
        foreground_logs: bool = False,
    ) -> None:
        self._config = config
        self._directory = directory
        self._metrics = metrics
        self._effects = effects
        self._metrics_port = metrics_port
        self._hsm_clients = hsm_clients
        self._logs = None if foreground_logs else directory.logs
        self._state = HouseState.STARTING
        self._stop = trio.Event()
        self._worker_ready = trio.Event()
        self._connections = Connections(
            total_max=config.limits.connections_max,
            per_address_max=config.limits.connections_per_address_max,
        )
        self._database: Watched | None = None
        if house.database:
            self._database = DatabaseChild(house.database, on_change=self._changed)
            metrics.process_up.labels(self._database.name).set(0)
            metrics.process_starts.labels(self._database.name).inc()  # it is started already
        self._hsms = [self._child(spec) for spec in house.hsms]
        self._workers = {spec.name: self._child(spec) for spec in house.workers}
        self._clerks = [self._child(spec) for spec in house.clerks]
        self._listeners = [
            Listener(name, listener, self._connections, self._ready_workers, metrics)
            for name, listener in listening.items()
        ]
        for name in self._workers:
            held = metrics.worker_connections.labels(name)
            held.set_function(partial(self._connections.of_worker, name))

    async def run(self) -> None:
        """Run until a signal asks for the end and every child is reaped."""
        with trio.open_signal_receiver(*_ending_signals()) as signals:
            async with trio.open_nursery() as lifetime:
                lifetime.start_soon(self._obey, signals)
                lifetime.start_soon(self._tell)
                if self._logs:
                    lifetime.start_soon(logfiles.rotate_for_ever, self._logs)
                for hsm, client in zip(self._hsms, self._hsm_clients, strict=False):
                    lifetime.start_soon(HsmCounters(hsm.name, self._metrics).run, client)
                for child in self._all():
                    lifetime.start_soon(child.run)
                async with trio.open_nursery() as accepting:
                    for listener in self._listeners:
                        accepting.start_soon(listener.run, lambda: self._worker_ready)
                    await self._stop.wait()
                    accepting.cancel_scope.cancel()
                await self._stop_in_order()
                lifetime.cancel_scope.cancel()
        self._write_status()

    def ask_to_stop(self) -> None:
        """Do what SIGTERM does."""
        self._stop.set()

    def _all(self) -> list[Watched]:
        database = [self._database] if self._database else []
        return [*database, *self._hsms, *self._workers.values(), *self._clerks]

    def _child(self, spec: ChildSpec) -> Child:
        child = Child(
            spec,
            log_file=self._logs / f"{spec.name}.log" if self._logs else None,
            on_message=lambda data: self._heard(spec.name, data),
            on_change=self._changed,
        )
        self._metrics.process_up.labels(spec.name).set(0)
        self._metrics.process_starts.labels(spec.name)
        return child

    def _ready_workers(self) -> Mapping[str, socket.socket]:
        return {
            name: child.control
            for name, child in self._workers.items()
            if child.state is ProcessState.READY and child.control
        }

    def _changed(self, child: Watched) -> None:
        """Follow a child's change of state."""
        ready = child.state is ProcessState.READY
        self._metrics.process_up.labels(child.name).set(int(ready))
        if child.state is ProcessState.STARTING:
            self._metrics.process_starts.labels(child.name).inc()
        if child.name in self._workers:
            if not ready and child.state is not ProcessState.STOPPING:
                self._connections.worker_gone(child.name)
            if self._ready_workers():
                self._worker_ready.set()
            elif self._worker_ready.is_set():
                self._worker_ready = trio.Event()
        if self._state is HouseState.STARTING and self._everything_is_ready():
            self._become(HouseState.READY)
        self._write_status()

    def _everything_is_ready(self) -> bool:
        return all(child.state is ProcessState.READY for child in self._all())

    def _heard(self, worker: str, data: bytes) -> None:
        """Take a worker's word that a connection closed: ``closed NUL listener NUL peer``."""
        match data.decode("ascii", "replace").split("\0"):
            case ["closed", listener, peer]:
                self._connections.closed(worker, listener, host_of(peer))
            case _:
                log.get().warning("control_not_understood", name=worker, bytes=len(data))

    async def _obey(self, signals: AsyncIterator[int]) -> None:
        async for number in signals:
            log.get().info("signal", signal=signal.Signals(number).name)
            if self._stop.is_set():
                for child in (*self._workers.values(), *self._clerks, *self._hsms):
                    child.kill()
            self._stop.set()

    async def _stop_in_order(self) -> None:
        """Workers first: they still need HSM and database for what is in flight; those last."""
        self._become(HouseState.STOPPING)
        drain_s = self._config.timers.switch_s + DRAIN_MARGIN_S
        async with trio.open_nursery() as nursery:
            for worker in self._workers.values():
                nursery.start_soon(worker.stop, drain_s)
        for child in (*self._clerks, *self._hsms):
            await child.stop(STOP_S)
        if self._database:
            await self._database.stop(STOP_S)

    def _become(self, state: HouseState) -> None:
        self._state = state
        systemd.notify("READY=1" if state is HouseState.READY else "STOPPING=1")
        ports = [listener.port for listener in self._listeners]
        log.get().info("house", state=state.value, port=ports[0] if ports else 0)
        self._write_status()

    async def _tell(self) -> None:
        """Keep supervisor.json fresh, so that a reader can see that we live."""
        targets = self._directory.run / "targets.json"
        _replace(targets, status.targets(self._config))
        while True:
            if self._state is HouseState.STARTING and self._everything_is_ready():
                self._become(HouseState.READY)
            self._write_status()
            await trio.sleep(STATUS_EVERY_S)

    def _write_status(self) -> None:
        _replace(self._directory.status, status.encode(self._status()))

    def _status(self) -> Status:
        return Status(
            state=self._state,
            pid=os.getpid(),
            version=__version__,
            data=str(self._directory.root),
            written_at=self._effects.now().isoformat(timespec="milliseconds"),
            listeners=[
                status.ListenerStatus(
                    listener.name,
                    listener.host,
                    listener.port,
                    self._connections.of_listener(listener.name),
                )
                for listener in self._listeners
            ],
            processes=[
                child.status(self._connections.of_worker(child.name)) for child in self._all()
            ],
            metrics_host=self._config.metrics.host,
            metrics_port=self._metrics_port,
        )


def _ending_signals() -> list[signal.Signals]:
    """Return the signals that end the house; under nohup a closed terminal does not."""
    hangup = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGTERM, signal.SIGINT, *hangup]


def _replace(path: Path, data: bytes) -> None:
    """Write `data` under a new name and rename: a reader sees the old text or the new."""
    new = path.with_name(f"{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:  # a full disk must not end the house: only its news grows old
        log.get().warning("status_not_written", file=path.name, code=error.errno)
