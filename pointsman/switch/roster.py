"""Which processes make up the house, with the command line of each.

A shell only in that it looks whether a socket answers and reads the passphrase. Running them is
supervisor.py; the commands themselves are in cli/. Settings reach the children by the same file and
the same environment.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pointsman.config import Config
from pointsman.directory import DataDirectory
from pointsman.effects import Effects
from pointsman.switch.child import ChildSpec, Handover
from pointsman.switch.database_child import DatabaseServer
from pointsman.switch.hsmbackend import switch_sockets

PASSPHRASE_SIZE_MIN, PASSPHRASE_SIZE_MAX = 8, 1024  # as the HSM has it
_MODE = 0o600
LOOK_S_MAX = 0.2
"""A port of this machine answers or refuses at once; the supervisor waits no longer."""


class PassphraseError(OSError):
    """The HSM's passphrase file is not there or not fit to be used.

    An OSError: at a restart of the HSM it is a reason to try later, not to end the house.
    """


@dataclass(frozen=True, slots=True)
class House:
    """What is to run; `database` is started already, and None where it is somebody else's."""

    database: DatabaseServer | None
    hsms: Sequence[ChildSpec]
    workers: Sequence[ChildSpec]
    clerks: Sequence[ChildSpec]


def worker_specs(config: Config, directory: DataDirectory, file: Path | None) -> list[ChildSpec]:
    """Return the workers: number N, a control socket, metrics on the N-th port."""
    port = config.metrics.workers
    return [
        ChildSpec(
            name=f"worker-{number}",
            argv=(*_python("worker", directory, file), "--number", str(number)),
            handover=Handover.CONTROL,
            # Nothing may go out after the supervisor is gone: another house may start at once.
            death_signal=signal.SIGKILL,
            metrics_port=port + number if port else 0,
        )
        for number in config.workers.numbers
    ]


def hsm_specs(config: Config, directory: DataDirectory, passphrase: Path) -> list[ChildSpec]:
    """Return the HSM's processes; each is ready when its switch socket takes a connection."""
    argv = (
        *(sys.executable, "-m", "pointsman", "hsm", "serve"),
        *("--socket-dir", str(directory.hsm_sockets), "--store", str(directory.hsm)),
        *("--mode", config.hsm.mode),
    )
    return [
        ChildSpec(
            name=f"hsm-{number}",
            argv=(*argv, "--instance", str(number)),
            handover=Handover.PASSPHRASE,
            secret=lambda: read_passphrase(passphrase),
            ready=answers(Path(path)),
        )
        for number, path in enumerate(switch_sockets(config.hsm, directory.hsm_sockets))
    ]


def clerk_specs(config: Config, directory: DataDirectory, file: Path | None) -> list[ChildSpec]:
    """Return the clerk."""
    return [
        ChildSpec(
            name="clerk",
            argv=tuple(_python("clerk", directory, file)),
            metrics_port=config.metrics.clerk,
        )
    ]


def console_specs(config: Config, directory: DataDirectory, file: Path | None) -> list[ChildSpec]:
    """Return the console; no sale waits for it. Its metrics are on its own port."""
    if not config.console.port:
        return []
    argv = tuple(_python("console", directory, file))
    host, port = config.console.host, config.console.port
    return [ChildSpec(name="console", argv=argv, metrics_port=port, ready=listens(host, port))]


def passphrase_path(config: Config, directory: DataDirectory, effects: Effects) -> Path:
    """Return the passphrase file of the settings, or the laboratory's own, made where it is not.

    Raises `PassphraseError`: in live mode a file must be named.
    """
    if config.hsm.passphrase_file:
        path = Path(config.hsm.passphrase_file)
        read_passphrase(path)
        return path
    if config.hsm.mode != "laboratory":
        raise PassphraseError("hsm.mode is live: name the passphrase in hsm.passphrase_file")
    path = directory.passphrase_file
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "w") as file:
            file.write(effects.random_bytes(32).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
    return path


def read_passphrase(path: Path) -> bytes:
    """Return the passphrase without its line end; raises `PassphraseError` without its text."""
    try:
        mode = path.stat().st_mode & 0o077
        data = path.read_bytes()
    except OSError as error:
        raise PassphraseError(f"cannot read passphrase file {path}: {error.strerror}") from None
    if mode:
        raise PassphraseError(f"passphrase file {path} may be read by others: chmod 600 it")
    secret = data.rstrip(b"\r\n")
    if not PASSPHRASE_SIZE_MIN <= len(secret) <= PASSPHRASE_SIZE_MAX:
        raise PassphraseError(f"passphrase file {path} must hold 8 to 1024 bytes")
    return secret


def answers(path: Path) -> Callable[[], bool]:
    """Return a look at whether somebody accepts connections at the Unix socket `path`."""

    def look() -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(path))
            except OSError:
                return False
            return True

    return look


def listens(host: str, port: int) -> Callable[[], bool]:
    """Return a look at whether somebody accepts connections at a port of this machine."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # a place to ask

    def look() -> bool:
        try:
            socket.create_connection((near, port), timeout=LOOK_S_MAX).close()
        except OSError:
            return False
        return True

    return look


def _python(command: str, directory: DataDirectory, file: Path | None) -> Sequence[str]:
    chosen = ("--config", str(file)) if file else ()
    return (sys.executable, "-m", "pointsman", command, "--data", str(directory.root), *chosen)
