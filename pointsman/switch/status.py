"""What the supervisor tells of the house, as values and as the two files made from them.

A core. supervisor.json is read by `pointsman status`; targets.json is what Prometheus reads
(`file_sd_configs`). Both are written by supervisor.py, each second, under a new name and renamed.
"""

from enum import StrEnum

import msgspec

from pointsman.config import Config

STALE_AFTER_S = 10.0  # the file is written each second


class ProcessState(StrEnum):
    """The life of a child."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"  # it ended and is started again after a pause
    STOPPING = "stopping"
    STOPPED = "stopped"


class HouseState(StrEnum):
    """`ready` when every child is."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


class ProcessStatus(msgspec.Struct, frozen=True):
    """One child: `starts` counts from 1; `exit_code` is that of its last end (negative: signal)."""

    name: str
    state: ProcessState
    pid: int | None
    starts: int
    exit_code: int | None
    connections: int = 0
    metrics_port: int = 0


class ListenerStatus(msgspec.Struct, frozen=True):
    """One listener with the port it really has."""

    name: str
    host: str
    port: int
    connections: int


class Status(msgspec.Struct, frozen=True):
    """The whole house at one moment; `written_at` is UTC, ISO 8601."""

    state: HouseState
    pid: int
    version: str
    data: str
    written_at: str
    listeners: list[ListenerStatus]
    processes: list[ProcessStatus]
    metrics_host: str
    metrics_port: int


def encode(status: Status) -> bytes:
    """Return the JSON text of supervisor.json."""
    return msgspec.json.format(msgspec.json.encode(status), indent=2) + b"\n"


def decode(data: bytes) -> Status:
    """Read supervisor.json; raises `msgspec.DecodeError` or `ValidationError`."""
    return msgspec.json.decode(data, type=Status)


def targets(config: Config) -> bytes:
    """Return the JSON text of targets.json: every metrics address, with the process's name."""
    metrics = config.metrics
    ports = {"supervisor": metrics.supervisor, "clerk": metrics.clerk}
    for number in config.workers.numbers:
        ports[f"worker-{number}"] = metrics.workers + number if metrics.workers else 0
    addresses = {name: f"{metrics.host}:{port}" for name, port in ports.items() if port}
    if config.console.port:  # serves its counters beside its pages
        addresses["console"] = f"{config.console.host}:{config.console.port}"
    groups = [
        {"targets": [address], "labels": {"process": name}}
        for name, address in sorted(addresses.items())
    ]
    return msgspec.json.format(msgspec.json.encode(groups), indent=2) + b"\n"
