"""The embedded server: made whole or not at all, survives kill -9, bothers nobody else."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from pointsman.store.server import EmbeddedPostgres, ServerError, embedded_url
from tests.conftest import directory_for_servers, new_server

AS_ROOT = os.geteuid() == 0

_CHILD = """
import sys, time
from pathlib import Path
from tests.conftest import new_server
server = new_server(Path(sys.argv[1]))
server.start()
print(server.pid, server.url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def private() -> Iterator[Path]:
    """Return a directory that only its owner may enter, like a home."""
    with tempfile.TemporaryDirectory(prefix="pointsman-home-", dir=directory_for_servers()) as name:
        Path(name).chmod(0o700)
        yield Path(name)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """Return a cluster below a private directory, made once; each test starts its own server."""
    with tempfile.TemporaryDirectory(prefix="pointsman-home-", dir=directory_for_servers()) as name:
        Path(name).chmod(0o700)
        before = _modes(Path(name))
        new_server(Path(name) / "data" / "postgres")
        assert _modes(Path(name)) == before, "a parent directory was opened to somebody"
        yield Path(name) / "data" / "postgres"


def _modes(directory: Path) -> list[int]:
    return [stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.parents)]


def _gone(pid: int) -> bool:
    for _ in range(500):
        if not Path(f"/proc/{pid}").exists():
            return True
        time.sleep(0.01)
    return False


def _answers(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("select 1").fetchone()


def test_a_server_below_a_private_home_works(cluster: Path) -> None:
    server = new_server(cluster)
    server.start()
    try:
        assert server.alive()
        assert _answers(server.url) == (1,)
        if AS_ROOT:
            assert cluster.stat().st_uid != 0
    finally:
        server.stop()
    assert not server.alive()


def test_data_survive_kill_9_and_a_stale_lock_file(cluster: Path) -> None:
    server = new_server(cluster)
    server.start()
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("create table kept (number integer)")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.start()
        assert _answers(server.url) == (1,)
        os.kill(server.pid, signal.SIGKILL)
        os.waitpid(server.pid, 0)
        # As after a reboot: another process has the number in the lock file by now.
        for lock in (cluster / "postmaster.pid", cluster / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().split("\n")
            lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))
        again = new_server(cluster)
        again.start()
        with psycopg.connect(again.url) as connection:
            assert connection.execute("select count(*) from kept").fetchone() == (0,)
        again.stop()
    finally:
        server.stop()


def test_an_interrupted_first_start_leaves_nothing_half_made(private: Path) -> None:
    directory = private / "postgres"
    unfinished = private / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18")
    server = new_server(directory)
    assert not unfinished.exists()
    server.start()
    server.stop()


def test_a_second_server_on_the_same_cluster_is_refused(
    cluster: Path,
) -> None:
    server = new_server(cluster)
    server.start()
    try:
        with pytest.raises(ServerError, match="does not start"):
            EmbeddedPostgres(cluster, retry_s=0.2).start()
        assert _answers(server.url) == (1,)
    finally:
        server.stop()


def test_a_deep_directory_gets_a_short_socket(private: Path) -> None:
    directory = private / ("d" * 60) / ("e" * 60) / "postgres"
    server = new_server(directory)
    server.start()
    try:
        url = embedded_url(directory)
        assert _answers(url) == (1,)
    finally:
        server.stop()
    (sockets,) = parse_qs(urlsplit(url).query)["host"]
    assert not Path(sockets).exists()


def test_the_server_ends_with_its_parent(cluster: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(cluster)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    pid, url = child.stdout.readline().split()
    assert _answers(url) == (1,)
    child.kill()
    child.wait()
    child.stdout.close()
    assert _gone(int(pid))


@pytest.mark.skipif(not AS_ROOT, reason="needs root to become another user")
def test_root_and_another_user_have_servers_at_the_same_time(cluster: Path) -> None:
    other = pwd.getpwnam("daemon")
    mine = new_server(cluster)
    mine.start()
    try:
        with tempfile.TemporaryDirectory(prefix="pointsman-other-") as name:
            os.chown(name, other.pw_uid, other.pw_gid)
            # A fork, not a new interpreter: that may lie where the other user cannot go.
            child = os.fork()
            if child == 0:
                os._exit(_serve_as(other, Path(name) / "postgres"))
            assert os.waitpid(child, 0)[1] == 0
        assert _answers(mine.url) == (1,)
    finally:
        mine.stop()


def _serve_as(user: pwd.struct_passwd, directory: Path) -> int:
    try:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        server = new_server(directory)
        server.start()
        answer = _answers(server.url)
        server.stop()
    except Exception:  # noqa: BLE001  # a forked child tells by its exit code
        traceback.print_exc()
        return 1
    return 0 if answer == (1,) else 1


def test_a_directory_without_binaries_is_told(private: Path) -> None:
    with pytest.raises(ServerError, match="no PostgreSQL binaries"):
        EmbeddedPostgres(private / "postgres", binaries=private).prepare()


def test_the_log_holds_no_values(cluster: Path) -> None:
    server = new_server(cluster)
    server.start()
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create table secrets (value text primary key)")
            for _ in range(2):
                try:
                    connection.execute("insert into secrets values ('4111111111111111')")
                except psycopg.errors.UniqueViolation:
                    break
    finally:
        server.stop()
    logs = list((cluster / "log").iterdir())
    text = "".join(path.read_text() for path in logs)
    assert "duplicate key" in text
    assert "4111111111111111" not in text
