"""The embedded PostgreSQL: prepares a cluster, starts, watches and stops its server.

Which binaries run, and as whom, is in binaries.py, what they are set to in server_settings.py. Who
restarts a dead server is switch/supervisor.py; how to talk to it is connection.py. Plain processes
and no Trio: a parent-death signal follows the thread that forked, so `launch` belongs to the main
thread.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from pointsman.store.binaries import (
    ServerError,
    die_with,
    environment,
    executable,
    identity,
    version_of,
    wheel_binaries,
)
from pointsman.store.server_settings import SETTINGS

__all__ = ["DATABASE", "USER", "EmbeddedPostgres", "ServerError", "embedded_url", "wheel_binaries"]

USER = "pointsman"
DATABASE = "pointsman"
START_S_MAX = 600.0
"""Crash recovery after a power cut may replay gigabytes; the child is alive meanwhile."""
RETRY_S = 10.0
"""How long a start is tried again: children of a killed server hold its memory for a moment."""
STOP_S_MAX = 30.0
REAP_S = 1.0
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_MAX = 107  # unix(7): sun_path holds 108 bytes with its closing zero


class EmbeddedPostgres:
    """One cluster below `directory` and, while it runs, its server.

    As root the server runs as another user. It reaches its directory through an inherited
    descriptor, so no parent directory need be open to that user, and none is changed.
    """

    def __init__(
        self, directory: Path, *, binaries: Path | None = None, retry_s: float = RETRY_S
    ) -> None:
        self._retry_s = retry_s
        self._directory = directory.absolute()
        self._binaries = binaries or wheel_binaries()
        self._identity = identity()
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for connection.connect: a Unix socket that only this user can reach."""
        return embedded_url(self._directory)

    @property
    def pid(self) -> int | None:
        """The server's process id; None where none was started."""
        return self._child.pid if self._child else None

    def prepare(self) -> None:
        """Make the cluster where there is none; an interrupted attempt leaves nothing behind."""
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        self._binaries = executable(self._binaries, self._identity)
        if (self._directory / "PG_VERSION").exists():
            self._check_version()
            return
        unfinished = self._directory.with_name(self._directory.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_private(unfinished)
        self._run_in(
            unfinished, "initdb", "-U", USER, "-A", "trust", "--auth-host=reject", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        self._run_in(
            unfinished,
            "postgres",
            "--single",
            "-E",
            "postgres",
            text=f"create database {DATABASE}\n",
        )
        unfinished.rename(self._directory)

    def launch(self) -> None:
        """Start the server process and return at once; `is_ready` tells when it serves."""
        self._reap()
        self._remove_stale_locks()
        socket_directory = _socket_directory(self._directory)
        if socket_directory != self._directory:
            self._make_private(socket_directory)
        descriptors = [os.open(path, os.O_RDONLY | os.O_DIRECTORY)
                       for path in (self._directory, socket_directory)]  # fmt: skip
        data, sockets = (f"/proc/self/fd/{number}" for number in descriptors)
        settings = SETTINGS | {"unix_socket_directories": sockets}
        arguments = [str(self._binaries / "postgres"), "-D", data]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        try:
            with (self._directory.parent / "postgres-start.log").open("wb") as log:
                self._child = subprocess.Popen(  # noqa: S603  # our own binary, no shell
                    arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                    pass_fds=descriptors, start_new_session=True, env=environment(),
                    preexec_fn=die_with(os.getpid()),  # noqa: PLW1509  # only system calls in there
                    **self._identity,
                )  # fmt: skip
        finally:
            for number in descriptors:
                os.close(number)

    def is_ready(self) -> bool:
        """Say whether the server that `launch` started accepts connections."""
        try:
            lines = (self._directory / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"  # noqa: PLR2004

    def start(self) -> None:
        """Start the server and wait until it serves; raises `ServerError`."""
        began = time.monotonic()
        self.launch()
        while not self.is_ready():
            now = time.monotonic()
            if not self.alive():
                if now - began > self._retry_s:
                    raise ServerError(f"PostgreSQL does not start: {self._last_words()}")
                time.sleep(0.1)
                self.launch()
            if now - began > START_S_MAX:
                self.stop()
                raise ServerError(f"PostgreSQL was not ready after {START_S_MAX:.0f} s")
            time.sleep(0.005)

    def alive(self) -> bool:
        """Say whether the server process exists (it may still be recovering)."""
        return self._child is not None and self._child.poll() is None

    def stop(self, *, immediately: bool = False) -> None:
        """Stop the server: sessions are ended, a checkpoint is written (fast shutdown).

        `immediately` leaves the checkpoint out; the next start recovers, as after a crash.
        """
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGQUIT if immediately else signal.SIGINT)
        try:
            self._child.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            self._child.send_signal(signal.SIGQUIT)  # no checkpoint; the next start recovers
            self._child.wait()
        sockets = _socket_directory(self._directory)
        if sockets != self._directory:
            with contextlib.suppress(OSError):  # a server that was killed left its socket in it
                sockets.rmdir()

    def _reap(self) -> None:
        """Take leave of the child before: while it is a zombie its lock file seems alive."""
        if self._child is not None:
            try:
                self._child.wait(REAP_S)
            except subprocess.TimeoutExpired:
                raise ServerError(f"PostgreSQL still runs (process {self._child.pid})") from None

    def _make_private(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
        wanted = self._identity.get("user", os.geteuid())
        if directory.is_symlink() or found.st_uid not in {wanted, os.geteuid()}:
            raise ServerError(f"{directory} belongs to somebody else; remove it")
        if found.st_uid != wanted:
            os.chown(directory, wanted, self._identity["group"])
        directory.chmod(0o700)

    def _run_in(self, directory: Path, program: str, *arguments: str, text: str = "") -> None:
        """Run one of PostgreSQL's programs on `directory`, named to it by a descriptor."""
        number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        first, rest = (arguments[:1], arguments[1:]) if program == "postgres" else ((), arguments)
        command = [str(self._binaries / program), *first, "-D", f"/proc/self/fd/{number}", *rest]
        try:
            done = subprocess.run(  # noqa: S603  # our own binary, no shell
                command, input=text.encode(), capture_output=True, check=False, cwd="/",
                pass_fds=[number], env=environment(), **self._identity,
            )  # fmt: skip
        finally:
            os.close(number)
        if done.returncode != 0 or b"FATAL" in done.stderr or b"ERROR" in done.stderr:
            raise ServerError(f"{program} failed: {done.stderr.decode(errors='replace')[-500:]}")

    def _check_version(self) -> None:
        cluster = (self._directory / "PG_VERSION").read_text().strip()
        found = version_of(self._binaries, self._identity)
        if cluster != found:
            raise ServerError(
                f"{self._directory} was made by PostgreSQL {cluster}, these binaries are {found}"
            )

    def _remove_stale_locks(self) -> None:
        """Take away lock files of a dead server whose number another process has by now."""
        socket_lock = _socket_directory(self._directory) / f"{_SOCKET}.lock"
        for lock in (self._directory / "postmaster.pid", socket_lock):
            try:
                process = lock.read_text().split("\n")[0]
                lives_in = Path(f"/proc/{process}/cwd").readlink()
            except OSError:
                continue  # no lock, or nobody has that number: PostgreSQL sees to it
            if lives_in != self._directory.resolve():
                lock.unlink(missing_ok=True)

    def _last_words(self) -> str:
        words = (self._directory.parent / "postgres-start.log").read_text(errors="replace")
        return words.strip()[-500:] or f"see the log in {self._directory / 'log'}"


def embedded_url(directory: Path) -> str:
    """Return the address of the server that serves the cluster in `directory`."""
    where = quote(str(_socket_directory(directory.absolute())), safe="")
    return f"postgresql://{USER}@/{DATABASE}?host={where}"


def _socket_directory(directory: Path) -> Path:
    if len(str(directory / _SOCKET).encode()) <= _SOCKET_PATH_MAX:
        return directory
    mark = sha256(str(directory).encode()).hexdigest()[:12]
    return Path("/tmp") / f"pointsman-{os.geteuid()}-{mark}-pg"  # noqa: S108  # 0700, owner checked
