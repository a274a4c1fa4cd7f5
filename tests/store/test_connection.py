"""psycopg on Trio: it waits, is cancelled cleanly, and refuses a server that would lose commits."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import trio
from psycopg.conninfo import conninfo_to_dict

from pointsman.store.connection import (
    TrioConnection,
    UnsafeSettingsError,
    _resolved,
    check_durable,
    connect,
    usable,
)
from pointsman.store.server import EmbeddedPostgres
from pointsman.store.verbs import StoreUnavailableError
from tests.conftest import directory_for_servers, new_server


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(
        prefix="pointsman-unsafe-", dir=directory_for_servers()
    ) as name:
        server = new_server(Path(name) / "postgres")
        server.start()
        try:
            yield server
        finally:
            server.stop(immediately=True)


async def test_many_tasks_share_one_connection(database: str) -> None:
    connection = await connect(database)
    sums: list[int] = []

    async def ask(number: int) -> None:
        row = await (await connection.execute("select %s + 1", (number,))).fetchone()
        assert row is not None
        sums.append(row[0])

    async with trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(ask, number)
    assert sorted(sums) == list(range(1, 51))
    connection.end()


async def test_a_large_statement_and_a_large_answer_pass(database: str) -> None:
    connection = await connect(database)
    text = "x" * 5_000_000
    row = await (await connection.execute("select %s::text", (text,))).fetchone()
    assert row == (text,)
    connection.end()


async def test_a_call_gives_one_row_in_binary_form_and_raises_what_the_server_says(
    database: str,
) -> None:
    connection = await connect(database)
    statement = b"select 7 / $1::integer, null::text, $2::bytea"
    for _ in range(2):  # parsed, then known
        row = await connection.call(statement, [b"\0\0\0\1", b"raw"])
        assert row == [b"\0\0\0\7", None, b"raw"]
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connection.call(statement, [b"\0\0\0\0", b""])
    with pytest.raises(psycopg.errors.SyntaxError):
        await connection.call(b"select from where", [])
    assert usable(connection)
    connection.end()
    with pytest.raises(psycopg.OperationalError):
        await connection.call(statement, [b"\0\0\0\1", b""])


async def test_what_was_cancelled_ends_the_connection(database: str) -> None:
    connection = await connect(database)
    with trio.move_on_after(0.05) as scope:
        await connection.execute("select pg_sleep(60)")
    assert scope.cancelled_caught
    assert not usable(connection)
    assert connection.closed


async def test_a_server_that_is_not_there_is_unavailable_without_driver_text(
    tmp_path: Path,
) -> None:
    with pytest.raises(StoreUnavailableError) as raised:
        await connect(f"postgresql://somebody:secret@/there?host={tmp_path}")
    assert raised.value.__cause__ is None
    assert "secret" not in str(raised.value)


async def test_names_are_looked_up_before_libpq_sees_them_and_silence_has_an_end() -> None:
    found = await _resolved("postgresql://user@localhost,127.0.0.1/base?keepalives_idle=9")
    parameters = conninfo_to_dict(found)
    assert parameters["host"] == "localhost,127.0.0.1"
    assert str(parameters["hostaddr"]).split(",")[1] == "127.0.0.1"
    assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == ("9", "10000")
    assert "hostaddr" not in conninfo_to_dict(await _resolved("postgresql:///base?host=/run"))


async def test_a_peer_that_never_answers_is_given_up(tmp_path: Path) -> None:
    listener = trio.socket.socket(trio.socket.AF_UNIX)
    await listener.bind(str(tmp_path / ".s.PGSQL.5432"))
    listener.listen(1)
    with listener, pytest.raises(StoreUnavailableError):
        await connect(f"postgresql:///there?host={tmp_path}", timeout_s=0.1)


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
@pytest.mark.parametrize("whose", ["database {}", "role pointsman in database {}"])
async def test_a_commit_that_does_not_wait_for_the_disk_is_refused(
    database: str, whose: str, value: str
) -> None:
    with psycopg.connect(database, autocommit=True) as administrator:
        where = whose.format(administrator.info.dbname)
        administrator.execute(f"alter {where} set synchronous_commit = {value}".encode())
    with pytest.raises(UnsafeSettingsError) as raised:
        await connect(database)
    assert (raised.value.setting, raised.value.value) == ("synchronous_commit", value)


async def test_unsafe_settings_are_refused_and_seen_again_at_run_time(
    own_server: EmbeddedPostgres,
) -> None:
    connection = await connect(own_server.url)
    for setting in ("fsync", "full_page_writes"):
        with psycopg.connect(own_server.url, autocommit=True) as administrator:
            administrator.execute(f"alter system set {setting} = off".encode())
            administrator.execute("select pg_reload_conf()")
        assert await _complaint(connection, wanted=setting) == setting
        with pytest.raises(UnsafeSettingsError, match=setting):
            await connect(own_server.url)
        with psycopg.connect(own_server.url, autocommit=True) as administrator:
            administrator.execute(f"alter system reset {setting}".encode())
            administrator.execute("select pg_reload_conf()")
        assert await _complaint(connection, wanted="") == ""
    connection.end()


async def _complaint(connection: TrioConnection, *, wanted: str) -> str:
    """Look until the server has read its settings anew; return the setting complained of."""
    found = ""
    for _ in range(500):
        found = ""
        try:
            await check_durable(connection)
        except UnsafeSettingsError as error:
            found = error.setting
        if found == wanted:
            break
        await trio.sleep(0.01)
    return found
